"""The conversation while it goes on: its items to the page, its answers to the speaker.

What the user does to either is here too: interrupt an answer, delete an item, decide a call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from console import pcm
from console.app.conversation_view import ConversationView
from console.app.item_view import CallOutcome, failure_of
from console.app.session_feed import SessionFeed
from console.app.session_life import SessionLife
from console.app.session_notices import SessionNotices
from console.app.view_model import Phase, ViewModel
from console.audio.ports import AudioSink, Heard
from console.client.carry_over import LOST
from console.client.client import RealtimeClient
from console.client.happenings import ToolCalled
from console.realtime.items import ItemUpdate, Response

logger = logging.getLogger(__name__)


class LiveConversation:
    """Takes what the client tells of items, answers and calls to whom it concerns."""

    def __init__(
        self,
        view: ViewModel,
        notices: SessionNotices,
        life: SessionLife,
        *,
        shown: ConversationView,
        feed: SessionFeed,
        sink: AudioSink,
        current_client: Callable[[], RealtimeClient | None],
    ) -> None:
        """Prepare to follow a client.

        Args:
            view: What the page shows; changed here.
            notices: Tells the user what is wrong.
            life: Told what of the conversation a lost line has to do with.
            shown: Where items go.
            feed: Told when they have changed.
            sink: The speaker.
            current_client: Returns who speaks with the server, once somebody does.
        """
        self._view = view
        self._notices = notices
        self._life = life
        self._shown = shown
        self._feed = feed
        self._sink = sink
        self._current_client = current_client
        self._last_track: str | None = None

    def follow(self, client: RealtimeClient) -> None:
        """Take the conversation of `client` to page and speaker from now on."""
        client.on("conversation.cleared", self._cleared)
        client.on("conversation.updated", self._item_updated)
        client.on("conversation.interrupted", self._speech_began)
        client.on("response.updated", self._response_updated)
        client.on("tool.called", self._tool_called)
        client.on("session.moved", self._moved)

    async def interrupt(self) -> None:
        """Stop the sound and the answer, and tell the server how far it was heard."""
        client = self._current_client()
        heard = await self._sink.interrupt()
        if client is None or not client.is_connected:
            return
        if heard is None or client.conversation.get(heard.track) is None:
            await client.cancel_response()
        else:
            await client.cancel_response(heard.track, heard.n_samples)

    async def decide_approval(self, item_id: str, approve: bool) -> None:
        """Let a call of an MCP tool go on that waits for the user, or not; then it is answered."""
        client = self._current_client()
        if client is None or self._view.phase is not Phase.CONNECTED:
            self._notices.tell("message", "warning", "Not connected: the call cannot be decided.")
        else:
            with self._notices.report("decide the call"):
                await client.approve_mcp_call(item_id, approve=approve)
                return
        self._shown.ask_again(item_id)
        self._feed.touch()

    async def delete_item(self, item_id: str) -> None:
        """Delete an item: from the server's conversation, or from the page when it is over."""
        client = self._current_client()
        if client is not None and client.is_connected and self._shown.is_item(item_id):
            with self._notices.report("delete the item"):
                if item_id == self._last_track:  # it is being made or heard, perhaps
                    await self.interrupt()
                await client.delete_item(item_id)
            return
        left = [each.id for each in self._shown.views() if each.id != item_id]
        self._shown.remove(item_id, lambda: left)
        self._feed.touch()

    def lapse(self) -> None:
        """Ask nothing any more on behalf of a session that another has replaced, or will."""
        client = self._current_client()
        if client is not None and not client.target.is_call:  # a call is the same one
            self._shown.lapse_approvals()
            self._feed.touch()

    def end(self, heard: Heard | None) -> None:
        """Bring items to rest that were going on; what was seen and said stays.

        Args:
            heard: The answer that was being heard, and how far.
        """
        if heard is None:
            self._shown.end_session()
        else:
            self._shown.end_session(heard.track, int(pcm.samples_to_ms(heard.n_samples)))
        self._feed.touch()

    def _cleared(self, _: None) -> None:
        self._shown.clear()

    def _item_updated(self, update: ItemUpdate) -> None:
        if update.kind == "deleted":
            self._shown.remove(update.item.id, self._item_order)
        else:
            self._shown.update(update.item, self._item_order, update.delta)
        if update.item.role == "assistant":
            self._play(update)
        self._feed.touch()

    def _item_order(self) -> list[str]:
        client = self._current_client()
        assert client is not None
        return [each.id for each in client.conversation.items]

    def _play(self, update: ItemUpdate) -> None:
        if update.delta is not None and update.delta.audio:
            self._last_track = update.item.id
            self._sink.play(update.item.id, update.delta.audio)
        elif update.kind == "completed" and update.item.audio_ms:
            self._sink.finish(update.item.id)

    async def _speech_began(self, _: object) -> None:
        with self._notices.report("interrupt the answer"):
            await self.interrupt()

    def _response_updated(self, response: Response) -> None:
        if response.is_out_of_band:
            return
        self._view.set_answering(not response.is_done)
        if not response.is_done:
            self._life.conversation_goes_on()
        if response.reason == LOST:
            self._life.answer_was_cut()
        elif sentence := failure_of(response):
            self._notices.tell("response", "warning", sentence)
            self._shown.tell_failure(response.id, sentence, self._item_order)
            self._feed.touch()

    def _tool_called(self, call: ToolCalled) -> None:
        if call.phase == "finished":
            outcome = CallOutcome(error=call.error, duration_ms=call.duration_s * 1000)
            self._shown.set_outcome(call.call_id, outcome)
            if call.error:
                logger.warning("the tool %s failed: %s", call.name, call.error)
        self._feed.touch()

    def _moved(self, _: object) -> None:
        self.lapse()
