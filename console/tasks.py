"""Background work with a name: referenced while it runs, its failure logged once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")
_running: set[asyncio.Task[Any]] = set()


def spawn(coroutine: Coroutine[Any, Any, T], *, name: str) -> asyncio.Task[T]:
    """Start `coroutine` in the background and return its task.

    The task is kept from the garbage collector until it ends. A failure is logged with the
    name; whoever awaits the task still receives it.
    """
    task = asyncio.get_running_loop().create_task(coroutine, name=name)
    _running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if task.cancelled():
        return
    if (error := task.exception()) is not None:
        logger.error("background task %r failed", task.get_name(), exc_info=error)


async def cancel(task: asyncio.Task[Any] | None) -> None:
    """Cancel `task` and wait until it has ended; None and ended tasks are fine."""
    if task is None or task.done():
        return
    task.cancel()
    # Its failure has been logged by `_ended`; here only its end matters. Unlike awaiting the
    # task itself, this does not take our own cancellation for the task's.
    await asyncio.wait([task])


async def run_until_first_ends(*coroutines: Coroutine[Any, Any, Any], name: str) -> None:
    """Run the coroutines together; when the first ends or fails, cancel the others.

    Raises:
        Exception: What the first one to fail has raised.
    """
    tasks = [spawn(each, name=f"{name}-{n}") for n, each in enumerate(coroutines)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            await cancel(task)
    for task in done:
        task.result()
