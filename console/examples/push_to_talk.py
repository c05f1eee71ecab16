"""Say what a WAV file says, and keep the answer as another one.

::

    python -m console.examples.push_to_talk question.wav answer.wav
"""

# ruff: noqa: T201 - it talks to a terminal

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from console import pcm, wav
from console.client import RealtimeClient
from console.examples import program
from console.realtime.items import Item, ItemUpdate

CHUNK_BYTES: Final = 100 * pcm.BYTES_PER_MS


async def talk(url: str, model: str, question: Path, answer: Path) -> None:
    """Send the question as a microphone would, end the turn, and write what comes back."""
    sound = await asyncio.to_thread(program.read_wav, question)
    await asyncio.to_thread(program.check_writable, answer)
    client = program.client(url, model)
    # Nobody listens for the end of speech: this program ends the turn, like a button let go.
    await client.update_session(
        turn_detection=None, transcription={"model": "gpt-4o-mini-transcribe"}
    )
    async with client:
        for at in range(0, len(sound), CHUNK_BYTES):
            await client.append_input_audio(sound[at : at + CHUNK_BYTES])
        # With input audio pending, this commits it first.
        response = await program.answer(client, client.create_response())
        print(f"You:   {await transcript(client)}")
        print(f"Model: {program.said(client, response)}")
        heard = b"".join(
            item.read_audio()
            for item in client.conversation.items
            if item.response_id == response.id
        )
    try:
        await asyncio.to_thread(answer.write_bytes, wav.pack(heard))
    except OSError as error:
        raise program.cannot_be_written(answer, error) from error
    print(f"{pcm.bytes_to_ms(len(heard)) / 1000:.1f} s of speech are in {answer}.")


async def transcript(client: RealtimeClient) -> str:
    """Return what the user said; it may come after the answer, or never."""

    def is_known(item: Item) -> bool:
        part = item.audio_part
        return item.role == "user" and part is not None and part.transcription != "pending"

    def has_come(update: ItemUpdate) -> bool:
        return is_known(update.item)

    known = next((item for item in client.conversation.items if is_known(item)), None)
    if known is None:
        known = (await program.until(client, "conversation.updated", has_come, None)).item
    return known.text or "(nobody could make out what)"


def main(argv: Sequence[str] | None = None) -> int:
    """Read the flags and run."""
    parser = program.parser("console.examples.push_to_talk", "Say what a WAV file says.")
    program.add_model(parser)
    parser.add_argument("question", type=Path, help="a 16-bit WAV file")
    parser.add_argument("answer", type=Path, help="the WAV file to write")
    given = parser.parse_args(argv)
    return program.run(talk(given.url, given.model, given.question, given.answer))


if __name__ == "__main__":
    sys.exit(main())
