"""From the service to a client: read, accounted for, judged, translated, and written anew."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from console import audio_format, pcm
from console.audio_format import AudioFormat
from console.clock import Clock
from console.realtime import fields
from console.realtime.dialect import BetaClientDialect
from console.realtime.refusal import Refusal
from console.relay.ending import INTERNAL_ERROR
from console.relay.lane import Lane, Parcel
from console.relay.opening import Opening
from console.relay.ports import Lease
from console.relay.relay_tools import RelayTools
from console.relay.server_rules import ServerRules
from console.relay.uplink import Unwanted, Uplink
from console.scrubber import scrubber
from console.serving import messages
from console.wire_mask import WireMask

logger = logging.getLogger(__name__)

Event = dict[str, Any]

MAX_GARBAGE: Final = 10
"""So many messages in a row may be no events."""
_AUDIO: Final = "response.output_audio.delta"
_SESSION_EVENTS: Final = frozenset({"session.created", "session.updated"})
_COUNTED: Final = _SESSION_EVENTS | {
    "response.created",
    "response.done",
    "conversation.item.input_audio_transcription.completed",
}
"""What a lease has to know before anybody else."""


@dataclass(slots=True)
class Downlink:
    """Takes the messages of the service for one client."""

    name_in_log: str
    rules: ServerRules
    tools: RelayTools
    opening: Opening
    uplink: Uplink
    lane: Lane
    lease: Lease
    clock: Clock
    beta: BetaClientDialect | None
    mask: WireMask
    """Hides what lets the relay in at the service, should the service quote it."""
    send_first: Callable[[Event], Awaitable[None]]
    """Sends an event of the relay's own before all that waits."""
    began: Callable[[], None]
    """Told once what the client says may go up."""
    unseen: Callable[[Event, float], None]
    """Told of an event that the client's dialect has no word for."""
    answering: set[str] = field(default_factory=set)
    """The responses that go on."""
    audio_format: AudioFormat = AudioFormat.PCM
    """Of the sound that the session answers with."""
    _n_garbage: int = 0

    async def take(self, message: str | bytes) -> None:
        """Handle a message.

        Raises:
            KeptSettingsRefused: The service does not accept what the policy keeps.
            Unwanted: The service has sent nothing but garbage for a while.
            websockets.ConnectionClosed: One side has gone.
        """
        received_s = self.clock.now_s()
        try:
            event = messages.read(self.mask.hide_in_message(message))
        except Refusal as refusal:
            self._count_garbage(refusal)
            return
        self._n_garbage = 0
        self.mask.hide_in_delta(fields.text(event, "type"), event)
        if self.opening.has_begun:
            await self._pass(event, received_s)
            return
        up, down = self.opening.take(event)
        for each in up:
            await self.send_first(each)
        if self.opening.has_begun:
            self.began()
        for each in down:
            await self._pass(each, received_s)

    async def begin(self) -> None:
        """Hold nothing back any more."""
        for each in self.opening.begin():
            await self._pass(each, self.clock.now_s())

    async def tell(self, event: Event, received_s: float, audio_s: float = 0.0) -> None:
        """Send the client an event of today's form, in its own dialect."""
        for parcel in self.parcels(event, received_s, audio_s):
            await self.lane.put(parcel)

    def parcels(self, event: Event, received_s: float, audio_s: float = 0.0) -> list[Parcel]:
        """Return what the client is to be sent for an event of today's form."""
        said = [event] if self.beta is None else self.beta.to_client(event)
        if not said:
            self.unseen(event, received_s)
        made = []
        for n, each in enumerate(said):
            text = messages.write(each)
            if each.get("type") == "error":
                text = scrubber.without_secrets(text)
            made.append(Parcel(text, event if n == 0 else None, received_s, audio_s))
        return made

    # ------------------------------------------------------------ one event

    async def _pass(self, event: Event, received_s: float) -> None:
        kind = event.get("type")
        audio_s = 0.0
        if kind == _AUDIO:
            size = pcm.decoded_size(fields.text(event, "delta"))
            audio_s = self.audio_format.duration_ms(size) / 1000
        elif kind in _COUNTED:
            await self._account(event)
        elif kind == "error" and self._is_our_own(event):
            return
        left: Event | None = self.tools.take(event) if self.tools else event
        if left is not None and (judged := self.rules.judge(left)) is not None:
            try:
                await self.tell(judged, received_s, audio_s)
            except Refusal as refusal:
                self._count_garbage(refusal)

    async def _account(self, event: Event) -> None:
        kind = event["type"]
        response_id = fields.text(fields.mapping(event, "response"), "id")
        if kind == "response.created":
            self.answering.add(response_id)
            try:
                await self.lease.may_answer()
            except Refusal:
                # The lease says why when it is over; until then nothing more is made.
                await self.uplink.send({"type": "response.cancel", "response_id": response_id})
        elif kind == "response.done":
            self.answering.discard(response_id)
        elif kind in _SESSION_EVENTS:
            self._note_formats(event)
        await self.lease.charge(event)

    def _note_formats(self, event: Event) -> None:
        audio = fields.mapping(fields.mapping(event, "session"), "audio")
        self.uplink.audio_format = _format_of(audio, "input") or self.uplink.audio_format
        self.audio_format = _format_of(audio, "output") or self.audio_format

    def _is_our_own(self, event: Event) -> bool:
        """Return whether an error is about an event of the relay's own making."""
        error = fields.mapping(event, "error")
        if error.get("event_id") != self.opening.own_event_id:
            return False
        logger.warning(
            "session %s: the service refused an event of the relay's own: %s",
            self.name_in_log,
            fields.text(error, "message"),
        )
        return True

    def _count_garbage(self, refusal: Refusal) -> None:
        self._n_garbage += 1
        logger.warning(
            "session %s: the service sent no event: %s", self.name_in_log, refusal.message.strip()
        )
        if self._n_garbage >= MAX_GARBAGE:
            raise Unwanted(
                Refusal(
                    "The service sent nothing that the relay could read.",
                    code="relay_upstream_garbage",
                    kind="server_error",
                ),
                INTERNAL_ERROR,
            )


def _format_of(audio: dict[str, Any], direction: str) -> AudioFormat | None:
    """Return what a session says of one direction's format; None if it says nothing that we know."""
    try:
        return audio_format.of_wire(fields.mapping(fields.mapping(audio, direction), "format"))
    except ValueError:
        return None
