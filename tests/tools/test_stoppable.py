"""Code that takes too long is stopped, where Python can."""

import threading

import pytest

from console.tools import stoppable as stoppable_module
from console.tools.stoppable import OverdueError, stoppable

NAME = "some work"


def threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == NAME]


async def test_what_is_in_time_returns_what_it_returns_and_raises_what_it_raises():
    def fail() -> None:
        raise KeyError("mine")

    assert await stoppable(lambda: threading.current_thread().name, timeout_s=5, name=NAME) == NAME
    with pytest.raises(KeyError, match="mine"):
        await stoppable(fail, timeout_s=5, name=NAME)


async def test_a_time_limit_of_the_works_own_is_not_taken_for_ours():
    def fail() -> None:
        raise TimeoutError("of the weather service")

    with pytest.raises(TimeoutError, match="of the weather service"):
        await stoppable(fail, timeout_s=5, name=NAME)


@pytest.mark.parametrize("n_caught", [0, 2])
async def test_what_turns_for_ever_is_stopped_even_if_it_catches_that(n_caught):
    caught: list[int] = []

    def turn() -> None:
        while True:
            try:
                while True:
                    pass
            except SystemExit:
                if len(caught) == n_caught:
                    raise
                caught.append(1)

    with pytest.raises(OverdueError) as overdue:
        await stoppable(turn, timeout_s=0.01, name=NAME)

    assert overdue.value.has_ended
    assert len(caught) == n_caught
    for each in threads():
        each.join(5)
        assert not each.is_alive()


async def test_what_waits_for_the_system_is_given_up(monkeypatch):
    monkeypatch.setattr(stoppable_module, "STOP_S", 0.1)
    release = threading.Event()

    with pytest.raises(OverdueError) as overdue:
        await stoppable(release.wait, timeout_s=0.01, name=NAME)

    assert not overdue.value.has_ended
    assert len(threads()) == 1
    (thread,) = threads()
    release.set()
    thread.join(5)
    assert not thread.is_alive()
