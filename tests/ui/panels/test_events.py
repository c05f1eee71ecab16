from console.ui.elements.event_list import EventList
from tests.ui.demo_session import DemoSession, opened_page


async def test_the_events_pane_shows_the_list_of_this_session() -> None:
    async with opened_page(DemoSession("abc")) as user:
        (found,) = user.find(kind=EventList).elements

        assert found.props["session"] == "abc"
        assert found.parent_slot is not None
        assert found.parent_slot.parent.props["aria-label"] == "Events"
