"""Ask several things beside the conversation, all at once.

::

    python -m console.examples.out_of_band "Tell me a joke."
"""

# ruff: noqa: T201 - it talks to a terminal

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from console.client import RealtimeClient
from console.examples import program

QUESTIONS: Final = {
    "here": "What is the date today?",
    "there": "What time is it in Tokyo?",
    "numbers": "Count to five.",
}
"""What is asked beside the conversation, by a name of ours."""


async def ask_beside(url: str, model: str, line: str) -> None:
    """Let the conversation answer a line, and ask other things at the same time."""
    client = program.client(url, model)
    await client.update_session(output_modalities=["text"])
    async with client:
        print(f"You:   {line}")
        asked = (ask(client, name, question) for name, question in QUESTIONS.items())
        response, told = await asyncio.gather(
            program.answer(client, client.send_user_message_content(line)),
            asyncio.gather(*asked),
        )
        print(f"Model: {program.said(client, response)}")
        for each in told:
            print(each)
        # What was asked beside it has left no trace in the conversation.
        print(f"The conversation has {len(client.conversation.items)} items.")


async def ask(client: RealtimeClient, name: str, question: str) -> str:
    """Return one answer with its name, which travels as metadata."""
    answer = await client.ask_out_of_band(question, metadata={"name": name})
    return f"{answer.response.metadata['name']}: {answer.text}"


def main(argv: Sequence[str] | None = None) -> int:
    """Read the flags and run."""
    parser = program.parser("console.examples.out_of_band", "Ask beside the conversation.")
    program.add_model(parser)
    parser.add_argument("line", nargs="?", default="Tell me a joke.")
    given = parser.parse_args(argv)
    return program.run(ask_beside(given.url, given.model, given.line))


if __name__ == "__main__":
    sys.exit(main())
