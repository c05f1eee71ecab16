import logging
import re

import pytest

from console.app.view_model import Notice
from tests.ui.demo_session import DemoSession, opened_page

SECRET = "the words of sk-planted"


class FailingSession(DemoSession):
    async def send_text(self, text: str) -> bool:
        raise RuntimeError(SECRET)

    async def stay(self) -> None:
        raise RuntimeError(SECRET)


@pytest.mark.parametrize("session_type", [FailingSession])
async def test_a_handler_that_fails_is_told_by_its_number_and_the_page_goes_on(
    session_type: type[DemoSession], caplog: pytest.LogCaptureFixture
) -> None:
    session = session_type()
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


async def test_the_pages_of_others_hear_nothing_of_it() -> None:
    failing, other = FailingSession("a"), DemoSession("b")
    async with opened_page(failing) as user:
        failing.view.add_notice(Notice("idle", "warning", "Nobody has spoken.", "stay"))
        await user.should_see("Nobody has spoken.")
        user.find("Stay").click()
        await user.should_see("Something went wrong")

    async with opened_page(other) as user:
        await user.should_not_see("Something went wrong")
