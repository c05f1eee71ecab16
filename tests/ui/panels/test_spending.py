import pytest

from console.app.spending.state import CapState, SpendingState
from console.ui.panels.spending import brief, words
from tests.ui.demo_session import DemoSession, opened_page

CAPS = (
    CapState("session", "3:09", "30:00 min", "27 min", is_near=False),
    CapState("session", "$1.70", "$2.00", "$0.30", is_near=True),
    CapState("guest", "$1.70", "$5.00", "$3.30", is_near=False),
    CapState("day", "$3.00", "$20.00", "$17.00", is_near=False),
)


def test_each_limit_is_told_by_whose_it_is():
    assert words(SpendingState(dollars="$1.70", caps=CAPS)) == (
        "This session: 3:09 of 30:00 min, $1.70 of $2.00 (close). "
        "Your address today: $1.70 of $5.00. Everybody today: $3.00 of $20.00."
    )


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
        (CAPS, "Left for this session: 27 min, $0.30 (close)."),
        (
            (*CAPS[:1], CapState("guest", "59:00", "60:00 min", "1 min", is_near=True)),
            "Left for your address today: 1 min (close).",
        ),
        (
            (*CAPS, CapState("day", "$20.00", "$20.00", "$0.00", is_near=True, is_reached=True)),
            "Left for everybody today: $17.00, $0.00 (reached).",
        ),
        ((), ""),
    ],
)
def test_the_line_tells_what_is_left_of_the_limit_that_matters_most(caps, told):
    assert brief(SpendingState(dollars="$1.70", caps=caps)) == told


def test_what_is_wrong_with_the_counter_is_told_without_a_click():
    told = brief(SpendingState(caps=CAPS, remark="The money counter was damaged."))
    assert told.endswith("The money counter was damaged.")


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
