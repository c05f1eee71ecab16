"""Microphones and speakers behind two ports, and a library of sound that needs no page.

What a program of its own needs can be imported from here::

    from console.audio import Recorder, StreamPlayer

====================  =====================================================================
`Recorder`            begin, record, pause, clear, read, save, end; frequencies; devices
`StreamPlayer`        connect, add 16-bit PCM by track, interrupt, offset; frequencies
`SounddeviceSource`   a microphone of this machine, as an `AudioSource`
`SounddeviceSink`     a speaker of this machine, as an `AudioSink`
`WavSink`             a file in place of a speaker
`FileSource`          a sound file in place of a microphone
`list_devices`        this machine's microphones and speakers; `DeviceWatch` tells of changes
`analyse`             the spectrum of PCM: bins, notes, or the notes of a voice
`Spectrum`            the same of a stream
`Bars`                bars of the voice's range, for a meter; `voice_bars` for a recording
====================  =====================================================================

Sound is PCM16 mono at 24 kHz everywhere; `console.pcm` has its units and conversions,
`console.g711` its logarithmic forms, `console.wav` packs and unpacks WAV files. What cannot be
used raises `AudioDeviceError` with a sentence for people; wrong calls raise `ValueError`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from console.audio.devices import DeviceWatch, list_devices
    from console.audio.file_source import FileSource
    from console.audio.ports import AudioSink, AudioSource, Heard
    from console.audio.recorder import Recorder, RecorderStatus, SavedRecording
    from console.audio.sounddevice_library import SoundDevice, SoundDevices
    from console.audio.sounddevice_sink import SounddeviceSink
    from console.audio.sounddevice_source import SounddeviceSource
    from console.audio.spectrum import Analysis, Bars, Frequencies, Spectrum, analyse, voice_bars
    from console.audio.stream_player import StreamPlayer, TrackOffset
    from console.audio.wav_io import WavSink

__all__ = [
    "Analysis",
    "AudioSink",
    "AudioSource",
    "Bars",
    "DeviceWatch",
    "FileSource",
    "Frequencies",
    "Heard",
    "Recorder",
    "RecorderStatus",
    "SavedRecording",
    "SoundDevice",
    "SoundDevices",
    "SounddeviceSink",
    "SounddeviceSource",
    "Spectrum",
    "StreamPlayer",
    "TrackOffset",
    "WavSink",
    "analyse",
    "list_devices",
    "voice_bars",
]

_MODULES: Final = {
    "devices": ("DeviceWatch", "list_devices"),
    "file_source": ("FileSource",),
    "ports": ("AudioSink", "AudioSource", "Heard"),
    "recorder": ("Recorder", "RecorderStatus", "SavedRecording"),
    "sounddevice_library": ("SoundDevice", "SoundDevices"),
    "sounddevice_sink": ("SounddeviceSink",),
    "sounddevice_source": ("SounddeviceSource",),
    "spectrum": ("Analysis", "Bars", "Frequencies", "Spectrum", "analyse", "voice_bars"),
    "stream_player": ("StreamPlayer", "TrackOffset"),
    "wav_io": ("WavSink",),
}
_MODULE_OF: Final = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the program that looks for devices needs neither numpy nor soxr.
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
