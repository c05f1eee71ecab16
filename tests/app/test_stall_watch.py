import asyncio
import logging
import threading

import pytest

from console.app.stall_watch import StallWatch


class Told(logging.Handler):
    """Collects what is logged, and says when."""

    def __init__(self):
        super().__init__()
        self.lines: list[str] = []
        self.levels: list[int] = []
        self.came = threading.Event()
        self.warned = threading.Event()

    def emit(self, record):
        self.lines.append(record.getMessage())
        self.levels.append(record.levelno)
        self.came.set()
        if record.levelno == logging.WARNING:
            self.warned.set()


@pytest.fixture
def told():
    handler = Told()
    logger = logging.getLogger("console.app.stall_watch")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(handler)


@pytest.fixture
def watch():
    watch = StallWatch(limit_s=0.05, long_s=30, look_every_s=0.01)
    yield watch
    watch.stop()


def hold_the_loop_until(event: threading.Event) -> bool:
    return event.wait(10)


async def test_a_loop_that_is_held_up_is_told_once_with_who_holds_it(watch, told):
    watch.start()

    assert hold_the_loop_until(told.came)

    (line,) = told.lines
    assert "held up for 50 ms" in line
    assert "hold_the_loop_until" in line


async def test_a_loop_that_is_held_up_for_long_is_a_warning(told):
    watch = StallWatch(limit_s=0.05, long_s=0.1, look_every_s=0.01)
    watch.start()

    assert hold_the_loop_until(told.warned)
    watch.stop()

    assert told.levels == [logging.INFO, logging.WARNING]
    assert "held up for 100 ms" in told.lines[1]


async def test_a_loop_that_runs_is_not_told_of(told):
    watch = StallWatch(limit_s=30, look_every_s=0.01)
    watch.start()

    for _ in range(20):
        await asyncio.sleep(0.005)
    watch.stop()

    assert told.lines == []


async def test_it_ends_when_it_is_told_to(watch):
    watch.start()
    thread = watch._thread
    assert thread is not None

    watch.stop()
    await asyncio.to_thread(thread.join, 5)

    assert not thread.is_alive()
