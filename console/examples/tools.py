"""Give the model a function of this program to call.

::

    python -m console.examples.tools "Roll a dice with 20 sides."
"""

# ruff: noqa: T201 - it talks to a terminal

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from typing import Any

from console.client.happenings import ToolCalled
from console.errors import ToolError
from console.examples import program
from console.tools.registry import Tool


def roll_dice(sides: int = 6) -> dict[str, Any]:
    """Return what JSON can carry; a `ToolError` tells the model in words what went wrong."""
    if sides < 2:
        raise ToolError(f"A dice with {sides} sides cannot be rolled.")
    return {"result": random.randint(1, sides), "sides": sides}


DICE = Tool(
    name="roll_dice",
    description="Rolls a dice and tells the result.",
    handler=roll_dice,
    parameters={
        "type": "object",
        "properties": {"sides": {"type": "integer", "description": "Number of its sides."}},
    },
)


async def talk(url: str, model: str, line: str) -> None:
    """Ask once; the client runs the tool, sends what it returns, and asks for the answer."""
    client = program.client(url, model)
    await client.update_session(output_modalities=["text"])
    await client.add_tool(DICE)

    def show(call: ToolCalled) -> None:
        if call.phase == "finished":
            print(f"Tool:  {call.name}({call.arguments}) -> {call.error or call.result}")

    client.on("tool.called", show)
    async with client:
        print(f"You:   {line}")
        response = await program.answer(client, client.send_user_message_content(line))
        print(f"Model: {program.said(client, response)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Read the flags and run."""
    parser = program.parser("console.examples.tools", "Let the model call a function.")
    program.add_model(parser)
    parser.add_argument("line", nargs="?", default="Roll a dice with 20 sides.")
    given = parser.parse_args(argv)
    return program.run(talk(given.url, given.model, given.line))


if __name__ == "__main__":
    sys.exit(main())
