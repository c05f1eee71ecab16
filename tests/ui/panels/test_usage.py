from typing import Any

from nicegui import ui
from nicegui.testing import User

from tests.ui.composer_rig import choose_tab
from tests.ui.demo_session import DemoSession, opened_page


async def open_pane(user: User) -> Any:
    """Open the pane and return it as the page holds it."""
    choose_tab(user, "rc-side__tabs", "Usage")
    await user.should_see("Budget of this session")


def shown(user: User, tag: str) -> dict[str, Any]:
    assert user.client is not None
    (element,) = (each for each in user.client.elements.values() if type(each).__name__ == tag)
    return dict(element.props["report"])


def field(user: User, name: str) -> ui.input:
    assert user.client is not None
    (found,) = (
        each
        for each in user.client.elements.values()
        if isinstance(each, ui.input) and each.props.get("aria-label") == name
    )
    return found


async def test_nothing_of_it_is_built_before_it_is_opened() -> None:
    async with opened_page(DemoSession()) as user:
        assert user.client is not None
        names = {type(each).__name__ for each in user.client.elements.values()}
        assert not names & {"UsageTotals", "TurnChart"}


async def test_it_shows_what_the_session_has_used_and_follows_it() -> None:
    session = DemoSession()
    session.usage.be_used(3)
    async with opened_page(session) as user:
        await open_pane(user)
        assert shown(user, "UsageTotals")["cost"]["words"] == "$0.0731"
        assert [each["number"] for each in shown(user, "TurnChart")["turns"]] == [1, 2, 3]

        session.usage.be_used(4)
        session.view.on_change("usage")

        assert len(shown(user, "TurnChart")["turns"]) == 4


async def test_what_else_changes_on_the_page_does_not_draw_it_again() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_pane(user)
        session.usage.be_used(4)
        session.view.on_change("places")

        assert shown(user, "TurnChart")["turns"] == []


async def test_a_budget_is_set_and_told() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_pane(user)
        field(user, "Budget in dollars").value = "2"
        user.find("Set").click()

        await user.should_see("It holds.")
        assert session.usage.budgets == [("2", "")]


async def test_a_budget_that_cannot_be_is_refused_at_its_field_with_what_would_do() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        await open_pane(user)
        wrong = field(user, "Budget in minutes")
        wrong.value = "soon"
        user.find("Set").click()

        await user.should_see("'soon' is no number of minutes above zero")
        assert session.usage.budgets == []
        assert wrong.props["aria-invalid"] == "true"
