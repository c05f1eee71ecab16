"""Background work with a name."""

import asyncio

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
