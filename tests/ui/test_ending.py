from __future__ import annotations

import asyncio
import os
import signal
from types import SimpleNamespace

import pytest
from nicegui.server import Server

from console.process_end import LastMoment
from console.ui.ending import SIGNALS, Ending
from tests.fakes import PATIENCE_S


class Bench:
    """An end with a server, a session and a file that only write down what happens to them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, is_started: bool = True) -> None:
        self.happened: list[str] = []
        self.is_written = asyncio.Event()
        heard = SimpleNamespace(shutdown=lambda: self.happened.append("browser told"))
        listener = SimpleNamespace(close=lambda: self.happened.append("nobody let in"))
        self.server = SimpleNamespace(
            started=is_started,
            servers=[listener],
            server_state=SimpleNamespace(connections=[heard]),
        )
        monkeypatch.setattr(Server, "instance", self.server, raising=False)
        self.nears = 0
        moment = SimpleNamespace(watch=lambda: None, nears=self._near)
        self.ending = Ending((self.close_sessions, self.write), moment)  # type: ignore[arg-type]

    def _near(self) -> None:
        self.nears += 1

    async def close_sessions(self) -> None:
        self.happened.append("sessions end")
        await asyncio.sleep(0)
        self.happened.append("sessions ended")

    async def write(self) -> None:
        self.happened.append("written")
        self.is_written.set()


EVERYTHING = ["nobody let in", "browser told", "sessions end", "sessions ended", "written"]


@pytest.fixture
def bench(monkeypatch):
    return Bench(monkeypatch)


@pytest.fixture
def server_s_signals():
    """What the server heard of signals, which the process has again afterwards as before."""
    heard: list[int] = []
    before = {each: signal.signal(each, lambda number, _: heard.append(number)) for each in SIGNALS}
    yield heard
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.parametrize("number", SIGNALS)
async def test_everything_ends_at_the_signal_and_the_server_is_not_waited_for(
    bench, server_s_signals, number
):
    bench.ending.follow()

    os.kill(os.getpid(), number)
    async with asyncio.timeout(PATIENCE_S):
        await bench.is_written.wait()

    assert bench.happened == EVERYTHING
    assert server_s_signals == [number], "the server heard it, too"
    assert bench.nears == 1
    await bench.ending.finish()
    assert bench.happened == EVERYTHING, "once"
    assert bench.ending.is_complete


async def test_the_server_hears_of_one_signal_alone_so_that_its_end_is_never_cut_short(
    bench, server_s_signals
):
    bench.ending.follow()

    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):
        os.kill(os.getpid(), number)
    async with asyncio.timeout(PATIENCE_S):
        await bench.is_written.wait()

    assert server_s_signals == [signal.SIGINT]
    assert bench.nears == 3
    assert bench.happened == EVERYTHING


async def test_browsers_are_told_before_their_sessions_end_so_that_none_comes_back(bench):
    bench.ending.begin()
    bench.ending.begin()
    await bench.ending.finish()

    assert bench.happened == EVERYTHING


async def test_a_server_that_ends_without_a_signal_has_everything_ended_too(bench):
    await bench.ending.finish()

    assert bench.happened == EVERYTHING


async def test_a_signal_before_the_server_listens_ends_what_there_is(monkeypatch):
    bench = Bench(monkeypatch, is_started=False)

    await bench.ending.finish()

    assert bench.happened == ["sessions end", "sessions ended", "written"]


async def test_what_fails_at_the_end_keeps_nothing_else_from_being_written(bench, caplog):
    async def fails() -> None:
        raise OSError("gone")

    ending = Ending((fails, bench.write))

    await ending.finish()

    assert bench.happened[-1] == "written"
    assert not ending.is_complete
    (record,) = caplog.records
    assert "fails" in record.getMessage()
    caplog.clear()


async def test_the_process_ends_by_itself_when_what_has_to_end_does_not(
    monkeypatch, server_s_signals
):
    bench = Bench(monkeypatch)
    loop = asyncio.get_running_loop()
    status: asyncio.Future[int] = loop.create_future()
    slept: list[float] = []
    stuck = asyncio.Event()

    def end(with_status: int) -> None:
        loop.call_soon_threadsafe(status.set_result, with_status)

    async def hangs() -> None:
        await stuck.wait()

    moment = LastMoment(4.5, lambda: ending.is_complete, sleep=slept.append, end=end)
    ending = Ending((hangs,), moment)
    ending.follow()

    os.kill(os.getpid(), signal.SIGTERM)

    async with asyncio.timeout(PATIENCE_S):
        assert await status == 1, "it says that not everything was put away"
    assert slept == [4.5]
    assert server_s_signals == [signal.SIGTERM]
    stuck.set()
    await ending.finish()
    assert bench.happened == ["nobody let in", "browser told"]
