"""Background work with a name."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from console import tasks


async def forever() -> None:
    await asyncio.get_running_loop().create_future()


async def fail() -> None:
    raise RuntimeError("in the background")


async def test_a_failure_is_logged_with_the_name_and_raised_to_who_awaits(caplog):
    task = tasks.spawn(fail(), name="worker")

    with pytest.raises(RuntimeError, match="in the background"):
        await task

    assert "background task 'worker' failed" in caplog.text


async def test_a_result_is_returned_and_nothing_stays_referenced(caplog):
    async def answer() -> int:
        return 42

    task = tasks.spawn(answer(), name="worker")

    assert await task == 42
    assert task not in tasks._running
    assert caplog.text == ""


async def test_cancelling_waits_for_the_end_and_logs_nothing(caplog):
    ended = []

    async def careful() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    task = tasks.spawn(careful(), name="worker")
    await asyncio.sleep(0)

    await tasks.cancel(task)

    assert ended == [True]
    assert task.cancelled()
    assert caplog.text == ""


async def test_cancelling_nothing_or_what_has_ended_is_fine():
    task = tasks.spawn(asyncio.sleep(0), name="worker")
    await task

    await tasks.cancel(task)
    await tasks.cancel(None)


async def test_a_failure_on_the_way_out_is_logged_and_not_raised(caplog):
    async def stumble() -> None:
        try:
            await forever()
        finally:
            raise RuntimeError("stumbled")

    task = tasks.spawn(stumble(), name="worker")
    await asyncio.sleep(0)

    await tasks.cancel(task)

    assert "stumbled" in caplog.text


async def test_who_is_cancelled_while_cancelling_stays_cancelled():
    is_free = asyncio.Event()

    async def stubborn() -> None:
        try:
            await forever()
        except asyncio.CancelledError:
            await is_free.wait()

    inner = tasks.spawn(stubborn(), name="inner")
    await asyncio.sleep(0)
    outer = tasks.spawn(tasks.cancel(inner), name="outer")
    await asyncio.sleep(0)

    outer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await outer

    is_free.set()
    await inner


async def test_when_the_first_ends_the_others_are_cancelled():
    ended = []

    async def other() -> None:
        try:
            await forever()
        finally:
            ended.append("other")

    await tasks.run_until_first_ends(other(), asyncio.sleep(0), name="pump")

    assert ended == ["other"]


async def test_the_failure_of_the_first_is_raised(caplog):
    with pytest.raises(RuntimeError, match="in the background"):
        await tasks.run_until_first_ends(forever(), fail(), name="pump")

    assert "'pump-1' failed" in caplog.text


# In a thread


def raising(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


async def test_work_in_a_thread_of_its_own_gives_its_result_and_keeps_nobody_from_leaving():
    thread = await tasks.in_own_thread(threading.current_thread, name="worker")

    assert (thread.name, thread.daemon) == ("worker", True)


async def test_what_work_in_a_thread_raises_is_raised_to_who_waits():
    with pytest.raises(LookupError, match="not there"):
        await tasks.in_own_thread(raising(LookupError("not there")), name="worker")


@pytest.mark.parametrize("error", [StopIteration("over"), SystemExit("bye"), KeyboardInterrupt()])
async def test_what_would_end_more_than_the_work_is_an_error_like_others(error):
    with pytest.raises(RuntimeError, match=type(error).__name__):
        await tasks.in_own_thread(raising(error), name="worker")


@pytest.mark.parametrize("error", [None, LookupError()])
async def test_what_comes_when_nobody_waits_any_more_is_dropped(error, caplog):
    release, threads = threading.Event(), list[threading.Thread]()

    def work() -> None:
        threads.append(threading.current_thread())
        release.wait()
        if error is not None:
            raise error

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await tasks.in_own_thread(work, name="worker")
    release.set()
    await asyncio.to_thread(threads[0].join)
    await asyncio.sleep(0)

    assert caplog.text == ""


def test_what_comes_after_the_end_of_the_loop_is_dropped():
    loop = asyncio.new_event_loop()
    loop.close()
    called: list[int] = []

    tasks.hand_over(loop, called.append, 1)

    assert called == []
