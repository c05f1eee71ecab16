from console.ui.elements.event_list import ROW_LIMIT, EventList
from tests.ui.simulated_user import user_simulation


async def test_the_list_is_told_its_session_and_how_much_it_may_hold() -> None:
    lists: list[EventList] = []
    async with user_simulation(root=lambda: lists.append(EventList("abc"))) as user:
        await user.open("/")

    assert lists[0].props["session"] == "abc"
    assert lists[0].props["limit"] == ROW_LIMIT
