from console.app.spending.state import CapState, SpendingState
from console.ui.panels.spending import words
from tests.ui.demo_session import DemoSession, opened_page

CAPS = (
    CapState("session", "3", "30 minutes", is_near=False),
    CapState("session", "$1.70", "$2.00", is_near=True),
    CapState("guest", "$1.70", "$5.00", is_near=False),
    CapState("day", "$3.00", "$20.00", is_near=False),
)


def test_each_limit_is_told_by_whose_it_is():
    assert words(SpendingState(dollars="$1.70", caps=CAPS)) == (
        "This session: 3 of 30 minutes, $1.70 of $2.00 (close). "
        "You today: $1.70 of $5.00. Everybody today: $3.00 of $20.00."
    )


def test_without_limits_a_known_cost_is_told_alone():
    assert words(SpendingState(dollars="$0.0210")) == "This session: $0.0210."


def test_an_estimate_is_called_one():
    assert "an estimate, rather too high" in words(SpendingState("$0.02", is_estimate=True))


def test_what_is_wrong_with_the_counter_is_told():
    assert words(SpendingState(remark="The money counter was damaged.")) == (
        "The money counter was damaged."
    )


async def test_the_line_comes_when_there_is_something_to_tell() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await user.should_not_see("This session")

        session.view.set_spending(SpendingState(dollars="$0.0210", prices="prices of 2026-11-23"))

        await user.should_see("This session: $0.0210.")
        (label,) = user.find("This session: $0.0210.").elements
        assert label.props["title"] == "prices of 2026-11-23"
