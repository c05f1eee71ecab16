"""Speech synthesis by the program flite, where it is installed: other voices than eSpeak's."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
import zlib
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console import pcm, wav
from console.errors import ConfigurationError, SpeechEngineError
from console.simulator.speech import speakable
from console.simulator.speech.sound_pieces import SoundPieces

PROGRAM: Final = "flite"
TIMEOUT_S: Final = 20.0
MISSING: Final = (
    "The voices of flite need the program flite. Install it (on Debian: apt-get install flite), "
    "or leave --voices away."
)
_LONGEST_TEXT: Final = 300
_AT_ONCE: Final = 2
"""Programs that run at a time; more would only slow each other down."""


@dataclass(frozen=True, slots=True)
class FliteSound:
    """How flite makes one of the API's voices."""

    name: str
    gain_db: float
    """Brings the voice to about 20 dB below full scale."""


_WOMAN: Final = FliteSound("slt", -5.7)
_MAN: Final = FliteSound("rms", 0.3)
_SCOT: Final = FliteSound("awb", -0.4)
_ROBOT: Final = FliteSound("kal16", 8.4)
VOICES: Final = {
    "alloy": _WOMAN, "ash": _MAN, "ballad": _SCOT, "cedar": _MAN, "coral": _WOMAN,
    "echo": _ROBOT, "marin": _WOMAN, "sage": _WOMAN, "shimmer": _WOMAN, "verse": _SCOT,
}  # fmt: skip


class FliteVoice:
    """Implements `senses.Voice`; one program run for each sentence."""

    def __init__(self, program: str | None = None) -> None:
        """Find the program.

        Args:
            program: Its path; without it the one that the system finds.

        Raises:
            ConfigurationError: It is not installed.
        """
        found = program or shutil.which(PROGRAM)
        if found is None:
            raise ConfigurationError(MISSING)
        self._program = found
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def speak(self, text: str, voice: str, speed: float) -> AsyncGenerator[bytes, None]:
        """Say one sentence, in chunks of 100 ms; the last may be shorter.

        Closing the generator ends the program at once.

        Args:
            text: One sentence.
            voice: A name of the API; an unknown one gets one of the voices, always the same.
            speed: Above zero; 1 is the normal speed.

        Raises:
            SpeechEngineError: The program cannot be run, has failed, or takes too long.
        """
        sound = choose(voice)
        for part in speakable.parts(speakable.expand(text), _LONGEST_TEXT):
            async with self._room:
                said = await self._say(part, sound.name, speed)
            for chunk in await asyncio.to_thread(_chunks, said, sound.gain_db):
                yield chunk

    async def _say(self, text: str, voice: str, speed: float) -> bytes:
        """Return what flite says, as a WAV file."""
        with tempfile.TemporaryDirectory(prefix="realtime-console-") as folder:
            # The program seeks back in what it writes, so that a pipe will not do.
            path = Path(folder) / "said.wav"
            options = ["-voice", voice, "--setf", f"duration_stretch={1 / speed:.3f}"]
            await self._run(*options, "-t", text, "-o", str(path))
            return await asyncio.to_thread(path.read_bytes)

    async def _run(self, *arguments: str) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                self._program, *arguments, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise SpeechEngineError(f"The voice cannot be started: {error}.") from error
        try:
            async with asyncio.timeout(TIMEOUT_S):
                _, complaint = await process.communicate()
        except TimeoutError:
            raise SpeechEngineError(f"The voice said nothing for {TIMEOUT_S:.0f} s.") from None
        finally:
            if process.returncode is None:
                # It may have ended by itself in the meantime.
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode != 0:
            reason = complaint.decode(errors="replace").strip()[:200]
            raise SpeechEngineError(f"The voice failed: {reason or process.returncode}.")


def choose(voice: str) -> FliteSound:
    """Return the voice of that name; an unknown name gets one of them, always the same."""
    known = VOICES.get(voice.lower())
    return known or list(VOICES.values())[zlib.crc32(voice.encode()) % len(VOICES)]


def _chunks(said: bytes, gain_db: float) -> list[bytes]:
    try:
        samples, rate_hz = wav.unpack(said)
    except ValueError as error:
        raise SpeechEngineError(
            f"The voice has made no sound that can be read: {error}."
        ) from error
    return SoundPieces(rate_hz, gain_db).take(pcm.to_float(samples), last=True)
