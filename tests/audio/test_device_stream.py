"""A device in use, with a PortAudio that does as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from console.audio import device_stream
from console.audio.device_stream import Buffering, DeviceStream
from console.audio.sounddevice_library import Format, SoundDevice, SoundDevices
from console.errors import AudioDeviceError

HERE = SoundDevices((), (SoundDevice("Headset (hw:1)", 48_000, False),))
GONE = SoundDevices((SoundDevice("Headset (hw:1)", 48_000, False),), ())


class FakeStream:
    def __init__(self, **options: Any) -> None:
        self.options = options

    def start(self) -> None: ...

    def call_back(self, data: Any = b"") -> None:
        self.options["callback"](data, len(data) // 2, None, None)

    def end(self) -> None:
        self.options["finished_callback"]()


class FakePortAudio:
    """The library and its owner in one."""

    def __init__(self) -> None:
        self.is_renewing = False
        self.refuses = False
        self.streams: list[FakeStream] = []
        self.closed: list[FakeStream] = []
        self.opening: Callable[[], None] = lambda: None

    RawInputStream = RawOutputStream = FakeStream

    def open(self, direction: str, name: str, start: Any, wanted: Format | None) -> Any:
        self.opening()
        if self.refuses:
            raise AudioDeviceError("busy")
        stream = start(self, 7, wanted or Format(48_000))
        self.streams.append(stream)
        return stream, wanted or Format(48_000)

    def close(self, stream: FakeStream) -> None:
        self.closed.append(stream)


class Rig:
    """A speaker, and all that it told."""

    def __init__(self, direction: Any = "output") -> None:
        self.lost: list[str] = []
        self.let_go = 0
        self.prepared: list[Format] = []
        self.calls: list[tuple[object, Any, int]] = []
        self.is_lost = asyncio.Event()
        self.stream = DeviceStream(
            direction,
            "Headset",
            wanted=None,
            buffering=Buffering(5, 0.015),
            called=lambda token, data, n, status: self.calls.append((token, data, n)),
            lost=self._lost,
            prepare=self.prepared.append,
            let_go=self._let_go,
        )

    def _lost(self, error: AudioDeviceError) -> None:
        self.lost.append(str(error))
        self.is_lost.set()

    def _let_go(self) -> None:
        self.let_go += 1


@pytest.fixture
def portaudio(monkeypatch):
    found = FakePortAudio()
    monkeypatch.setattr(device_stream, "PORTAUDIO", found)
    return found


@pytest.fixture
def rig(portaudio):
    return Rig()


async def test_it_opens_the_device_with_the_format_and_the_buffering(rig, portaudio):
    await rig.stream.open()
    options = portaudio.streams[0].options

    assert rig.stream.is_open
    assert rig.prepared == [rig.stream.format] == [Format(48_000)]
    assert (options["blocksize"], options["latency"], options["device"]) == (240, 0.015, 7)
    await rig.stream.close()


async def test_callbacks_carry_the_token_of_their_opening(rig, portaudio):
    await rig.stream.open()
    await rig.stream.reopen()
    old, new = portaudio.streams
    old.call_back(b"....")
    new.call_back(b"..")

    assert [rig.stream.is_token(token) for token, _, _ in rig.calls] == [False, True]
    assert [n for _, _, n in rig.calls] == [2, 1]
    await rig.stream.close()


async def test_a_device_that_cannot_be_opened_is_let_go_and_says_why(rig, portaudio):
    portaudio.refuses = True

    with pytest.raises(AudioDeviceError, match="busy"):
        await rig.stream.open()
    assert (rig.stream.is_open, rig.let_go) == (False, 1)


async def test_a_device_that_is_closed_while_it_opens_stays_closed(rig, portaudio):
    loop = asyncio.get_running_loop()
    portaudio.opening = lambda: asyncio.run_coroutine_threadsafe(rig.stream.close(), loop).result(5)
    await rig.stream.open()

    assert not rig.stream.is_open
    assert portaudio.closed == portaudio.streams
    assert rig.let_go == 2


async def test_of_two_openings_the_later_counts_and_its_callback_is_not_let_go(rig, portaudio):
    await asyncio.gather(rig.stream.open(), rig.stream.open())

    assert rig.stream.is_open
    assert len(portaudio.closed) == 1
    assert rig.let_go == 0
    await rig.stream.close()


async def test_another_device_takes_over_when_the_first_has_played_what_it_holds(
    rig, portaudio, monkeypatch
):
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    await rig.stream.open()
    monkeypatch.setattr(asyncio, "sleep", sleep)
    assert await rig.stream.use("Speakers", is_wanted=True)
    first, second = portaudio.streams

    assert waited == [pytest.approx(0.025)]  # so that what it holds is not forgotten
    assert portaudio.closed == [first]
    assert rig.stream.name == "Speakers"
    assert not await rig.stream.use("Speakers", is_wanted=True)
    await rig.stream.close()
    assert len(waited) == 1  # silenced at once
    assert portaudio.closed == [first, second]


async def test_a_stream_that_ends_by_itself_is_lost_closed_and_named(rig, portaudio):
    await rig.stream.open()
    portaudio.streams[0].end()
    await asyncio.wait_for(rig.is_lost.wait(), 5)

    assert "The speaker 'Headset' no longer takes sound" in rig.lost[0]
    assert not rig.stream.is_open
    assert rig.let_go == 1
    await until(lambda: portaudio.closed == portaudio.streams)


async def test_a_microphone_is_lost_in_its_own_words(portaudio):
    rig = Rig("input")
    await rig.stream.open()
    rig.stream.lose()

    assert "The microphone 'Headset' stopped delivering sound" in rig.lost[0]


async def test_a_stream_that_ends_because_the_list_is_read_again_is_opened_again(rig, portaudio):
    await rig.stream.open()
    portaudio.is_renewing = True
    portaudio.streams[0].end()
    portaudio.is_renewing = False
    await until(lambda: len(portaudio.streams) == 2 and rig.stream.is_open)

    assert rig.lost == []
    await rig.stream.close()


async def test_a_device_that_is_not_there_after_the_list_was_read_again_is_lost(rig, portaudio):
    await rig.stream.open()
    portaudio.is_renewing = portaudio.refuses = True
    portaudio.streams[0].end()
    await asyncio.wait_for(rig.is_lost.wait(), 5)

    assert len(rig.lost) == 1


async def test_a_device_that_no_longer_calls_back_is_lost(rig, portaudio, monkeypatch):
    monkeypatch.setattr(device_stream, "CHECK_EVERY_S", 0.01)
    await rig.stream.open()
    await asyncio.wait_for(rig.is_lost.wait(), 5)

    assert not rig.stream.is_open
    assert len(rig.lost) == 1


@pytest.mark.parametrize(("calls_at", "lost_after"), [(1, 3), (6, 8), (None, 7)])
async def test_a_device_may_be_slow_to_begin_but_not_stop(
    rig, portaudio, monkeypatch, calls_at, lost_after
):
    monkeypatch.setattr(device_stream, "CHECK_EVERY_S", 0.0)
    checks = 0

    def checked() -> None:
        nonlocal checks
        checks += 1
        if checks == calls_at:
            portaudio.streams[0].call_back()

    rig.stream._checked = checked
    await rig.stream.open()
    await asyncio.wait_for(rig.is_lost.wait(), 5)

    assert checks == lost_after


async def test_a_device_that_is_opened_again_may_be_slow_again(rig, portaudio, monkeypatch):
    monkeypatch.setattr(device_stream, "CHECK_EVERY_S", 0.0)
    await rig.stream.open()
    portaudio.streams[0].call_back()
    checks = 0

    def checked() -> None:
        nonlocal checks
        checks += 1
        if checks == 4:
            portaudio.streams[1].call_back()
        elif checks > 4:
            rig.stream.lose()

    rig.stream._checked = checked
    await rig.stream.reopen()
    await asyncio.wait_for(rig.is_lost.wait(), 5)

    assert checks == 5


async def test_a_device_that_goes_on_calling_back_is_kept(rig, portaudio, monkeypatch):
    monkeypatch.setattr(device_stream, "CHECK_EVERY_S", 0.0)
    checks = 0

    def checked() -> None:
        nonlocal checks
        checks += 1
        if checks % 2:  # every other check finds it still, as after a pause of the whole program
            portaudio.streams[0].call_back()

    rig.stream._checked = checked
    await rig.stream.open()
    await until(lambda: checks >= 10)

    assert rig.lost == []
    await rig.stream.close()


async def test_a_device_that_left_the_list_is_lost_although_its_stream_runs_on(rig):
    await rig.stream.open()
    rig.stream.note_devices(HERE)
    assert rig.lost == []
    rig.stream.note_devices(GONE)

    assert len(rig.lost) == 1


async def test_a_device_that_was_never_listed_while_open_is_not_judged_by_the_list(rig):
    await rig.stream.open()
    rig.stream.note_devices(GONE)  # another program cannot open it, and does not list it
    rig.stream.note_devices(GONE)

    assert rig.lost == []
    await rig.stream.close()


async def test_the_default_and_a_closed_device_leave_no_list(rig, portaudio):
    rig.stream.note_devices(HERE)
    rig.stream.note_devices(GONE)
    await rig.stream.use(None, is_wanted=True)
    rig.stream.note_devices(HERE)
    rig.stream.note_devices(GONE)

    assert rig.lost == []
    await rig.stream.close()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 - another thread tells nobody
            await asyncio.sleep(0)
