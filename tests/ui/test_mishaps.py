import logging
import re

import pytest

from console.app.view_model import Notice
from console.ui import mishaps
from console.ui.mishaps import EVERY_S, Numbers, SeldomTold
from tests.ui.demo_session import DemoSession, opened_page
from tests.ui.test_rate_limit import SteppedClock

SECRET = "the words of sk-planted"


class FailingSession(DemoSession):
    async def send_text(self, text: str) -> bool:
        raise RuntimeError(SECRET)

    async def stay(self) -> None:
        raise RuntimeError(SECRET)


@pytest.mark.parametrize("session_type", [FailingSession])
async def test_a_handler_that_fails_is_told_by_its_number_and_the_page_goes_on(
    session_type: type[DemoSession],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = session_type()
    monkeypatch.setattr(mishaps, "_numbers", Numbers(SteppedClock().now_s))
    async with opened_page(session) as user:
        session.view.add_notice(Notice("idle", "warning", "Nobody has spoken.", "stay"))
        await user.should_see("Nobody has spoken.")

        user.find("Stay").click()
        await user.should_see("Something went wrong (id ")

        (notice,) = session.view.notices
        found = re.search(r"\(id (\w{4})\)", notice.sentence)
        assert found is not None
        logged = [each for each in caplog.records if each.name == "console.ui.mishaps"]
        assert [each.levelno for each in logged] == [logging.ERROR]
        assert found[1] in logged[0].getMessage()
        assert "planted" not in notice.sentence
        session.view.dismiss_all()
        await user.should_not_see("Something went wrong")


def failure(kind: type[Exception] = KeyError) -> Exception:
    try:
        raise kind("id")
    except kind as error:
        return error


def test_what_fails_alike_has_one_number_for_a_minute() -> None:
    clock = SteppedClock()
    numbers = Numbers(clock.now_s)
    number, is_new = numbers.number_of(failure())

    assert is_new
    assert {numbers.number_of(failure()) for _ in range(1000)} == {(number, False)}
    assert numbers.number_of(failure(ValueError))[1]
    assert numbers.number_of(KeyError("elsewhere"))[1]
    clock.time_s += EVERY_S
    assert numbers.number_of(failure())[1]


def test_kinds_of_failures_are_forgotten_beyond_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mishaps, "MOST_KINDS", 1)
    numbers = Numbers(SteppedClock().now_s)

    told = [numbers.number_of(each)[1] for each in (failure(), failure(ValueError), failure())]

    assert told == [True, True, True]


def test_a_log_that_tells_failures_too_tells_each_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = logging.getLogger("told-elsewhere")
    seldom = SeldomTold(SteppedClock().now_s)
    log.addFilter(seldom)
    for _ in range(100):
        log.error(failure())
        log.warning("a sentence")

    assert [each.levelname for each in caplog.records].count("ERROR") == 1
    assert len(caplog.records) == 101


async def test_the_pages_of_others_hear_nothing_of_it() -> None:
    failing, other = FailingSession("a"), DemoSession("b")
    async with opened_page(failing) as user:
        failing.view.add_notice(Notice("idle", "warning", "Nobody has spoken.", "stay"))
        await user.should_see("Nobody has spoken.")
        user.find("Stay").click()
        await user.should_see("Something went wrong")

    async with opened_page(other) as user:
        await user.should_not_see("Something went wrong")
