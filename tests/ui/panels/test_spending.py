import time

import pytest
from nicegui import ui
from nicegui.testing import User

from console.app.spending.state import CapState, SpendingState
from console.app.view_model import Notice
from console.ui.elements.elapsed import Elapsed
from console.ui.panels.spending import Brief, brief, words
from console.ui.panels.status import TRY_FIRST
from tests.ui.demo_session import DemoSession, opened_page

CAPS = (
    CapState("session", "3:09", "30:00 min", "27 min", is_near=False),
    CapState("session", "$1.70", "$2.00", "$0.30", is_near=True),
    CapState("guest", "$1.70", "$5.00", "$3.30", is_near=False),
    CapState("day", "$3.00", "$20.00", "$17.00", is_near=False),
)


OF_EACH = (
    CapState("session", "0:00", "1:30 min", "1:30 minutes", is_near=False),
    CapState("session", "$0.00", "$2.00", "$2.00", is_near=False),
)
ENDING = CapState("session", "1:15", "1:30 min", "0:15", is_near=True, ends_at_s=90.0)
USED_UP = CapState("guest", "2:00", "2:00 min", "0:00", is_near=True, is_reached=True)
OBSTACLE = "Your address has used its 2 minutes for today."


def test_each_limit_is_told_by_whose_it_is():
    assert words(SpendingState(dollars="$1.70", caps=CAPS, is_running=True)) == (
        "This session: 3:09 of 30:00 min, $1.70 of $2.00. "
        "Your address today: $1.70 of $5.00. Everybody today: $3.00 of $20.00."
    )


def test_without_a_session_it_is_told_what_each_has():
    state = SpendingState(dollars="$1.70", caps=(*OF_EACH, CAPS[2]))

    assert words(state) == (
        "Each session has 1:30 minutes and $2.00. This session: $1.70. "
        "Your address today: $1.70 of $5.00."
    )
    assert brief(state) == Brief("Each session has 1:30 minutes and $2.00.")


def test_without_limits_a_known_cost_is_told_alone():
    assert words(SpendingState(dollars="$0.0210")) == "This session: $0.0210."


def test_an_estimate_is_called_one():
    assert "an estimate, rather too high" in words(SpendingState("$0.02", is_estimate=True))


def test_what_is_wrong_with_the_counter_is_told():
    assert words(SpendingState(remark="The money counter was damaged.")) == (
        "The money counter was damaged."
    )


@pytest.mark.parametrize(
    ("caps", "told"),
    [
        (CAPS[:1], Brief("Left for this session: 27 min.")),
        (CAPS, Brief("Little left for this session: $0.30.")),
        (
            (*CAPS[:1], CapState("guest", "59:00", "60:00 min", "1:00", is_near=True)),
            Brief("Little left for your address today: 1:00."),
        ),
        (
            (*CAPS, CapState("day", "$20.00", "$20.00", "$0.00", is_near=True, is_reached=True)),
            Brief("Nothing left for everybody today."),
        ),
        (
            (*CAPS[:1], CapState("guest", "40:00", "60:00 min", "20 min", False, is_less=True)),
            Brief("Left for your address today: 20 min."),
        ),
        ((ENDING, *CAPS[2:]), Brief("Little left for this session:", 90.0)),
        ((ENDING, CAPS[1]), Brief("Little left for this session:", 90.0, "and $0.30.")),
        ((), Brief("")),
    ],
)
def test_the_line_tells_what_is_left_of_the_limit_that_matters_most(caps, told):
    assert brief(SpendingState(dollars="$1.70", caps=caps, is_running=True)) == told


def test_what_is_wrong_with_the_counter_is_told_without_a_click():
    told = brief(SpendingState(caps=CAPS, remark="The money counter was damaged."))
    assert told.words.endswith("The money counter was damaged.")


async def test_where_there_are_limits_all_of_them_can_be_unfolded() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.set_spending(SpendingState(dollars="$0.0210"))
        (label,) = user.find("This session: $0.0210.").elements
        assert label.parent_slot is not None
        line = label.parent_slot.parent
        assert "rc-spending--folds" not in line.classes

        session.view.set_spending(SpendingState(caps=CAPS))
        assert "rc-spending--folds" in line.classes


async def test_the_line_comes_when_there_is_something_to_tell() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_not_see("This session")

        session.view.set_spending(SpendingState(dollars="$0.0210", prices="prices of 2026-11-23"))

        await user.should_see("This session: $0.0210.")
        (label,) = user.find("This session: $0.0210.").elements
        assert label.props["title"] == "prices of 2026-11-23"


async def test_an_end_that_is_near_is_counted_down_to_in_the_line() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        ending = CapState("session", "0:30", "1:30 min", "1:00", False, ends_at_s=time.time() + 60)
        session.view.set_spending(SpendingState(caps=(ending,), is_running=True))

        await user.should_see("Left for this session:")
        (clock,) = (each for each in user.find(kind=Elapsed).elements if each.props["is-left"])
        assert clock.props["seconds"] == pytest.approx(60, abs=2)


def line_classes(user: User) -> list[str]:
    """Return the classes of the line."""
    (line,) = (
        each for each in user.find(kind=ui.element).elements if "rc-spending" in each.classes
    )
    return line.classes


async def test_a_limit_that_is_used_up_is_told_in_amber_in_place_of_what_to_try() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_see(TRY_FIRST)

        session.view.set_spending(SpendingState(caps=(USED_UP,), obstacle=OBSTACLE))

        await user.should_see(OBSTACLE)
        await user.should_not_see(TRY_FIRST)
        assert "rc-spending--forbidden" in line_classes(user)
        session.view.set_spending(SpendingState(caps=OF_EACH))
        await user.should_see(TRY_FIRST)
        assert "rc-spending--forbidden" not in line_classes(user)


async def test_what_a_notice_says_already_is_not_said_twice() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.add_notice(Notice("end", "warning", f"{OBSTACLE} Everything is kept."))
        session.view.set_spending(SpendingState(caps=(USED_UP,), obstacle=OBSTACLE))
        await user.should_see("Nothing left for your address today.")

        session.view.dismiss("end")

        await user.should_see(OBSTACLE)
        await user.should_not_see("Nothing left for your address today.")


async def test_a_limit_that_is_near_has_a_colour() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.set_spending(SpendingState(caps=CAPS, is_running=True))
        await user.should_see("Little left for this session: $0.30.")
        assert "rc-spending--close" in line_classes(user)

        session.view.set_spending(SpendingState(caps=CAPS[:1], is_running=True))
        assert "rc-spending--close" not in line_classes(user)
