"""Type to the model, and print what it writes while it writes it.

::

    python -m console.examples.text "Hello!" "What can you do?"
"""

# ruff: noqa: T201 - it talks to a terminal

from __future__ import annotations

import sys
from collections.abc import Sequence

from console.examples import program
from console.realtime.items import ItemUpdate


async def talk(url: str, model: str, lines: Sequence[str]) -> None:
    """Say the lines one after the other, each when the one before was answered."""
    client = program.client(url, model)
    await client.update_session(output_modalities=["text"], instructions="Answer briefly.")

    def show(update: ItemUpdate) -> None:
        if update.delta is not None and update.delta.text:
            print(update.delta.text, end="", flush=True)

    client.on("conversation.updated", show)
    async with client:
        for line in lines:
            print(f"You:   {line}\nModel: ", end="")
            await program.answer(client, client.send_user_message_content(line))
            print()


def main(argv: Sequence[str] | None = None) -> int:
    """Read the flags and run."""
    parser = program.parser("console.examples.text", "Type to the model.")
    program.add_model(parser)
    parser.add_argument("lines", nargs="+", metavar="LINE", help="what to say")
    given = parser.parse_args(argv)
    return program.run(talk(given.url, given.model, given.lines))


if __name__ == "__main__":
    sys.exit(main())
