"""This machine's microphone and speaker in a session: choice, loss and return, meters, numbers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

from console import tasks
from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Device, SoundSettings
from console.app.view_model import Notice, Phase, ViewModel
from console.audio.devices import DeviceWatch
from console.audio.levels import LevelBars
from console.audio.ports import Heard
from console.audio.sounddevice_library import PORTAUDIO, SoundDevice, SoundDevices
from console.audio.sounddevice_sink import SounddeviceSink
from console.audio.sounddevice_source import SounddeviceSource
from console.clock import Clock
from console.errors import AudioDeviceError
from console.signals import Signal

logger = logging.getLogger(__name__)

LEVELS_PER_S: Final = 20
SPEAKER: Final = "speaker"
"""The notice about the speaker."""
MAY_HEAR_ITSELF: Final = (
    "This machine's sound has no echo cancellation: with loudspeakers the assistant hears itself "
    "and interrupts itself. Use headphones."
)
_NONE: Final = (
    "PortAudio finds neither a microphone nor a speaker on this machine: plug one in or start the "
    "sound server."
)
_UNTIL_THEN: Final = "The browser's sound is used until then; start the console again afterwards."


def usable_sound(wanted: Literal["browser", "local"]) -> tuple[Literal["browser", "local"], str]:
    """Return whose sound can be used, and in a sentence why it is not the one that was wanted.

    This loads PortAudio when local sound is wanted, and blocks for about 0.1 s.
    """
    if wanted == "browser":
        return "browser", ""
    try:
        found = PORTAUDIO.devices()
    except AudioDeviceError as error:
        return "browser", f"{error} {_UNTIL_THEN}"
    if not found.inputs and not found.outputs:
        return "browser", f"{_NONE} {_UNTIL_THEN}"
    return "local", ""


def has_both() -> bool:
    """Return whether this machine's own sound can hear and be heard; loads PortAudio, 0.1 s."""
    try:
        found = PORTAUDIO.devices()
    except AudioDeviceError as error:
        logger.info("this machine's own sound is not used: %s", error)
        return False
    return bool(found.inputs and found.outputs)


class LocalSound:
    """The machine's two devices in one session, and what the page is told of them."""

    def __init__(
        self,
        view: ViewModel,
        choice: SoundChoice,
        watch: DeviceWatch,
        clock: Clock,
        *,
        show_levels: Callable[[Sequence[float] | None, Sequence[float], bool], None],
    ) -> None:
        """Make both ports; nothing is opened.

        Args:
            view: What the page shows; changed here.
            choice: What the user chose; followed from now on.
            watch: Tells which devices there are; looks while a page is open.
            clock: Time.
            show_levels: Takes the bars of microphone (None: something stands in for it) and
                speaker, and whether the assistant is heard, when they have changed.
        """
        self.source = SounddeviceSource()
        self.sink = SounddeviceSink()
        self.use_microphone: Callable[[], Awaitable[None]] | None = None
        """Opens a lost microphone again within the session; set by whoever has a session."""
        self.heard: Signal[Heard] = Signal("heard")
        """How far a track was heard, up to 20 times a second while it plays."""
        self.drained: Signal[str] = Signal("drained")
        """A track is not at the ear any more."""
        self._at_ear: str | None = None
        self._view = view
        self._choice = choice
        self._watch = watch
        self._clock = clock
        self._show_levels = show_levels
        self._is_microphone_lost = False
        self._is_speaker_lost = False
        self._is_recovering = False
        self._shown: tuple[list[float] | None, list[float], bool] | None = None
        self._meters: asyncio.Task[None] | None = None
        self._stops = [
            choice.changed.connect(self._chosen),
            watch.changed.connect(self._devices_changed),
            watch.looked.connect(self._looked),
            self.source.lost.connect(self._microphone_lost),
            self.sink.lost.connect(self._speaker_lost),
        ]
        self.source.is_held_back = self._must_hold_back
        self._apply(choice.settings)
        if watch.devices is not None:
            self._devices_changed(watch.devices)

    def opened(self) -> None:
        """A page is there: look for devices and show levels."""
        if self._meters is None:
            self._watch.start()
            self._shown = None
            self._meters = tasks.spawn(self._run_meters(), name="level meters")

    async def closed(self) -> None:
        """Nobody looks any more; the sound goes on."""
        meters, self._meters = self._meters, None
        if meters is not None:
            await tasks.cancel(meters)
            await self._watch.stop()

    async def close(self) -> None:
        """End for good."""
        for stop in self._stops:
            stop()
        await self.closed()
        await self.source.stop()
        await self.sink.stop()

    # What the user chose

    async def _chosen(self, settings: SoundSettings) -> None:
        self._apply(settings)
        microphone, speaker = settings.microphone.device_id, settings.speaker.device_id
        try:
            await self.sink.use(speaker or None)
        except AudioDeviceError as error:
            self._speaker_lost(error)
        else:
            self._speaker_found()
        try:
            await self.source.use(microphone or None)
        except AudioDeviceError as error:
            self._microphone_lost(error)  # the reader of its chunks is told, and tells the page
        if self._is_microphone_lost and self._watch.devices is not None:
            await self._recover(self._watch.devices)

    def _apply(self, settings: SoundSettings) -> None:
        """Take over what needs no device."""
        self.source.chunk_ms = settings.microphone.chunk_ms
        self.sink.set_volume(0.0 if settings.speaker.is_muted else settings.speaker.volume)
        has_care = settings.microphone.echo_cancellation
        self._choice.remark("echo", [] if has_care else [MAY_HEAR_ITSELF])

    def _must_hold_back(self) -> bool:
        # By the button one has stopped the assistant first, and there is no echo.
        return (
            self._view.turn == "vad"
            and self._choice.settings.microphone.echo_cancellation
            and self.sink.is_sounding
        )

    # Devices that come and go

    def _devices_changed(self, found: SoundDevices) -> None:
        self.source.note_devices(found)
        self.sink.note_devices(found)
        self._choice.list_devices(
            "local", _named(found.inputs), _named(found.outputs), can_choose_output=True
        )
        chosen = self._choice.settings
        # One in use that only one program at a time can open is not listed meanwhile.
        missing = [
            f"The chosen {what} {name!r} is not there: connect it, or choose another."
            for what, name, listed, port in (
                ("microphone", chosen.microphone.device_id, found.inputs, self.source),
                ("speaker", chosen.speaker.device_id, found.outputs, self.sink),
            )
            if name
            and not _is_there(name, listed)
            and not (port.is_running and port.device == name)
        ]
        self._choice.remark("devices", missing)

    async def _looked(self, found: SoundDevices) -> None:
        self.source.note_devices(found)
        self.sink.note_devices(found)
        self._choice.remark("numbers", self._numbers())
        await self._recover(found)

    def _microphone_lost(self, error: AudioDeviceError) -> None:
        logger.warning("%s", error)
        self._is_microphone_lost = True

    def _speaker_lost(self, error: AudioDeviceError) -> None:
        logger.warning("%s", error)
        self._is_speaker_lost = True
        self._view.add_notice(Notice(SPEAKER, "warning", f"{error} You can read the answers."))

    def _speaker_found(self) -> None:
        if self._is_speaker_lost:
            self._is_speaker_lost = False
            self._view.dismiss(SPEAKER)

    async def _recover(self, found: SoundDevices) -> None:
        """Open what was lost, as soon as it is there again."""
        if self._is_recovering:
            return
        self._is_recovering = True
        try:
            if self._is_speaker_lost and _is_there(self.sink.device, found.outputs):
                await self._recover_speaker()
            if self._is_microphone_lost and _is_there(self.source.device, found.inputs):
                await self._recover_microphone()
        finally:
            self._is_recovering = False

    async def _recover_speaker(self) -> None:
        try:
            await self.sink.start()
        except AudioDeviceError as error:
            logger.info("the speaker cannot be used yet: %s", error)
        else:
            self._speaker_found()

    async def _recover_microphone(self) -> None:
        if self._view.phase is Phase.DISCONNECTED:
            self._is_microphone_lost = False  # the next session opens it anyway
        elif self._view.phase is Phase.CONNECTED and self.use_microphone is not None:
            await self.use_microphone()
            self._is_microphone_lost = not self.source.is_running

    # What is shown

    def _numbers(self) -> list[str]:
        counted = (
            (self.source.overflows, "the machine was too busy to take the microphone's sound"),
            (self.source.dropped_chunks, "a chunk of the microphone was too old to be sent"),
            (self.sink.underflows, "the machine was too busy to feed the speaker"),
            (self.sink.underruns, "an answer paused because its sound came too late"),
        )
        times = ((f"{n} times" if n > 1 else "Once", what) for n, what in counted if n)
        return [f"{often} so far {what}." for often, what in times]

    async def _run_meters(self) -> None:
        microphone = LevelBars()
        speaker, rate_hz = LevelBars(), 0
        while True:
            await self._clock.sleep(1 / LEVELS_PER_S)
            await self._tell_position()
            if rate_hz != self.sink.device_rate_hz:
                rate_hz = self.sink.device_rate_hz
                speaker = LevelBars(sample_rate_hz=rate_hz)
            chosen = self._choice.settings.microphone
            heard = _bars(microphone, b"" if chosen.is_muted else self.source.recent())
            levels = (
                heard if chosen.kind == "device" else None,  # what stands in shows its own
                _bars(speaker, self.sink.recent()),
                self.sink.is_sounding,
            )
            if levels != self._shown:
                self._shown = levels
                self._show_levels(*levels)

    async def _tell_position(self) -> None:
        if not self.sink.is_sounding and self._at_ear is None:
            return
        heard = await self.sink.position()
        track = heard.track if heard is not None else None
        if self._at_ear not in (None, track):
            self.drained.emit(self._at_ear or "")
        self._at_ear = track
        if heard is not None:
            self.heard.emit(heard)


def _bars(bars: LevelBars, recent: bytes) -> list[float]:
    bars.push(recent or bytes(4096))  # nothing is heard: silence for the whole window
    # Finer than one can see; and what rests is not sent again.
    return [round(each, 2) for each in bars.frame()]


def _named(devices: Sequence[SoundDevice]) -> list[Device]:
    return [Device(each.name, f"{each.name} ({each.rate_hz:,} Hz)") for each in devices]


def _is_there(name: str | None, devices: Sequence[SoundDevice]) -> bool:
    return any(name is None or name in each.name for each in devices)
