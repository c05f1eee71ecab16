"""From a client to the service: read, judged, translated, counted, and written anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from console import pcm
from console.audio_format import AudioFormat
from console.clock import Clock
from console.realtime import fields
from console.realtime.dialect import BetaClientDialect
from console.realtime.observed import NOT_SHOWN
from console.realtime.refusal import Refusal
from console.relay.client_rules import ClientRules
from console.relay.ending import UNSUPPORTED_DATA
from console.relay.lane import Lane, Parcel
from console.relay.opening import new_own_event_id
from console.relay.pace import Pace
from console.relay.policy import Sizes
from console.relay.ports import Lease
from console.serving import messages

Event = dict[str, Any]

_APPEND: Final = "input_audio_buffer.append"
_ITEM: Final = "conversation.item.create"
_ANSWER: Final = "response.create"
MAX_SHOWN_CHARACTERS: Final = 512
"""So much of an id or a type of an event that is too large is shown to those who watch."""


class Unwanted(Exception):
    """Something came after which nobody goes on."""

    def __init__(self, refusal: Refusal, code: int) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.code = code


@dataclass(slots=True)
class Uplink:
    """Takes the messages of one client."""

    rules: ClientRules
    sizes: Sizes
    pace: Pace
    lane: Lane
    lease: Lease
    clock: Clock
    beta: BetaClientDialect | None
    """Translates for a client of the beta."""
    refuse: Callable[[Refusal, Event], Awaitable[None]]
    """Tells the client why an event, or what stands for it, did not go up."""
    left_out: Callable[[str, Sequence[str]], None]
    """Told which settings of an event, by its type, do not go up."""
    user_wrote: Callable[[], None]
    """Told when the user has said something in writing."""
    own_event_id: str = field(default_factory=new_own_event_id)
    """Of the events that the relay makes itself."""
    audio_format: AudioFormat = AudioFormat.PCM
    """Of the sound that the session takes."""

    async def take(self, message: str | bytes) -> None:
        """Handle a message.

        Raises:
            Unwanted: It ends the session.
            TooFast: It was one too many.
            websockets.ConnectionClosed: One side has gone.
        """
        received_s = self.clock.now_s()
        try:
            event = messages.read(message)
        except Refusal as refusal:
            if isinstance(message, bytes):
                raise Unwanted(refusal, UNSUPPORTED_DATA) from refusal
            await self.pace.message(0)
            await self.refuse(refusal, _stand_in(messages.size_bytes(message), refusal))
            return
        audio_s = self._audio_s(event)
        await self.pace.message(audio_s)
        for each in [event] if self.beta is None else self.beta.from_client(event):
            await self._pass(each, messages.size_bytes(message), received_s, audio_s)

    async def send(self, event: Event) -> None:
        """Send an event of our own."""
        own = {"type": event["type"], "event_id": self.own_event_id, **event}
        await self.lane.put(Parcel(messages.write(own), own, self.clock.now_s()))

    async def _pass(self, event: Event, size: int, received_s: float, audio_s: float) -> None:
        try:
            self._check_size(event.get("type"), size)
        except Refusal as refusal:
            await self.refuse(refusal, _stand_in(size, refusal, event))
            return
        try:
            judged = self.rules.judge(event)
            text = messages.write(judged)
            if judged["type"] == _ANSWER:
                await self.lease.may_answer()
        except Refusal as refusal:
            await self.refuse(refusal, event)
            return
        if self.rules.left_out:
            self.left_out(judged["type"], self.rules.left_out)
        if judged["type"] == _ITEM:
            self.user_wrote()
        await self.lane.put(Parcel(text, judged, received_s, audio_s))

    def _check_size(self, kind: Any, size: int) -> None:
        most = {_APPEND: self.sizes.append_bytes, _ITEM: self.sizes.item_bytes}.get(
            kind if isinstance(kind, str) else "", self.sizes.event_bytes
        )
        if size > most:
            raise Refusal(
                f"The event is {size} bytes large; the relay's policy allows {most}.",
                code="relay_event_too_large",
            )

    def _audio_s(self, event: Event) -> float:
        if event.get("type") != _APPEND:
            return 0.0
        return self.audio_format.duration_ms(pcm.decoded_size(fields.text(event, "audio"))) / 1000


def _stand_in(size: int, refusal: Refusal, event: Event | None = None) -> Event:
    """Return what those who watch are shown in place of what is too much to be shown."""
    shown: Event = {"type": NOT_SHOWN, "bytes": size, "why": refusal.message.strip()}
    for key, name in (("event_id", "event_id"), ("type", "event")):
        if event is not None and 0 < len(text := fields.text(event, key)) <= MAX_SHOWN_CHARACTERS:
            shown[name] = text
    return shown
