"""Typed publish and subscribe."""

import asyncio

import pytest

from console.signals import Signal


@pytest.fixture
def signal() -> Signal[int]:
    return Signal("counted")


def test_handlers_hear_every_value_in_the_order_in_which_they_connected(signal):
    heard: list[tuple[str, int]] = []
    signal.connect(lambda value: heard.append(("first", value)))
    signal.connect(lambda value: heard.append(("second", value)))

    signal.emit(1)
    signal.emit(2)

    assert heard == [("first", 1), ("second", 1), ("first", 2), ("second", 2)]


def test_a_handler_can_stop_and_stop_again(signal):
    heard: list[int] = []
    stop = signal.connect(heard.append)

    stop()
    stop()
    signal.emit(1)

    assert heard == []


def test_it_is_known_how_many_hear(signal):
    assert signal.n_handlers == 0

    stop = signal.connect(lambda _: None)
    assert signal.n_handlers == 1

    stop()
    assert signal.n_handlers == 0


def test_a_handler_that_fails_is_logged_and_the_others_hear(signal, caplog):
    heard: list[int] = []

    def fail(value: int) -> None:
        raise RuntimeError("broken ear")

    signal.connect(fail)
    signal.connect(heard.append)

    signal.emit(1)

    assert heard == [1]
    assert "a handler of counted failed" in caplog.text
    assert "broken ear" in caplog.text


def test_a_handler_may_stop_itself_while_it_hears(signal):
    heard: list[int] = []

    def once(value: int) -> None:
        heard.append(value)
        stop()

    stop = signal.connect(once)
    signal.connect(heard.append)
    signal.emit(1)
    signal.emit(2)

    assert heard == [1, 1, 2]


async def test_a_coroutine_handler_runs_in_the_background(signal):
    heard: asyncio.Queue[int] = asyncio.Queue()
    signal.connect(heard.put)

    signal.emit(1)

    assert heard.empty()
    assert await heard.get() == 1


async def test_waiting_returns_the_next_value_that_is_accepted(signal):
    waiting = asyncio.create_task(signal.wait(lambda value: value > 1, timeout_s=5))
    await asyncio.sleep(0)

    for value in (1, 2, 3):
        signal.emit(value)

    assert await waiting == 2


async def test_a_wait_that_times_out_leaves_nothing_registered(signal):
    with pytest.raises(TimeoutError):
        await signal.wait(timeout_s=0.001)

    assert signal._handlers == ()
