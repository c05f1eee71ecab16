"""Speech as Opus: frames of 20 ms in, packets of RTP out. Imports `av`; only calls need it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from av import AudioFrame, CodecContext
from av.audio.codeccontext import AudioCodecContext
from av.packet import Packet

from console import pcm
from console.simulator.service.call_speaker import FRAME_BYTES, FRAME_MS

RTP_RATE_HZ: Final = 48_000
"""Opus counts in these, whatever it carries."""
BIT_RATE: Final = 32_000
"""Enough that one voice sounds as it is."""
SETTLING_FRAMES: Final = 10
"""After so many silent frames one packet of silence is like the other."""
# Of 10; above this the machine works half as much again for what nobody hears in speech.
_EFFORT: Final = "5"
_RTP_TIME: Final = Fraction(1, RTP_RATE_HZ)
_STEP: Final = FRAME_MS * RTP_RATE_HZ // 1000
_SILENCE: Final = bytes(FRAME_BYTES)


class OpusEncoder:
    """One stream of mono speech. In long silence it repeats itself, which costs nothing."""

    def __init__(self) -> None:
        codec = CodecContext.create("libopus", "w")
        assert isinstance(codec, AudioCodecContext)
        codec.bit_rate = BIT_RATE
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = pcm.SAMPLE_RATE_HZ
        codec.options = {"application": "voip", "compression_level": _EFFORT}
        self._codec = codec
        self._n_frames = 0
        self._n_silent = 0
        self._last = b""

    @property
    def is_settled(self) -> bool:
        """Whether more silence costs nothing."""
        return self._n_silent >= SETTLING_FRAMES

    def encode(self, frame: bytes | None) -> Packet[Any]:
        """Return the next packet.

        Args:
            frame: 20 ms of PCM16 mono 24 kHz; None for silence.
        """
        self._n_silent = self._n_silent + 1 if frame is None else 0
        if self._n_silent <= SETTLING_FRAMES:
            self._last = self._encoded(_SILENCE if frame is None else frame)
        packet: Packet[Any] = Packet(self._last)
        packet.pts = self._n_frames * _STEP
        packet.time_base = _RTP_TIME
        self._n_frames += 1
        return packet

    def _encoded(self, audio: bytes) -> bytes:
        frame = AudioFrame(format="s16", layout="mono", samples=len(audio) // pcm.BYTES_PER_SAMPLE)
        frame.planes[0].update(audio)
        frame.sample_rate = pcm.SAMPLE_RATE_HZ
        (packet,) = self._codec.encode(frame)
        return bytes(packet)
