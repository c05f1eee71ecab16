"""The server's own words are read from its source, so that other words of a later release are noticed."""

import inspect
import logging

import pytest
from uvicorn.protocols.http import h11_impl, httptools_impl

from console.ui.door.server_warnings import EVERY_S, OF_VISITORS, RareWarnings

INVALID = "Invalid HTTP request received."


class Time:
    now_s = 0.0


@pytest.fixture
def log(caplog):
    logger = logging.getLogger("test.server.warnings")
    rare = RareWarnings(lambda: Time.now_s)
    Time.now_s = 0.0
    logger.addFilter(rare)
    yield logger
    logger.removeFilter(rare)


@pytest.mark.parametrize("words", sorted(OF_VISITORS))
def test_these_are_the_servers_words(words):
    for each in (h11_impl, httptools_impl):
        assert f'"{words}"' in inspect.getsource(each)


def test_a_flood_of_what_is_no_request_is_one_line_a_minute_that_counts_it(log, caplog):
    for _ in range(5_000):
        log.warning(INVALID)
    assert caplog.messages == [INVALID]

    Time.now_s = EVERY_S
    log.warning(INVALID)
    log.warning(INVALID)
    assert caplog.messages[1:] == [f"{INVALID} And 4,999 times more since that was last told."]


def test_what_came_once_is_told_as_it_is_however_late_the_next_comes(log, caplog):
    log.warning(INVALID)
    Time.now_s = 10 * EVERY_S
    log.warning(INVALID)

    assert caplog.messages == [INVALID] * 2


def test_other_warnings_are_told_each_time(log, caplog):
    for _ in range(3):
        log.warning("something else")
    log.warning(INVALID)

    assert caplog.messages == ["something else"] * 3 + [INVALID]
