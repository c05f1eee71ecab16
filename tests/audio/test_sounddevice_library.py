"""PortAudio of this process: its list of devices, its streams, and what it says in words."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from console.audio import sounddevice_library
from console.audio.sounddevice_library import (
    PORTAUDIO,
    Format,
    PortAudio,
    SoundDevice,
    SoundDevices,
    in_own_thread,
)
from console.errors import AudioDeviceError
from tests.audio.machine import use


class PortAudioError(Exception):
    """As the library names it."""


class FakeStream:
    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


class FakeLibrary:
    """The library on a Windows machine with one headset, which three systems list."""

    PortAudioError = PortAudioError

    class default:
        hostapi = 0

    def __init__(self) -> None:
        self.refused: set[tuple[int, int]] = set()
        self.n_looks = 0
        self.devices = [
            self._device(0, "Headset Microphone (Very Lo", 1, 0, 44_100),
            self._device(1, "Headset Microphone (Very Long Name)", 1, 0, 48_000),
            self._device(2, "Speakers", 0, 2, 48_000),
        ]
        self.hostapis = [
            self._system("MME", [0], 0, -1),
            self._system("Windows WASAPI", [1, 2], 1, 2),
        ]

    def _device(self, index: int, name: str, n_in: int, n_out: int, rate: int) -> dict[str, Any]:
        return {
            "index": index,
            "name": name,
            "max_input_channels": n_in,
            "max_output_channels": n_out,
            "default_samplerate": float(rate),
        }

    def _system(self, name: str, devices: list[int], default_in: int, default_out: int) -> Any:
        return {
            "name": name,
            "devices": devices,
            "default_input_device": default_in,
            "default_output_device": default_out,
        }

    def query_hostapis(self) -> Any:
        return tuple(self.hostapis)

    def query_devices(self, device: Any = None, kind: str | None = None) -> Any:
        if isinstance(device, int):
            return self.devices[device]
        raise ValueError(f"No {kind} device matching {device!r}")

    def check_output_settings(self, *, device: int, channels: int, dtype: str, samplerate: int):
        if (samplerate, channels) in self.refused:
            raise PortAudioError("Invalid sample rate", -9997)

    check_input_settings = check_output_settings

    def _terminate(self) -> None:
        self.n_looks += 1

    def _initialize(self) -> None:
        pass


@pytest.fixture
def library(monkeypatch) -> FakeLibrary:
    found = FakeLibrary()
    monkeypatch.setattr(sounddevice_library, "load", lambda: found)
    return found


def opened(_: Any, number: int, wanted: Format) -> FakeStream:
    return FakeStream()


def test_a_device_that_several_systems_list_is_listed_once_by_its_whole_name(library):
    assert PortAudio().devices() == SoundDevices(
        (SoundDevice("Headset Microphone (Very Long Name)", 48_000, True),),
        (SoundDevice("Speakers", 48_000, True),),
    )


@pytest.mark.parametrize(
    ("refused", "taken"),
    [
        (set(), Format(24_000)),
        ({(24_000, 1)}, Format(48_000)),
        ({(24_000, 1), (48_000, 1)}, Format(48_000, 2)),
    ],
)
def test_a_device_is_opened_with_the_nearest_that_it_offers(library, refused, taken):
    library.refused = refused

    assert PortAudio().open("output", None, opened)[1] == taken


def test_a_device_that_is_not_listed_is_looked_for_again_once(library):
    with pytest.raises(AudioDeviceError, match="microphone 'Theremin' cannot be used"):
        PortAudio().open("input", "Theremin", opened)

    assert library.n_looks == 1


@pytest.mark.parametrize(("direction", "name"), [("input", "microphone"), ("output", "speaker")])
def test_a_machine_without_any_device_is_told_plainly_what_to_do(library, direction, name):
    for each in library.hostapis:
        each["devices"] = []

    with pytest.raises(
        AudioDeviceError, match=f"no {name} that PortAudio can find: plug one in or start the sound"
    ):
        PortAudio().open(direction, None, opened)

    assert library.n_looks == 1, "one may have been plugged in since"


def test_a_listed_device_that_fails_disturbs_no_stream_of_others(library):
    portaudio = PortAudio()
    stream, _ = portaudio.open("output", None, opened)

    def refuse(_: Any, number: int, wanted: Format) -> None:
        raise PortAudioError("Device unavailable", -9985)

    with pytest.raises(AudioDeviceError, match=r"Device unavailable\); check that it is connected"):
        portaudio.open("input", None, refuse)
    assert not stream.is_closed
    assert library.n_looks == 0


def test_looking_again_ends_every_stream_and_says_so_meanwhile(library):
    portaudio = PortAudio()
    stream, _ = portaudio.open("output", None, opened)
    seen: list[bool] = []
    stream.close = lambda: seen.append(portaudio.is_renewing)
    portaudio.renew()

    assert seen == [True]
    assert not portaudio.is_renewing
    portaudio.renew()
    assert seen == [True]


def test_a_stream_that_is_closed_is_not_closed_again(library):
    portaudio = PortAudio()
    stream, _ = portaudio.open("output", None, opened)
    portaudio.close(stream)
    stream.is_closed = False
    portaudio.renew()

    assert not stream.is_closed


def test_the_devices_of_the_virtual_sound_card_are_listed_with_their_rates(sound_card, monkeypatch):
    use(sound_card, monkeypatch)
    found = PORTAUDIO.devices()

    assert [each.name for each in found.inputs if each.is_default] == ["default"]
    assert [each.name for each in found.outputs if each.is_default] == ["default"]
    assert all(each.rate_hz > 0 for each in (*found.inputs, *found.outputs))


async def test_work_in_a_thread_of_its_own_gives_its_result_or_its_error():
    assert await in_own_thread(lambda: 42, what="count", timeout_s=5) == 42

    def fail() -> None:
        raise AudioDeviceError("no")

    with pytest.raises(AudioDeviceError, match="no"):
        await in_own_thread(fail, what="fail", timeout_s=5)


async def test_work_that_never_ends_is_told_and_left_alone():
    release = threading.Event()
    with pytest.raises(AudioDeviceError, match=r"did not answer for 0.01 s \(open the speaker\)"):
        await in_own_thread(release.wait, what="open the speaker", timeout_s=0.01)
    release.set()
    await asyncio.sleep(0)


def test_the_list_is_not_read_again_while_a_driver_does_not_let_go_of_a_stream(monkeypatch):
    hangs, is_closing = threading.Event(), threading.Event()

    class Hanging(FakeStream):
        def close(self) -> None:
            is_closing.set()
            hangs.wait()

    monkeypatch.setattr(sounddevice_library, "load", FakeLibrary)
    monkeypatch.setattr(sounddevice_library, "_CLOSE_TIMEOUT_S", 0.05)
    portaudio = PortAudio()
    closing = threading.Thread(target=portaudio.close, args=(Hanging(),))
    closing.start()
    assert is_closing.wait(5)
    try:
        with pytest.raises(AudioDeviceError, match="does not let go of a device"):
            portaudio.renew()
    finally:
        hangs.set()
        closing.join()
    portaudio.renew()
