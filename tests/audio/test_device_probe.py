"""The program that looks for devices."""

from __future__ import annotations

import io
import json
import sys

from console.audio import device_probe
from console.audio.sounddevice_library import PortAudio, SoundDevice, SoundDevices
from console.errors import AudioDeviceError


class OneMicrophone(PortAudio):
    def devices(self, *, fresh: bool = False) -> SoundDevices:
        assert fresh, "PortAudio tells what is new only when it is asked to look"
        return SoundDevices((SoundDevice("mic", 48_000, True),))


class NoSound(PortAudio):
    def devices(self, *, fresh: bool = False) -> SoundDevices:
        raise AudioDeviceError("PortAudio is not installed.")


def test_a_look_is_one_line_of_json():
    line = device_probe.look(OneMicrophone())

    assert "\n" not in line
    assert json.loads(line) == {
        "inputs": [{"name": "mic", "rate_hz": 48_000, "is_default": True}],
        "outputs": [],
    }


def test_no_sound_system_is_no_devices_and_the_reason():
    assert json.loads(device_probe.look(NoSound())) == {
        "inputs": [],
        "outputs": [],
        "error": "PortAudio is not installed.",
    }


def test_it_looks_until_its_input_ends(monkeypatch, capsys):
    monkeypatch.setattr(device_probe, "PortAudio", OneMicrophone)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    assert device_probe.main(["0.01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(json.loads(line)["inputs"][0]["name"] == "mic" for line in lines)
