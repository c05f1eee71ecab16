"""The machine's devices, with the real PortAudio and devices that come and go."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio

from console.audio import devices
from console.audio.devices import DeviceWatch, list_devices
from console.audio.sounddevice_library import SoundDevices
from console.audio.sounddevice_sink import SounddeviceSink
from console.errors import AudioDeviceError
from tests.audio.machine import Headset, use


@pytest.fixture
def headset(sound_card, tmp_path, monkeypatch):
    found = Headset(sound_card, tmp_path)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(found.configuration))
    use(sound_card, monkeypatch)
    yield found
    found.put_away()


@pytest_asyncio.fixture
async def watch(headset):
    found = DeviceWatch(interval_s=0.1)
    yield found
    await found.stop()


def names(found: SoundDevices) -> set[str]:
    return {each.name for each in found.outputs}


async def test_the_watch_tells_what_there_is_when_it_begins(watch):
    watch.start()
    found = await watch.changed.wait(timeout_s=15)

    assert found == list_devices() == watch.devices


async def test_a_device_that_is_plugged_in_and_pulled_out_is_told_each_time(watch, headset):
    watch.start()
    await watch.changed.wait(timeout_s=15)
    headset.plug_in()
    with_it = await watch.changed.wait(timeout_s=15)
    headset.pull_out()
    without_it = await watch.changed.wait(timeout_s=15)

    assert names(with_it) - names(without_it) == {"headset"}


async def test_looks_that_find_nothing_new_are_told_as_looks_alone(watch):
    changes: list[SoundDevices] = []
    watch.changed.connect(changes.append)
    watch.start()
    for _ in range(3):
        await watch.looked.wait(timeout_s=15)

    assert len(changes) == 1


async def test_a_watch_runs_as_long_as_somebody_wants_it(watch):
    watch.start()
    watch.start()
    await watch.looked.wait(timeout_s=15)
    await watch.stop()
    await watch.looked.wait(timeout_s=15)
    await watch.stop()
    with pytest.raises(TimeoutError):
        await watch.looked.wait(timeout_s=0.5)
    watch.start()

    await watch.looked.wait(timeout_s=15)


async def test_a_speaker_that_was_plugged_in_later_is_opened_by_its_name(headset):
    headset.plug_in()
    sink = SounddeviceSink(headset.name)
    await sink.start()

    assert sink.is_running
    assert headset.name in names(list_devices())
    await sink.stop()


async def test_a_speaker_that_is_pulled_out_is_lost_and_found_again_by_its_name(headset, watch):
    headset.plug_in()
    sink = SounddeviceSink(headset.name)
    await sink.start()
    watch.looked.connect(sink.note_devices)  # where its sound goes now, only the list tells
    watch.start()
    await watch.looked.wait(lambda found: headset.name in names(found), timeout_s=15)
    lost = asyncio.ensure_future(sink.lost.wait(timeout_s=15))
    await asyncio.sleep(0)
    headset.pull_out()
    told = await lost
    with pytest.raises(AudioDeviceError, match="speaker 'headset' cannot be used"):
        await sink.start()
    headset.plug_in()
    await sink.start()

    assert "'headset' no longer takes sound" in str(told)
    assert sink.is_running
    await sink.stop()


async def test_a_program_that_cannot_look_leaves_a_line_in_the_log(monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(devices, "_CODE_ROOT", tmp_path)
    monkeypatch.setattr(devices, "_PROBE", "no_such_module")
    watch = DeviceWatch()
    watch.start()
    assert watch._task is not None
    await watch._task
    await watch.stop()

    assert "nobody looks for sound devices" in caplog.text
