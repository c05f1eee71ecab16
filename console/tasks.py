"""Background work with a name: tasks that are referenced while they run, and threads."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
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


async def in_own_thread(work: Callable[[], T], *, name: str) -> T:
    """Return what `work` returns, done in a thread that the program's end does not wait for.

    Who gives up waiting is not held up: what comes later is dropped.

    Raises:
        Exception: What `work` has raised; as a RuntimeError what would end more than the work.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def fail(error: BaseException) -> None:
        if not isinstance(error, Exception) or isinstance(error, StopIteration):
            # A future does not take these.
            error = RuntimeError(repr(error))
        if not future.done():
            future.set_exception(error)

    def resolve(result: T) -> None:
        if not future.done():
            future.set_result(result)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:
            hand_over(loop, fail, error)
        else:
            hand_over(loop, resolve, result)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await future


def hand_over(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *values: Any) -> None:
    """Have the loop call `call` soon; from any thread, and never blocking."""
    # RuntimeError: the loop has ended while the thread was still at work; nobody is listening.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *values)
