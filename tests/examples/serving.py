"""A simulator beside an example: the program runs in a thread of its own, with its own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from tests.simulator.serving import running


async def run(main: Callable[[Sequence[str]], int], *argv: str, senses=None, **options) -> int:
    """Return the exit status of an example that talks to a simulator."""
    async with running(senses, **options) as server:
        return await asyncio.to_thread(main, ["--url", server.url, *argv])
