"""What the session channel carries, as bytes and as values (see ARCHITECTURE.md)."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar, get_args

from console.app.event_filter import EventFilter, Zoom
from console.app.event_view import By, Find, Look
from console.app.view_model import CaptureMode, MicrophoneState
from console.errors import ProtocolError
from console.printable import printable
from console.ui import page_json

CAPTURE_MODES: Final = get_args(CaptureMode)

# NOTE: keep in step with console/ui/elements/socket.worker.js.
KIND_MICROPHONE: Final = 1
KIND_SPEAKER: Final = 2
_MICROPHONE_HEADER = struct.Struct("<BB2xId")

MAX_AUDIO_BYTES: Final = 64 * 1024
MAX_TEXT_BYTES: Final = 16 * 1024
MAX_TRACK_BYTES: Final = 255
MAX_DETAIL_CHARS: Final = 500
MAX_FILTER_BYTES: Final = 4 * 1024

ZOOMS: Final[tuple[Zoom, ...]] = get_args(Zoom)
FINDS: Final[tuple[By, ...]] = get_args(By)
_Choice = TypeVar("_Choice", bound=str)

UNSUPPORTED: Final = 1003
"""Close code: this is not what the channel carries."""
POLICY: Final = 1008
"""Close code: a message that is well formed and not allowed."""
TOO_BIG: Final = 1009
"""Close code: a message beyond the limit."""


class WireError(ProtocolError):
    """The browser sent what the channel does not carry; the socket is closed with `code`."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class MicrophoneChunk:
    """A piece of the user's voice."""

    sequence: int
    """Counts the chunks that left the worklet, from 0."""
    time_ms: float
    """When its first sample was captured, on the clock of the browser's audio context."""
    pcm: bytes
    """PCM16 mono at 24 kHz."""
    is_first: bool = False
    """Whether the microphone was rightly silent before it: not taken, or muted."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The browser is there; what it holds of the rows."""

    epoch: int | None
    """None: a page that holds nothing."""


@dataclass(frozen=True, slots=True)
class BrowserMicrophone:
    """Where the browser's microphone stands."""

    state: MicrophoneState
    detail: str
    """What the browser said about it; may be empty."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Push-to-talk was pressed or released."""

    is_down: bool
    held_ms: float
    """How long it was held; 0 for a press."""


@dataclass(frozen=True, slots=True)
class HeardReport:
    """How far a track was heard, told while it plays."""

    track: str
    n_samples: int
    n_queued: int
    """Samples of all tracks that wait in the browser."""
    underruns: int
    """How often samples of this track came too late."""
    n_prebuffer: int
    """Samples that have to wait before sound begins; grows with underruns, falls when calm."""


@dataclass(frozen=True, slots=True)
class Drained:
    """The last sample of a finished track was played."""

    track: str
    n_samples: int


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The answer to an interruption."""

    interrupt_id: int
    track: str | None
    n_samples: int


Incoming = Hello | Look | Find | BrowserMicrophone | Talk | HeardReport | Drained | Interrupted


def track_name(track: str) -> str:
    """Return what a track is called on the channel: its own name, or a short one for a long."""
    name = track.encode()
    return track if len(name) <= MAX_TRACK_BYTES else hashlib.sha256(name).hexdigest()


def encode_audio(track: str, pcm: bytes | memoryview) -> bytes:
    """Return the binary frame that carries PCM16 of `track` to the browser.

    Raises:
        ValueError: The name of the track has more than 255 bytes.
    """
    name = track.encode()
    if len(name) > MAX_TRACK_BYTES:
        raise ValueError(f"the name of a track may have {MAX_TRACK_BYTES} bytes, not {len(name)}")
    padding = bytes(len(name) % 2)
    return b"".join((bytes((KIND_SPEAKER, len(name))), name, padding, pcm))


def encode_messages(messages: Sequence[Any]) -> str:
    """Return the text frame that carries `messages` to the browser, whatever stands in them."""
    return page_json.dumps(list(messages))


def decode_microphone(data: bytes) -> MicrophoneChunk:
    """Return the chunk that a binary frame of the browser carries.

    Raises:
        WireError: It is too large, not a microphone frame, or has half a sample.
    """
    if len(data) > MAX_AUDIO_BYTES + _MICROPHONE_HEADER.size:
        raise WireError(TOO_BIG, f"a chunk of {len(data)} bytes is beyond {MAX_AUDIO_BYTES}")
    if len(data) < _MICROPHONE_HEADER.size or data[0] != KIND_MICROPHONE:
        raise WireError(UNSUPPORTED, "a binary frame is not a chunk of the microphone")
    if len(data) % 2:
        raise WireError(UNSUPPORTED, f"a chunk of {len(data)} bytes ends in half a sample")
    _, is_first, sequence, time_ms = _MICROPHONE_HEADER.unpack_from(data)
    return MicrophoneChunk(sequence, time_ms, data[_MICROPHONE_HEADER.size :], bool(is_first))


def decode_messages(text: str) -> list[Incoming]:
    """Return the messages that a text frame of the browser carries.

    Raises:
        WireError: It is too large, not JSON, or a message is unknown or has a wrong field.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise WireError(TOO_BIG, f"a message of {len(text)} characters is beyond {MAX_TEXT_BYTES}")
    try:
        messages = page_json.loads(text)
    except ValueError as error:
        raise WireError(UNSUPPORTED, f"a text frame is not JSON: {error}") from error
    if not isinstance(messages, list):
        raise WireError(UNSUPPORTED, "a text frame is not an array of messages")
    return [_decode(each) for each in messages]


def _decode(message: Any) -> Incoming:
    if not isinstance(message, dict):
        raise WireError(POLICY, "a message is not an object")
    kind = message.get("k")
    decoder = _DECODERS.get(kind) if isinstance(kind, str) else None
    if decoder is None:
        raise WireError(POLICY, f"a message of the kind {str(kind)[:40]!r} is not known")
    return decoder(_Fields(message))


class _Fields:
    """Reads the fields of one message and says which is wrong."""

    def __init__(self, message: dict[str, Any]) -> None:
        self._message = message

    def count(self, name: str) -> int:
        value = self._message.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self._wrong(name, "a count")
        return value

    def count_or_none(self, name: str) -> int | None:
        return None if self._message.get(name) is None else self.count(name)

    def duration_ms(self, name: str) -> float:
        value = self._message.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise self._wrong(name, "a duration")
        return float(value)

    def flag(self, name: str) -> bool:
        value = self._message.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def text(self, name: str, limit: int) -> str:
        value = self._message.get(name)
        if not isinstance(value, str) or len(value.encode(errors="replace")) > limit:
            raise self._wrong(name, f"a text of at most {limit} bytes")
        return value

    def text_or_none(self, name: str, limit: int) -> str | None:
        return None if self._message.get(name) is None else self.text(name, limit)

    def one_of(self, name: str, choices: Sequence[_Choice]) -> _Choice:
        value = self._message.get(name)
        for each in choices:
            if each == value:
                return each
        raise self._wrong(name, f"one of {', '.join(map(str, choices))}")

    def names_or_none(self, name: str) -> frozenset[str] | None:
        value = self._message.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._wrong(name, "a list of names")
        return frozenset(value)

    def value(self, name: str) -> float | str:
        value = self._message.get(name)
        return (
            self.text(name, MAX_FILTER_BYTES) if isinstance(value, str) else self.duration_ms(name)
        )

    def microphone_state(self) -> MicrophoneState:
        try:
            return MicrophoneState(self.text("state", 40))
        except ValueError as error:
            raise self._wrong("state", "a state of the microphone") from error

    def clipped(self, name: str, limit: int) -> str:
        return printable(self.text(name, MAX_TEXT_BYTES))[:limit]

    def _wrong(self, name: str, expected: str) -> WireError:
        value = str(self._message.get(name))[:40]
        return WireError(POLICY, f"{self._message['k']}.{name} should be {expected}, not {value!r}")


_DECODERS: Final[dict[str, Callable[[_Fields], Incoming]]] = {
    "hello": lambda f: Hello(f.count_or_none("epoch")),
    "look": lambda f: Look(
        view=f.count("view"),
        zoom=f.one_of("zoom", ZOOMS),
        filter=EventFilter(
            text=f.text("text", MAX_FILTER_BYTES),
            client=f.flag("client"),
            server=f.flag("server"),
            errors=f.flag("errors"),
            types=f.names_or_none("types"),
        ),
        first=f.count("first"),
        count=f.count("count"),
        is_tail=f.flag("tail"),
        wants_types=f.flag("counts"),
    ),
    "find": lambda f: Find(f.count("id"), f.one_of("by", FINDS), f.value("value")),
    "microphone": lambda f: BrowserMicrophone(
        f.microphone_state(), f.clipped("detail", MAX_DETAIL_CHARS)
    ),
    "talk": lambda f: Talk(f.flag("down"), f.duration_ms("held_ms")),
    "heard": lambda f: HeardReport(
        f.text("track", MAX_TRACK_BYTES),
        f.count("samples"),
        f.count("queued"),
        f.count("underruns"),
        f.count("buffer"),
    ),
    "drained": lambda f: Drained(f.text("track", MAX_TRACK_BYTES), f.count("samples")),
    "interrupted": lambda f: Interrupted(
        f.count("id"), f.text_or_none("track", MAX_TRACK_BYTES), f.count("samples")
    ),
}
