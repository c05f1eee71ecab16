"""The server's own words are read from its source, so that other words of a later release are noticed."""

import asyncio
import inspect
import logging

import pytest
from uvicorn.protocols.http.h11_impl import RequestResponseCycle
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from uvicorn.server import Server

from console.ui.plain_end import PlainEnd

CUT_OFF = "Cancel %s running task(s), timeout graceful shutdown exceeded"
CANCELLED = "Exception in ASGI application\n"


@pytest.fixture
def n_open():
    return 3


@pytest.fixture
def log(caplog, n_open):
    logger = logging.getLogger("test.server")
    plain = PlainEnd(lambda: n_open, 2)
    logger.addFilter(plain)
    caplog.set_level(logging.INFO)
    yield logger
    logger.removeFilter(plain)


def told(caplog):
    return [(each.levelname, each.getMessage()) for each in caplog.records]


def test_these_are_the_servers_words():
    assert CUT_OFF in inspect.getsource(Server.shutdown)
    for each in (RequestResponseCycle, WSProtocol):
        assert CANCELLED.rstrip() in inspect.getsource(each.run_asgi)


@pytest.mark.parametrize(
    ("n_open", "n_running", "told_of"),
    [
        (3, 1, "3 connections that had"),
        (1, 1, "1 connection that had"),
        (0, 2, "2 connections that had"),
    ],
)
def test_what_is_cut_off_is_one_plain_line(log, caplog, n_running, told_of):
    log.error(CUT_OFF, n_running)

    assert told(caplog) == [("WARNING", f"ending: cut off {told_of} not ended within 2 s")]


@pytest.mark.parametrize("n_open", [0])
def test_nothing_is_said_of_nothing(log, caplog):
    log.error(CUT_OFF, 0)

    assert told(caplog) == []


def test_what_was_cancelled_at_the_end_is_not_called_a_failure(log, caplog):
    log.error(CUT_OFF, 1)
    caplog.clear()

    log.error(CANCELLED, exc_info=asyncio.CancelledError())

    assert told(caplog) == []


def test_failures_are_told_before_the_end_and_at_it(log, caplog):
    log.error(CANCELLED, exc_info=asyncio.CancelledError())
    log.error(CUT_OFF, 1)
    log.error(CANCELLED, exc_info=ValueError("ours"))
    log.info("Shutting down")

    assert [each for each, _ in told(caplog)] == ["ERROR", "WARNING", "ERROR", "INFO"]
