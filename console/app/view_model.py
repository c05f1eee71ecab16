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
from console.app.session_state import SessionState
from console.app.sound_settings import SoundState
from console.app.spending.state import SpendingState
from console.app.stand_in import StandIn
from console.app.tool_lab.state import ToolsState
from console.tools.measures import Measure, Units

Part = Literal[
    "connection", "notices", "places", "memory", "turn", "microphone", "sound", "target", "faults",
    "spending", "key", "usage", "session", "tools", "picture",
]  # fmt: skip
TurnMode = Literal["manual", "vad"]
CaptureMode = Literal["off", "manual", "vad"]
"""What may be sent of the microphone: nothing; while the button is held; always."""
SpeakerState = Literal["running", "blocked", "unavailable", "off"]
"""`blocked`: the browser wants a click before it plays; `unavailable`: it cannot play at all."""
NoticeKind = Literal["error", "warning", "info"]
NoticeAction = Literal[
    "retry", "change_key", "type_instead", "continue", "use_microphone", "take_microphone", "cancel",
    "stay", "show_errors", "show_event", "show_tools", "save", "connect"
]  # fmt: skip
"""`retry` connects again; `change_key` asks for another key; `type_instead` connects without a microphone; `continue` asks for the
rest of an answer that was cut off; `use_microphone` opens it within the session; `cancel` gives up
connecting; `stay` says that somebody is there, though silent; `show_errors` leaves of the events the errors;
`show_event` opens the one that the notice is about; `show_tools` opens the pane of the tools;
`save` saves the conversation, which the next session takes from the page; `connect` begins that session."""

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
    """One sentence for the user, with a button for what to do, or two for a choice."""

    notice_id: str
    kind: NoticeKind
    sentence: str
    action: NoticeAction | None = None
    event_id: str = ""
    """Of the event that it is about, for `show_event`."""
    field: str = ""
    """What is wrong in that event, as the server names it; empty: not said."""
    or_else: NoticeAction | None = None
    """What can be done before or instead of `action`."""
    ends_at_s: float | None = None
    """Wall-clock seconds since 1970 at which the session ends; counted down behind the sentence."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes with the next message."""

    name: str
    """Of its file."""
    number: int
    """Each one that was attached has another."""


@dataclass(frozen=True, slots=True)
class Place:
    """One answer of get_weather."""

    location: str
    latitude: float
    longitude: float
    temperature: Measure | None
    """As the service told it, in "°C"; None when it is not known."""
    wind: Measure | None
    """As the service told it, in "km/h"; None when it is not known."""
    error: str | None
    """Why the weather could not be had, in one sentence."""
    at_s: float = 0.0
    """When somebody asked, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class MemoryState:
    """What is done with the memory beside holding it; part "memory"."""

    is_kept: bool = False
    """It is there again in the next session of the same person."""
    is_offered: bool = False
    """The model is told it in its instructions."""
    where: str = ""
    """Where it is kept, or would be, in words."""
    remark: str = ""
    """What is odd about it, in a sentence; empty: nothing."""


@dataclass(frozen=True, slots=True)
class UsageBrief:
    """What the head of the page tells of the session's use; `SessionUsage` has all of it."""

    version: int = 0
    """Grows with every change of what there is to tell, also of what is not told here."""
    turn_ms: float | None = None
    """How long the user waited in the latest turn that was answered; None: in none yet."""
    tokens: int = 0
    """Of all answers and transcripts together."""


@dataclass(slots=True)
class ViewModel:
    """The state of one console session that the page renders."""

    target: Target
    phase: Phase = Phase.DISCONNECTED
    step: str = ""
    """While connecting: what is being done now, as in "opening the line"; while reconnecting:
    which attempt it is, as in "1 of 5"."""
    connected_at_s: float | None = None
    """When the session began, on the clock that nobody sets, in s; None when not connected."""
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
    is_speaking: bool = False
    """An answer sounds; part "turn"."""
    notices: list[Notice] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    """Oldest first; the last is the one on the card."""
    units: Units = "metric"
    """In which the weather is shown and told; part "places"."""
    weather_source: str = ""
    """Who says what the weather is, in words; part "places"."""
    memory: dict[str, Any] = field(default_factory=dict)
    memory_state: MemoryState = field(default_factory=MemoryState)
    tools: ToolsState = field(default_factory=ToolsState)
    """Which tools there are, and what was called."""
    faults: str = ""
    """What the simulator does wrong in this session, as `late_deltas,slow_ms=50`; empty: nothing."""
    key: KeyState = field(default_factory=KeyState)
    """Whether there is a key, and what may be done with it here; never the key."""
    spending: SpendingState = field(default_factory=SpendingState)
    """What the session has cost, and what is used of its limits."""
    usage: UsageBrief = field(default_factory=UsageBrief)
    session: SessionState = field(default_factory=SessionState)
    """The session's fields: what is asked for, and what the server made of it."""
    picture: Picture | None = None
    """What goes with the next message that is typed."""
    on_change: Callable[[Part], None] = lambda part: None
    """Called after a part changed; set by whoever renders."""

    def set_connection(self, phase: Phase, step: str = "", at_s: float | None = None) -> None:
        """Say where the connection stands."""
        self.phase = phase
        self.step = step
        self.connected_at_s = at_s
        self.had_session = self.had_session or phase is Phase.CONNECTED
        self.on_change("connection")

    def set_picture(self, picture: Picture | None) -> None:
        """Say which picture goes with the next message; None: none does."""
        self.picture = picture
        self.on_change("picture")

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

    def set_speaking(self, is_speaking: bool) -> None:
        """Say whether an answer is being heard."""
        if is_speaking != self.is_speaking:
            self.is_speaking = is_speaking
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

    def set_session(self, session: SessionState) -> None:
        """Say what is asked for, and what the server made of it."""
        if session != self.session:
            self.session = session
            self.on_change("session")

    def set_usage(self, usage: UsageBrief) -> None:
        """Say that there is something new to tell of the session's use."""
        if usage != self.usage:
            self.usage = usage
            self.on_change("usage")

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
            self.places[same[-1]] = replace(place, at_s=self.places[same[-1]].at_s)
        else:
            self.places.append(place)
            del self.places[:-MAX_PLACES]
        self.on_change("places")

    def set_units(self, units: Units) -> None:
        """Say in which units the weather is shown and told."""
        if units != self.units:
            self.units = units
            self.on_change("places")

    def set_memory_state(self, **changed: Any) -> None:
        """Change what the page shows of what is done with the memory.

        Args:
            changed: Fields of `MemoryState`; the others stay.
        """
        state = replace(self.memory_state, **changed)
        if state != self.memory_state:
            self.memory_state = state
            self.on_change("memory")

    def set_tools(self, tools: ToolsState) -> None:
        """Say which tools there are, and what was called."""
        if tools != self.tools:
            self.tools = tools
            self.on_change("tools")

    def set_memory(self, memory: dict[str, Any]) -> None:
        """Replace what the page shows of the memory."""
        self.memory = dict(memory)
        self.on_change("memory")
