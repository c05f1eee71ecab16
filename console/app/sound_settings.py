"""What the user chose of microphone and speaker, and what the page knows of the devices."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, get_args

import orjson

from console.audio.playback import PlaybackHealth

MicrophoneKind = Literal["device", "file", "tone", "noise", "silence", "text"]
"""Where the user's voice comes from: a microphone, or something that stands in for one."""
KINDS: Final[tuple[MicrophoneKind, ...]] = get_args(MicrophoneKind)

MIN_CHUNK_MS: Final = 10
MAX_CHUNK_MS: Final = 100
DEFAULT_CHUNK_MS: Final = 30
MAX_NAME_CHARS: Final = 200
"""Of the id and the label of a device: browsers make ids of 64 characters."""
MAX_DEVICES: Final = 64
_MAX_TEXT_CHARS: Final = 3000
"""A cookie holds 4096 bytes."""


@dataclass(frozen=True, slots=True)
class Device:
    """A microphone or a speaker of the browser or of this machine."""

    device_id: str
    label: str
    """What a person calls it."""


@dataclass(frozen=True, slots=True)
class Microphone:
    """What the user chose of the microphone."""

    kind: MicrophoneKind = "device"
    device_id: str = ""
    """Empty: whatever the system uses."""
    label: str = ""
    """Finds the device again where its id is a new one."""
    echo_cancellation: bool = True
    noise_suppression: bool = True
    auto_gain: bool = True
    chunk_ms: int = DEFAULT_CHUNK_MS
    is_muted: bool = False

    def __post_init__(self) -> None:
        """Check what was chosen.

        Raises:
            ValueError: A value is outside of what there is to choose from.
        """
        if self.kind not in KINDS:
            raise ValueError(f"a microphone is one of {', '.join(KINDS)}, not {self.kind!r}")
        if not MIN_CHUNK_MS <= self.chunk_ms <= MAX_CHUNK_MS:
            raise ValueError(
                f"a chunk of the microphone has {MIN_CHUNK_MS} to {MAX_CHUNK_MS} ms, "
                f"not {self.chunk_ms}"
            )
        _check_names(self.device_id, self.label)


@dataclass(frozen=True, slots=True)
class Speaker:
    """What the user chose of the speaker."""

    device_id: str = ""
    """Empty: whatever the system uses."""
    label: str = ""
    volume: float = 1.0
    """0 is silent, 1 is as the sound was made."""
    is_muted: bool = False

    def __post_init__(self) -> None:
        """Check what was chosen.

        Raises:
            ValueError: A value is outside of what there is to choose from.
        """
        if not 0 <= self.volume <= 1:
            raise ValueError(f"a volume lies between 0 and 1, not at {self.volume}")
        _check_names(self.device_id, self.label)


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """What the user chose for one session."""

    microphone: Microphone = field(default_factory=Microphone)
    speaker: Speaker = field(default_factory=Speaker)

    def to_text(self) -> str:
        """Return what a browser may remember: all but what is muted, as JSON."""
        kept = replace(
            self,
            microphone=replace(self.microphone, is_muted=False),
            speaker=replace(self.speaker, is_muted=False),
        )
        return orjson.dumps(asdict(kept)).decode()

    @classmethod
    def from_text(cls, text: str) -> SoundSettings:
        """Read what `to_text` gave; what cannot be used counts as not set.

        Nothing is muted: who opens the console wants to hear and to be heard.
        """
        if len(text) > _MAX_TEXT_CHARS:
            return cls()
        try:
            kept = orjson.loads(text)
            microphone = Microphone(**_known(kept["microphone"], _MICROPHONE_FIELDS))
            speaker = Speaker(**_known(kept["speaker"], _SPEAKER_FIELDS))
        except (ValueError, TypeError, KeyError):
            return cls()
        return cls(microphone, speaker)


@dataclass(frozen=True, slots=True)
class SoundState:
    """What the page shows of the sound: the part "sound" of the view."""

    settings: SoundSettings = field(default_factory=SoundSettings)
    inputs: tuple[Device, ...] = ()
    """Microphones; empty as long as nobody was allowed to look."""
    outputs: tuple[Device, ...] = ()
    can_choose_output: bool = False
    """Whether the speaker can be chosen here; many browsers leave that to the system."""
    is_browser: bool = True
    """Whether microphone and speaker are the browser's; else they are this machine's."""
    remarks: tuple[str, ...] = ()
    """What is odd, in sentences."""
    playback: PlaybackHealth = field(default_factory=PlaybackHealth)
    """How well the speaker keeps up."""


def devices_of(listed: Any) -> tuple[Device, ...]:
    """Return the devices that a browser lists as `[{"id": ..., "label": ...}]`.

    What is no device is left out, and so are devices beyond the sixty-fourth.
    """
    if not isinstance(listed, list):
        return ()
    found = (
        Device(each["id"], each["label"][:MAX_NAME_CHARS])
        for each in listed
        if isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and isinstance(each.get("label"), str)
        and 0 < len(each["id"]) <= MAX_NAME_CHARS
    )
    return tuple(found)[:MAX_DEVICES]


# The type of each field that is remembered; a bool is no number here.
_MICROPHONE_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "kind": (str,),
    "device_id": (str,),
    "label": (str,),
    "echo_cancellation": (bool,),
    "noise_suppression": (bool,),
    "auto_gain": (bool,),
    "chunk_ms": (int,),
}
_SPEAKER_FIELDS: Final[dict[str, tuple[type, ...]]] = {
    "device_id": (str,),
    "label": (str,),
    "volume": (float, int),
}


def _known(kept: Any, fields: dict[str, tuple[type, ...]]) -> dict[str, Any]:
    if not isinstance(kept, dict):
        raise TypeError(f"settings are remembered as an object, not as {kept!r}")
    known = {name: value for name, value in kept.items() if name in fields}
    for name, value in known.items():
        if type(value) not in fields[name]:
            raise TypeError(f"{name} is not remembered as {value!r}")
    return known


def _check_names(*names: str) -> None:
    for name in names:
        if len(name) > MAX_NAME_CHARS:
            raise ValueError(f"the name of a device may have {MAX_NAME_CHARS} characters")
