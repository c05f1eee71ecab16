from console.ui.elements.event_list import EventList
from tests.ui.simulated_user import user_simulation


async def test_the_list_is_told_its_session() -> None:
    lists: list[EventList] = []
    async with user_simulation(root=lambda: lists.append(EventList("abc"))) as user:
        await user.open("/")

    assert lists[0].props["session"] == "abc"


async def test_an_event_is_shown_by_its_id_and_so_are_errors(monkeypatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(EventList, "run_method", lambda self, *asked_for: asked.append(asked_for))
    async with user_simulation(root=lambda: lists.append(EventList("abc"))) as user:
        lists: list[EventList] = []
        await user.open("/")
        lists[0].open_event("event_7")
        lists[0].open_event("event_8", "session.foo")
        lists[0].open_event("event_9", "session.foo", is_alone=True)
        lists[0].show_errors()

    assert asked == [
        ("openEvent", "event_7", "", False),
        ("openEvent", "event_8", "session.foo", False),
        ("openEvent", "event_9", "session.foo", True),
        ("showErrors",),
    ]
