"""Print what a WAV file says: a session in which speech becomes text and nobody answers.

::

    python -m console.examples.transcription speech.wav
"""

# ruff: noqa: T201 - it talks to a terminal

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from console import pcm
from console.client import RealtimeClient
from console.errors import ConsoleError
from console.examples import program
from console.realtime.items import ItemUpdate

CHUNK_BYTES: Final = 100 * pcm.BYTES_PER_MS


async def transcribe(url: str, transcriber: str, speech: Path) -> None:
    """Send the speech, end the turn, and print the words as they come."""
    sound = await asyncio.to_thread(program.read_wav, speech)
    client = program.client(url, session_type="transcription")
    await client.update_session(turn_detection=None, transcription={"model": transcriber})

    def show(update: ItemUpdate) -> None:
        if update.delta is not None and update.delta.transcript:
            print(update.delta.transcript, end="", flush=True)

    def is_finished(update: ItemUpdate) -> bool:
        part = update.item.audio_part
        return part is not None and part.transcription in ("completed", "failed")

    client.on("conversation.updated", show)
    async with client:
        ended = await program.until(
            client, "conversation.updated", is_finished, send(client, sound)
        )
    part = ended.item.audio_part
    if part.transcription == "failed":
        why = part.transcription_error or "the server does not say why"
        raise ConsoleError(program.sentence(f"It could not be transcribed: {why}"))
    print(f"\nAll of it: {part.transcript or '(nobody could make out any words)'}")


async def send(client: RealtimeClient, sound: bytes) -> None:
    """Send the sound, and make one item of it."""
    for at in range(0, len(sound), CHUNK_BYTES):
        await client.append_input_audio(sound[at : at + CHUNK_BYTES])
    await client.commit_input_audio()


def main(argv: Sequence[str] | None = None) -> int:
    """Read the flags and run."""
    parser = program.parser("console.examples.transcription", "Print what a WAV file says.")
    parser.add_argument("--transcriber", default="gpt-transcribe", help="default: %(default)s")
    parser.add_argument("speech", type=Path, help="a 16-bit WAV file")
    given = parser.parse_args(argv)
    return program.run(transcribe(given.url, given.transcriber, given.speech))


if __name__ == "__main__":
    sys.exit(main())
