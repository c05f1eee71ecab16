"""What a microphone and a speaker promise, whoever provides them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Heard:
    """How far a track was heard."""

    track: str
    """The item id whose audio was being played."""
    n_samples: int
    """Samples of that track that reached the ear, at 24 kHz, counted from its first."""


class AudioSource(Protocol):
    """Where the user's voice comes from: PCM16 mono at 24 kHz, in chunks of 20 to 40 ms."""

    @property
    def dropped_chunks(self) -> int:
        """How many chunks were dropped because nobody read them in time."""

    async def start(self) -> None:
        """Begin to capture.

        Raises:
            AudioDeviceError: The microphone cannot be used; the sentence says why.
        """

    async def stop(self) -> None:
        """End the capture; safe to call twice."""

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield chunks until `stop`; the oldest are dropped when the reader falls behind."""

    async def wait_until_read(self) -> None:
        """Wait until the reader of `chunks` has done with every chunk captured before this call.

        A turn that ends with the release of a button is whole only then.
        """


class AudioSink(Protocol):
    """Where the model's voice goes. A track is the audio of one item."""

    async def start(self) -> None:
        """Make the speaker ready.

        Raises:
            AudioDeviceError: The speaker cannot be used; the sentence says why.
        """

    async def stop(self) -> None:
        """Silence and release the speaker; safe to call twice."""

    def play(self, track: str, pcm: bytes) -> None:
        """Queue audio of a track behind what is queued already; never blocks.

        Chunks of a track that was interrupted are ignored, and all while the speaker is not ready.
        """

    def finish(self, track: str) -> None:
        """Say that all audio of the track has been queued."""

    async def interrupt(self) -> Heard | None:
        """Stop at once, forget what is queued, and say what was being heard.

        Returns:
            The track that was heard (not one that waited behind it) and how far;
            None when nothing was playing.
        """

    async def clear(self) -> None:
        """Forget all tracks, interrupted ones too: a new session begins."""
