"""A player for sound that arrives piece by piece, in tracks, and can be interrupted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np

from console import pcm as pcm_units
from console.audio.ports import AudioSink, Heard
from console.audio.sounddevice_sink import SounddeviceSink
from console.audio.spectrum import MAX_DBFS, MIN_DBFS, Analysis, Frequencies, analyse

DEFAULT_TRACK: Final = "default"


@dataclass(frozen=True, slots=True)
class TrackOffset:
    """How far a track was heard."""

    track: str
    offset: int
    """Samples of the track that reached the ear, at 24 kHz."""
    time_s: float
    """The same in seconds."""


@runtime_checkable
class MonitoredSink(Protocol):
    """A sink that can say what it plays at the moment; `SounddeviceSink` is one."""

    @property
    def device_rate_hz(self) -> int:
        """Rate of what `recent` returns."""

    def recent(self) -> bytes:
        """Return what was played last, as PCM16."""

    async def position(self) -> Heard | None:
        """Say what is heard now; None for nothing."""


class StreamPlayer:
    """Plays tracks one behind the other on an `AudioSink`.

    ::

        player = StreamPlayer()
        await player.connect()
        player.add(pcm, "item_1")
        ...
        heard = await player.interrupt()

    Sound is PCM16 mono at 24 kHz. Chunks may have any length; an underrun is a pause and nothing
    is lost. A track that was interrupted stays silent, whatever still arrives of it.
    """

    def __init__(self, sink: AudioSink | None = None) -> None:
        """Prepare; nothing is opened.

        Args:
            sink: Where sound goes; None is this machine's default speaker.
        """
        self._sink: AudioSink = SounddeviceSink() if sink is None else sink
        self._is_connected = False
        self._interrupted: set[str] = set()
        self._tracks: set[str] = set()

    async def connect(self) -> None:
        """Open the speaker; safe to call twice.

        Raises:
            AudioDeviceError: It cannot be used; the sentence says why.
        """
        await self._sink.start()
        self._is_connected = True

    async def close(self) -> None:
        """Fall silent and release the speaker; safe to call twice."""
        self._is_connected = False
        await self._sink.stop()

    def add(
        self,
        pcm: bytes | bytearray | memoryview | pcm_units.Int16Array,
        track: str = DEFAULT_TRACK,
    ) -> pcm_units.Int16Array:
        """Queue 16-bit PCM behind what is queued; begins to play at once if nothing does.

        Args:
            pcm: Bytes (little-endian), or an int16 array of shape ``(n_samples,)`` of which a
                view is fine: only its own samples are played.
            track: What it belongs to; tracks play in the order in which they were begun.

        Returns:
            The samples that were queued, shape ``(n_samples,)``; none for a track that was
            interrupted.

        Raises:
            ValueError: `connect` has not been called, half a sample is missing, or an array has
                more or fewer dimensions than one.
            TypeError: An array is not of int16.
        """
        if not self._is_connected:
            raise ValueError("the player is not connected; connect first")
        if isinstance(pcm, np.ndarray):
            if pcm.dtype != np.int16:
                raise TypeError(f"16-bit samples are needed, not {pcm.dtype}; convert them first")
            if pcm.ndim != 1:
                raise ValueError(
                    f"sound of one channel, shape (n_samples,), is needed, not {pcm.shape}; "
                    "choose or mix its channels first"
                )
            sound = pcm.astype("<i2").tobytes()
        else:
            sound = bytes(pcm)
        pcm_units.check_chunk(sound)
        if track in self._interrupted:
            return np.zeros(0, dtype=np.int16)
        self._tracks.add(track)
        self._sink.play(track, sound)
        return pcm_units.to_int16(sound)

    def finish(self, track: str = DEFAULT_TRACK) -> None:
        """Say that a track is complete, so that its end is no underrun."""
        self._sink.finish(track)

    async def interrupt(self) -> TrackOffset | None:
        """Stop at once, forget what is queued, and say what was being heard.

        Returns:
            The track at the ear, not one that waited behind it; None when nothing was playing.
        """
        self._interrupted |= self._tracks
        self._tracks.clear()
        return _offset(await self._sink.interrupt())

    async def offset(self) -> TrackOffset | None:
        """Return what is heard now, without disturbing it; None for nothing.

        Raises:
            TypeError: The sink cannot say; `SounddeviceSink` can.
        """
        return _offset(await self._monitored().position())

    def frequencies(
        self,
        analysis: Analysis = "frequency",
        *,
        min_dbfs: float = MIN_DBFS,
        max_dbfs: float = MAX_DBFS,
    ) -> Frequencies:
        """Return the spectrum of what is heard now.

        Raises:
            ValueError: `connect` has not been called; or there is no such analysis.
            TypeError: The sink cannot say; `SounddeviceSink` can.
        """
        if not self._is_connected:
            raise ValueError("the player is not connected; connect first")
        sink = self._monitored()
        return analyse(
            sink.recent(),
            analysis,
            sample_rate_hz=sink.device_rate_hz,
            min_dbfs=min_dbfs,
            max_dbfs=max_dbfs,
        )

    def _monitored(self) -> MonitoredSink:
        if not isinstance(self._sink, MonitoredSink):
            raise TypeError(f"{type(self._sink).__name__} cannot say what it plays at the moment")
        return self._sink


def _offset(heard: Heard | None) -> TrackOffset | None:
    if heard is None:
        return None
    return TrackOffset(heard.track, heard.n_samples, heard.n_samples / pcm_units.SAMPLE_RATE_HZ)
