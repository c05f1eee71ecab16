"""Watches one session of a relay, and shows it as one's own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from console import tasks
from console.app.observed_session import ObservedSession
from console.app.view_model import Notice, Part, Phase, Target, ViewModel
from console.audio.ports import AudioSink
from console.client.relay_sessions import RelaySessions
from console.clock import Clock
from console.errors import ConnectError, ProtocolError
from console.realtime import observed
from console.realtime.fields import mapping, text
from console.realtime.items import ItemUpdate, Response
from console.realtime.observed import (
    GONE,
    ListedSession,
    ObservedEnd,
    ObservedEvent,
    ObservedGap,
    ObservedNow,
)
from console.transport import Closed, Transport

logger = logging.getLogger(__name__)

NOTICE: Final = "watch"


class RelayWatch:
    """One session of a relay as a page shows it: what has happened, and what happens."""

    def __init__(
        self,
        relay: RelaySessions,
        session: ListedSession,
        *,
        new_sink: Callable[[ObservedSession], AudioSink],
        on_change: Callable[[Part], None],
        clock: Clock,
    ) -> None:
        """Prepare to watch; nothing happens before `run`.

        Args:
            relay: Whose session.
            session: Which, as the relay has listed it.
            new_sink: Makes the speaker on which the answers are heard, for a feed.
            on_change: Called when a part of the view has changed.
            clock: Time.
        """
        self.observed = ObservedSession(
            on_item=self._item_changed,
            on_response=self._response_changed,
            on_speech=self._speech_changed,
            on_session=self._session_told,
        )
        self.view = ViewModel(target=_target(relay, session), on_change=on_change)
        self._relay, self._mask = relay, relay.new_mask()
        self._session = session
        self._sink = new_sink(self.observed)
        self._clock = clock
        self._is_live = False

    async def run(self) -> None:
        """Watch until the session or the line ends; what was seen stays."""
        self.view.set_connection(Phase.CONNECTING, f"calling {self._relay.where}")
        try:
            transport = await self._relay.open(self._session.id)
        except ConnectError as error:
            self._over(str(error))
            return
        began_s = self._clock.now_s() - self._session.seconds
        self.view.set_connection(Phase.CONNECTED, at_s=began_s)
        try:
            self._over(await self._follow(transport))
        finally:
            await transport.close()
            await self._sink.stop()

    async def _follow(self, transport: Transport) -> str:
        """Take in what comes; return why nothing more does, in a sentence."""
        sentence = ""
        while True:
            message = await transport.receive()
            if isinstance(message, Closed):
                return self._mask.hide(sentence or _ended(message))
            try:
                told = observed.parse(self._mask.hide_in_message(message))
            except ProtocolError as error:
                logger.warning("%s", error)
                continue
            match told:
                case ObservedEvent():
                    self._mask.hide_in_delta(text(told.event, "type"), told.event)
                    self.observed.take(told)
                case ObservedGap():
                    self.observed.take(told)
                    self._tell_gap(told)
                case ObservedNow():
                    self._is_live = True
                case ObservedEnd():
                    sentence = f"The session has ended: {told.reason} ({told.code})."

    def _over(self, sentence: str) -> None:
        self.observed.end()
        self.view.set_talking(False)
        self.view.set_answering(False)
        self.view.set_connection(Phase.DISCONNECTED)
        self.view.add_notice(Notice(NOTICE, "info", sentence))

    def _tell_gap(self, gap: ObservedGap) -> None:
        events = "1 event" if gap.n_events == 1 else f"{gap.n_events:,} events"
        sentence = (
            f"{events} from before are not remembered by the relay; the oldest sound goes first."
        )
        self.view.add_notice(Notice(f"{NOTICE}-gap", "info", sentence))

    def _item_changed(self, update: ItemUpdate) -> None:
        # What was said before somebody began to watch can be played in the conversation.
        if not self._is_live or update.item.role != "assistant":
            return
        if update.kind == "truncated":
            self._hush()
        elif update.delta is not None and update.delta.audio:
            self._sink.play(update.item.id, update.delta.audio)
        elif update.kind == "completed" and update.item.audio_ms:
            self._sink.finish(update.item.id)

    def _response_changed(self, response: Response) -> None:
        self.view.set_answering(not response.is_done)

    def _speech_changed(self, is_heard: bool) -> None:
        self.view.set_talking(is_heard)
        if is_heard and self._is_live:
            self._hush()

    def _session_told(self, session: dict[str, Any]) -> None:
        voice = text(mapping(mapping(session, "audio"), "output"), "voice")
        model = text(session, "model") or self.view.target.model
        self.view.set_target(replace(self.view.target, model=model, voice=voice))

    def _hush(self) -> None:
        """Let the answer be silent: its user does not hear it any more either."""
        tasks.spawn(self._sink.interrupt(), name="hush a watched session")


def _target(relay: RelaySessions, session: ListedSession) -> Target:
    client = session.agent or session.address
    return Target(
        label=f"{session.token} at {relay.where}",
        model=session.model,
        voice="",
        hint=f"Watching {client}, which talks to {session.upstream} through {relay.where}.",
        is_simulator=False,
    )


def _ended(closed: Closed) -> str:
    if closed.code == GONE:
        return "This session has ended, and the relay does not remember it any more."
    if closed.code == 1000:
        return "The session has ended."
    if closed.code == 3000:
        return "The relay does not accept this operator's token. Check CONSOLE_OPERATOR_TOKEN."
    why = closed.reason or f"code {closed.code}"
    return f"The line to the relay has ended ({why}). Open the session again to go on watching."
