"""One console session: joins the client, the sound, the tools and what the page shows.

It decides little itself. The client knows the protocol, the sink knows what was heard, the log
and the conversation view know what to show; here their signals meet.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from console import pcm, tasks
from console.app import microphone_lease
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.event_record import EventRecord
from console.app.item_view import CallOutcome
from console.app.microphone_lease import MicrophoneTakenError
from console.app.session_editor import SessionEditor
from console.app.session_feed import SessionFeed
from console.app.session_life import SessionLife
from console.app.session_notices import SessionNotices
from console.app.session_tools import SessionTools
from console.app.spoken_turns import SpokenTurns
from console.app.view_model import (
    CaptureMode,
    MicrophoneState,
    Phase,
    SpeakerState,
    TurnMode,
    ViewModel,
)
from console.audio.ports import AudioSink, AudioSource, Heard
from console.client.carry_over import LOST
from console.client.client import RealtimeClient
from console.client.happenings import ErrorReport, RealtimeEvent, ToolCalled
from console.client.targets import Target
from console.clock import Clock
from console.errors import AudioDeviceError, ConnectError, ConsoleError
from console.realtime.items import ItemUpdate, Response
from console.transport import Closed

logger = logging.getLogger(__name__)

MAX_MESSAGE_CHARACTERS = 32_000
CANCEL_TIMEOUT_S = 0.5
"""How long a line that takes nothing may keep an answer from being cancelled before it is closed."""
_SPEAKER_SENTENCES: dict[SpeakerState, str] = {
    "blocked": "The browser plays no sound until you click: click anywhere on this page to hear.",
    "unavailable": "This browser plays no sound here. Open the console at http://localhost, or "
    "read the answers.",
}


class Controller:
    """What the user of one session can do, and what happens then."""

    def __init__(
        self,
        *,
        new_client: Callable[[], RealtimeClient],
        view: ViewModel,
        log: EventLog,
        conversation: ConversationView,
        feed: SessionFeed,
        tools: SessionTools,
        source: AudioSource,
        sink: AudioSink,
        set_capture: Callable[[CaptureMode], None],
        let_go: Callable[[], None],
        is_source_gated: bool,
        clock: Clock,
        server: Callable[[], Target | None] = lambda: None,
        is_guest: bool = False,
    ) -> None:
        """Join the parts of a session; nothing happens before `connect`.

        Args:
            new_client: Makes the client, once, when the first session is begun.
            view: What the page shows; changed here.
            log: Where events go.
            conversation: Where items go.
            feed: Told when log or conversation has changed.
            tools: What the model may call.
            source: The microphone.
            sink: The speaker.
            set_capture: Tells the microphone's side what may be sent.
            let_go: Has the microphone's side end a press that is held.
            is_source_gated: Whether the source itself heeds `set_capture` and the button;
                one that does not is heard only while the button is held, here.
            clock: Time.
            server: Returns whom the next session will be with; None while nobody knows.
            is_guest: Whether the user is somebody's guest.
        """
        self._make_client = new_client
        self._view = view
        self._conversation = conversation
        self._feed = feed
        self._tools = tools
        self._sink = sink
        self._clock = clock
        self._client: RealtimeClient | None = None
        self._calls_anew = False
        self._attempt: asyncio.Task[None] | None = None
        self._is_leaving = False
        self._last_track: str | None = None
        self._record = EventRecord(log, feed, clock)
        self._notices = SessionNotices(view, is_guest=is_guest)
        self.spoken = SpokenTurns(
            view,
            self._notices,
            source,
            set_capture=set_capture,
            let_go=let_go,
            is_source_gated=is_source_gated,
            current_client=lambda: self._client,
            interrupt=self._interrupt,
        )
        """What the user says."""
        self._life = SessionLife(view, clock, line_lost=self._line_lost)
        self.editor = SessionEditor(
            view,
            server,
            is_guest=is_guest,
            call_anew=self.call_anew,
            turn_changed=self.spoken.change_mode,
        )
        """What is asked of the session."""

    @property
    def client(self) -> RealtimeClient | None:
        """The client of the session; None before its first connection."""
        return self._client

    # What the user does

    async def connect(self, *, with_microphone: bool = True) -> None:
        """Begin a session; what comes of it is told through the view.

        What an earlier session left stays until the server has begun the new one.
        """
        if self._view.phase is not Phase.DISCONNECTED:
            return
        self._view.dismiss_all()
        self._attempt = tasks.spawn(self._connect(with_microphone), name="connect")
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._attempt)

    def call_anew(self) -> None:
        """Make a new client for the next session: it is to call somebody else."""
        self._calls_anew = True

    async def disconnect(self) -> None:
        """End the session, or give up beginning one; everything so far stays."""
        await tasks.cancel(self._attempt)
        self._is_leaving = True
        try:
            heard = await self._end()
            self._life.user_left()
            if self._client is not None:
                await self._stop_answer(self._client)
                await self._client.disconnect()
                self._close_conversation(heard)  # the server has had its last words on it
        finally:
            self._is_leaving = False

    async def close(self) -> None:
        """End for good."""
        await self.disconnect()
        await self._sink.stop()

    async def set_turn(self, mode: TurnMode) -> None:
        """Say who ends a turn; while connected, the server is told."""
        if mode != self._view.turn:
            with self._notices.report("change the turn detection"):
                await self.editor.set_turn(mode)

    async def send_text(self, text: str, picture: bytes | None = None) -> bool:
        """Send what the user typed, and ask for an answer; it interrupts one going on.

        Args:
            text: The message; may be empty where there is a picture.
            picture: A PNG or JPEG that is shown to the model with it.

        Returns:
            Whether it was sent; if not, the user has been told why.
        """
        client = self._client
        if not text.strip() and picture is None:
            return False
        if client is None or self._view.phase is not Phase.CONNECTED:
            self._notices.tell("message", "warning", "Not connected: connect first, then send.")
            return False
        if len(text) > MAX_MESSAGE_CHARACTERS:
            self._notices.tell(
                "message",
                "warning",
                f"The message has {len(text):,} characters; {MAX_MESSAGE_CHARACTERS:,} is the "
                "most. Send it in parts.",
            )
            return False
        with self._notices.report("send the message"):
            await self._interrupt()
            if picture is None:
                await client.send_user_message_content([{"type": "input_text", "text": text}])
            else:
                await client.send_image(picture, text)
            return True
        return False

    async def continue_answer(self) -> None:
        """Ask for the rest of an answer that was cut off when the line was lost."""
        client = self._client
        if client is None or self._view.phase is not Phase.CONNECTED:
            self._notices.tell("message", "warning", "Not connected: connect first, then go on.")
            return
        with self._notices.report("go on with the answer"):
            await client.create_response()

    async def decide_approval(self, item_id: str, approve: bool) -> None:
        """Let a call of an MCP tool go on that waits for the user, or not; then it is answered."""
        client = self._client
        if client is None or self._view.phase is not Phase.CONNECTED:
            self._notices.tell("message", "warning", "Not connected: the call cannot be decided.")
        else:
            with self._notices.report("decide the call"):
                await client.approve_mcp_call(item_id, approve=approve)
                return
        self._conversation.ask_again(item_id)
        self._feed.touch()

    async def delete_item(self, item_id: str) -> None:
        """Delete an item: from the server's conversation, or from the page when it is over."""
        client = self._client
        if client is not None and client.is_connected:
            with self._notices.report("delete the item"):
                if item_id == self._last_track:  # it is being made or heard, perhaps
                    await self._interrupt()
                await client.delete_item(item_id)
            return
        left = [each.id for each in self._conversation.views() if each.id != item_id]
        self._conversation.remove(item_id, lambda: left)
        self._feed.touch()

    def speaker_changed(self, state: SpeakerState) -> None:
        """The browser's speaker can be heard, or cannot."""
        sentence = _SPEAKER_SENTENCES.get(state)
        if sentence is None:
            self._view.dismiss("speaker")
        else:
            self._notices.tell("speaker", "warning", sentence)

    # Connecting and ending

    async def _connect(self, with_microphone: bool) -> None:
        try:
            await self._begin(with_microphone)
        except MicrophoneTakenError as error:
            await self._end()
            notice = microphone_lease.NOTICE
            if error.is_over:
                self._notices.tell(notice, "info", microphone_lease.FREE, "retry")
            else:
                self._notices.tell(notice, "warning", str(error), "take_microphone")
        except AudioDeviceError as error:
            await self._end()
            self._notices.tell("connection", "error", str(error), "type_instead")
        except ConnectError as error:
            await self._end()
            self._notices.refused(error)
        except (ConsoleError, ValueError) as error:  # ValueError: what is asked for cannot be
            await self._end()
            self._notices.tell("connection", "error", str(error))
        except asyncio.CancelledError:
            await self._end()
            raise

    async def _begin(self, with_microphone: bool) -> None:
        view = self._view
        if with_microphone:
            view.set_connection(Phase.CONNECTING, "waiting for the microphone")
            await self.spoken.open()
        view.set_connection(Phase.CONNECTING, f"calling {view.target.label}")
        await self._open_speaker()
        if self._calls_anew:
            self._client, self._calls_anew = None, False
        client = self._client = self._client or await self._new_client()
        await self._tools.begin(client)
        with self._record.holding_back():
            await client.connect()
        if with_microphone:
            self.spoken.hear(client)
        view.set_connection(Phase.CONNECTED, at_s=self._clock.wall_s())
        self.spoken.begin()

    async def _open_speaker(self) -> None:
        try:
            await self._sink.start()
        except AudioDeviceError as error:
            self._notices.tell("speaker", "warning", f"{error} You can read the answers.")

    async def _stop_answer(self, client: RealtimeClient) -> None:
        """Have the server make no more of an answer that nobody will hear."""
        if client.target.is_call:  # it goes on, and is somebody else's
            return
        with contextlib.suppress(ConsoleError, TimeoutError):  # then the close has to do
            async with asyncio.timeout(CANCEL_TIMEOUT_S):
                await client.cancel_response()

    async def _end(self) -> Heard | None:
        """Bring everything to rest; what was seen and said stays. Returns what was being heard."""
        heard = None
        try:
            await self.spoken.stop()
            heard = await self._sink.interrupt()
            await self._sink.clear()
        except Exception:  # whatever is wrong with the sound, the session has ended
            logger.exception("the sound of a session could not be brought to rest")
        self._close_conversation(heard)
        self._view.set_microphone(MicrophoneState.OFF)
        self._view.set_talking(False)
        self._view.set_answering(False)
        if self._view.phase is not Phase.DISCONNECTED:
            self._view.set_connection(Phase.DISCONNECTED)
        return heard

    def _close_conversation(self, heard: Heard | None) -> None:
        if heard is None:
            self._conversation.end_session()
        else:
            self._conversation.end_session(heard.track, int(pcm.samples_to_ms(heard.n_samples)))
        self._feed.touch()

    async def _new_client(self) -> RealtimeClient:
        client = self._make_client()
        self._record.follow(client)
        client.on("realtime.event", self._event)
        client.on("conversation.cleared", self._cleared)
        client.on("conversation.updated", self._item_updated)
        client.on("conversation.interrupted", self._speech_began)
        client.on("response.updated", self._response_updated)
        client.on("tool.called", self._tool_called)
        client.on("error", self._error)
        client.on("close", self._closed)
        client.on("session.moved", self._moved)
        self._life.follow(client)
        if not client.target.is_call and client.target.session_type == "realtime":
            await self._tools.add_to(client)
        await self.editor.configure(client)
        return client

    # Sound

    async def _interrupt(self) -> None:
        """Stop the sound and the answer, and tell the server how far it was heard."""
        client = self._client
        heard = await self._sink.interrupt()
        if client is None or not client.is_connected:
            return
        if heard is None or client.conversation.get(heard.track) is None:
            await client.cancel_response()
        else:
            await client.cancel_response(heard.track, heard.n_samples)

    async def _speech_began(self, _: object) -> None:
        with self._notices.report("interrupt the answer"):
            await self._interrupt()

    # What the client tells

    def _event(self, event: RealtimeEvent) -> None:
        if event.event.type == "input_audio_buffer.speech_started":
            self._view.set_talking(True)
        elif event.event.type == "input_audio_buffer.speech_stopped":
            self._view.set_talking(False)

    def _cleared(self, _: None) -> None:
        self._conversation.clear()

    def _item_updated(self, update: ItemUpdate) -> None:
        if update.kind == "deleted":
            self._conversation.remove(update.item.id, self._item_order)
        else:
            self._conversation.update(update.item, self._item_order, update.delta)
        if update.item.role == "assistant":
            self._play(update)
        self._feed.touch()

    def _item_order(self) -> list[str]:
        assert self._client is not None
        return [each.id for each in self._client.conversation.items]

    def _play(self, update: ItemUpdate) -> None:
        if update.delta is not None and update.delta.audio:
            self._last_track = update.item.id
            self._sink.play(update.item.id, update.delta.audio)
        elif update.kind == "completed" and update.item.audio_ms:
            self._sink.finish(update.item.id)

    def _response_updated(self, response: Response) -> None:
        if response.is_out_of_band:
            return
        self._view.set_answering(not response.is_done)
        if not response.is_done:
            self._life.conversation_goes_on()
        if response.reason == LOST:
            self._life.answer_was_cut()
        elif response.status in ("failed", "incomplete"):
            why = (response.reason or "no reason given").rstrip(".")
            what = (
                "The answer failed" if response.status == "failed" else "The answer is incomplete"
            )
            self._notices.tell("response", "warning", f"{what}: {why}.")

    def _tool_called(self, call: ToolCalled) -> None:
        if call.phase == "finished":
            outcome = CallOutcome(error=call.error, duration_ms=call.duration_s * 1000)
            self._conversation.set_outcome(call.call_id, outcome)
            if call.error:
                logger.warning("the tool %s failed: %s", call.name, call.error)
        self._feed.touch()

    def _error(self, report: ErrorReport) -> None:
        if report.code == "bad_message":
            self._notices.unreadable(report.message)
        elif report.code == "sound_lost":
            self._life.speech_was_lost(report.message)
        else:
            self._notices.wrong(report)

    def _line_lost(self) -> None:
        self.spoken.line_lost()
        self._session_gone()

    def _moved(self, _: object) -> None:
        self._session_gone()

    def _session_gone(self) -> None:
        """Ask nothing any more on behalf of a session that another has replaced, or will."""
        if self._client is not None and not self._client.target.is_call:  # a call is the same one
            self._conversation.lapse_approvals()
            self._feed.touch()

    def _closed(self, closed: Closed) -> None:
        if not self._is_leaving:
            tasks.spawn(self._lost(closed), name="session lost")

    async def _lost(self, closed: Closed) -> None:
        """The server ended the session, or the line broke."""
        if self._view.phase not in (Phase.CONNECTED, Phase.RECONNECTING):
            return
        await self._end()
        sentence = self._life.last_words or f"The connection has ended ({closed.code})."
        self._notices.ended(sentence, self._life.last_cause)
