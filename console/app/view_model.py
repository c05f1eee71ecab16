"""What the page shows, as plain values; says which parts changed and nothing about how.

Low-rate state only: connection, notices, places, memory, turn detection, sound. Event rows
and the conversation travel on the session channel (see ARCHITECTURE.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from console.app.echo_report import EchoState
from console.app.key_state import KeyState
from console.app.sound_settings import SoundState
from console.app.spending.state import SpendingState
from console.app.stand_in import StandIn

Part = Literal[
    "connection", "notices", "places", "memory", "turn", "microphone", "sound", "target", "faults",
    "spending", "key",
]  # fmt: skip
TurnMode = Literal["manual", "vad"]
CaptureMode = Literal["off", "manual", "vad"]
"""What may be sent of the microphone: nothing; while the button is held; always."""
SpeakerState = Literal["running", "blocked", "unavailable", "off"]
"""`blocked`: the browser wants a click before it plays; `unavailable`: it cannot play at all."""
NoticeKind = Literal["error", "warning", "info"]
NoticeAction = Literal[
    "retry", "change_key", "type_instead", "continue", "use_microphone", "take_microphone", "cancel",
    "stay", "show_errors"
]  # fmt: skip
"""`retry` connects again; `change_key` asks for another key; `type_instead` connects without a microphone; `continue` asks for the
rest of an answer that was cut off; `use_microphone` opens it within the session; `cancel` gives up
connecting; `stay` says that somebody is there, though silent; `show_errors` leaves of the events the errors."""

MAX_PLACES = 200
"""Older places are forgotten."""


class Phase(StrEnum):
    """Where a connection stands."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    """The line was lost and is tried again; everything so far stays."""


class MicrophoneState(StrEnum):
    """Where the microphone stands."""

    OFF = "off"
    ASKING = "asking"
    WAITING = "waiting"
    """The browser's question has stayed without an answer for a while."""
    ON = "on"
    DENIED = "denied"
    """By the user, now or earlier."""
    DISMISSED = "dismissed"
    """The user closed the question without an answer."""
    BLOCKED_BY_SYSTEM = "blocked_by_system"
    BLOCKED_BY_POLICY = "blocked_by_policy"
    MISSING = "missing"
    BUSY = "busy"
    UNFIT = "unfit"
    """No microphone can do what was asked of it."""
    INSECURE = "insecure"
    SILENCED = "silenced"
    """The system or another program keeps it mute; it is heard again when that ends."""
    INTERRUPTED = "interrupted"
    """Something else has the sound for now: a call, or a locked screen."""
    UNPLUGGED = "unplugged"
    """It went away while it was in use, or its permission was taken back."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom the console talks to, as the page names it."""

    label: str
    """Short name: "simulator", "OpenAI", or the host of a URL."""
    model: str
    voice: str
    hint: str
    """One line that says what is running and what to know about it."""
    is_simulator: bool
    guest_hint: str = ""
    """What guests are told in its place; empty: the same."""

    def for_guests(self) -> Target:
        """Return it as guests are told of it."""
        return replace(self, hint=self.guest_hint or self.hint)


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user, with at most one button."""

    notice_id: str
    kind: NoticeKind
    sentence: str
    action: NoticeAction | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One answer of get_weather."""

    location: str
    latitude: float
    longitude: float
    temperature: str | None
    """With its unit, as in "19.4 °C"; None when it is not known."""
    wind: str | None
    """With its unit, as in "17.9 km/h"; None when it is not known."""
    error: str | None
    """Why the weather could not be had, in one sentence."""


@dataclass(slots=True)
class ViewModel:
    """The state of one console session that the page renders."""

    target: Target
    phase: Phase = Phase.DISCONNECTED
    step: str = ""
    """While connecting: what is being done now, as in "opening the line"; while reconnecting:
    which attempt it is, as in "1 of 5"."""
    connected_at_s: float | None = None
    """Wall-clock seconds since 1970 at which the session began; None when not connected."""
    had_session: bool = False
    """There has been a session since the page's state was made."""
    turn: TurnMode = "manual"
    microphone: MicrophoneState = MicrophoneState.OFF
    sound: SoundState = field(default_factory=SoundState)
    """What was chosen of microphone and speaker, and what there is to choose from."""
    stand_in: StandIn = field(default_factory=StandIn)
    """What is heard in place of a microphone; part "sound"."""
    echo: EchoState = field(default_factory=EchoState)
    """Where the echo test stands; part "sound"."""
    is_talking: bool = False
    """Push-to-talk is held, or turn detection hears speech."""
    is_answering: bool = False
    notices: list[Notice] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    """Oldest first; the last is the one on the card."""
    memory: dict[str, Any] = field(default_factory=dict)
    faults: str = ""
    """What the simulator does wrong in this session, as `late_deltas,slow_ms=50`; empty: nothing."""
    key: KeyState = field(default_factory=KeyState)
    """Whether there is a key, and what may be done with it here; never the key."""
    spending: SpendingState = field(default_factory=SpendingState)
    """What the session has cost, and what is used of its limits."""
    on_change: Callable[[Part], None] = lambda part: None
    """Called after a part changed; set by whoever renders."""

    def set_connection(self, phase: Phase, step: str = "", at_s: float | None = None) -> None:
        """Say where the connection stands."""
        self.phase = phase
        self.step = step
        self.connected_at_s = at_s
        self.had_session = self.had_session or phase is Phase.CONNECTED
        self.on_change("connection")

    def set_turn(self, turn: TurnMode) -> None:
        """Say who ends a turn: the user ("manual") or the server ("vad")."""
        self.turn = turn
        self.on_change("turn")

    def set_microphone(self, state: MicrophoneState) -> None:
        """Say where the microphone stands."""
        self.microphone = state
        self.on_change("microphone")

    def set_sound(self, **changed: Any) -> None:
        """Change what the page shows of the sound.

        Args:
            changed: Fields of `SoundState`; the others stay.
        """
        sound = replace(self.sound, **changed)
        if sound != self.sound:
            self.sound = sound
            self.on_change("sound")

    def set_stand_in(self, **changed: Any) -> None:
        """Change what the page shows of what stands in for a microphone.

        Args:
            changed: Fields of `StandIn`; the others stay.
        """
        stand_in = replace(self.stand_in, **changed)
        if stand_in != self.stand_in:
            self.stand_in = stand_in
            self.on_change("sound")

    def set_echo(self, echo: EchoState) -> None:
        """Say where the echo test stands."""
        self.echo = echo
        self.on_change("sound")

    def set_talking(self, is_talking: bool) -> None:
        """Say whether the user is being heard."""
        self.is_talking = is_talking
        self.on_change("turn")

    def set_answering(self, is_answering: bool) -> None:
        """Say whether the model is answering."""
        self.is_answering = is_answering
        self.on_change("turn")

    def set_faults(self, faults: str) -> None:
        """Say what the simulator does wrong in this session."""
        self.faults = faults
        self.on_change("faults")

    def set_target(self, target: Target) -> None:
        """Say whom the console talks to from the next session on."""
        self.target = target
        self.on_change("target")

    def set_key(self, key: KeyState) -> None:
        """Say whether there is a key, and what may be done with it here."""
        self.key = key
        self.on_change("key")

    def set_spending(self, spending: SpendingState) -> None:
        """Say what the session has cost, and what is used of its limits."""
        if spending != self.spending:
            self.spending = spending
            self.on_change("spending")

    def add_notice(self, notice: Notice) -> None:
        """Show a notice; one with the same id is replaced."""
        self.notices = [each for each in self.notices if each.notice_id != notice.notice_id]
        self.notices.append(notice)
        self.on_change("notices")

    def dismiss(self, notice_id: str) -> None:
        """Take a notice away; an unknown id is ignored."""
        left = [each for each in self.notices if each.notice_id != notice_id]
        if len(left) != len(self.notices):
            self.notices = left
            self.on_change("notices")

    def dismiss_all(self) -> None:
        """Take all notices away."""
        if self.notices:
            self.notices = []
            self.on_change("notices")

    def show_place(self, place: Place, *, is_update: bool = False) -> None:
        """Put a place of get_weather on the map and its card.

        Args:
            place: The place, as far as it is known.
            is_update: It is known better now: the latest entry of that place is replaced.
        """
        same = [
            n
            for n, each in enumerate(self.places)
            if (each.latitude, each.longitude) == (place.latitude, place.longitude)
        ]
        if is_update and same:
            self.places[same[-1]] = place
        else:
            self.places.append(place)
            del self.places[:-MAX_PLACES]
        self.on_change("places")

    def set_memory(self, memory: dict[str, Any]) -> None:
        """Replace what the page shows of the memory."""
        self.memory = dict(memory)
        self.on_change("memory")
