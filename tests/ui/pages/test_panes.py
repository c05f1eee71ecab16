"""The panes of a session: where they stand, which of them a phone shows."""

from nicegui import ui

from console.ui.elements.event_list import EventList
from console.ui.pages.panes import TABS
from tests.ui.composer_rig import choose_tab, tab_row, tell
from tests.ui.demo_session import DemoSession, opened_page


async def test_panes_stand_where_the_browser_remembers_them() -> None:
    async with opened_page(DemoSession(), {"rc_panes": "70.0-40.0-30.0"}) as user:
        values = sorted(each.value for each in user.find(kind=ui.splitter).elements)

        assert values == [30.0, 40.0, 70.0]


async def test_a_phone_opens_the_pane_whose_tab_is_chosen() -> None:
    async with opened_page(DemoSession()) as user:
        assert user.client is not None
        root = next(each for each in user.client.elements.values() if "data-tab" in each.props)
        assert root.props["data-tab"] == "conversation"

        for name in TABS:
            choose_tab(user, "rc-tabs", name)

            assert root.props["data-tab"] == name.lower()


async def test_a_phone_is_told_how_many_errors_there_are() -> None:
    async with opened_page(DemoSession()) as user:
        (events,) = user.find(kind=EventList).elements

        for count, mark in ((1, [1, "1 error"]), (2, [2, "2 errors"]), (0, None)):
            tell(events, "errors", count)

            assert tab_row(user, "rc-tabs").props["marks"].get("Events") == mark
