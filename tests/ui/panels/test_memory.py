from console.ui.elements.json_view import JsonView
from tests.ui.demo_session import DemoSession, opened_page


async def test_an_empty_memory_says_how_to_begin() -> None:
    async with opened_page(DemoSession()) as user:
        await user.should_see("Nothing remembered yet")
        await user.should_not_see(kind=JsonView)


async def test_the_memory_is_shown_as_it_changes() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.set_memory({"name": "Ada"})

        await user.should_not_see("Nothing remembered yet")
        (shown,) = user.find(kind=JsonView).elements
        assert shown.value == {"name": "Ada"}

        session.view.set_memory({})

        await user.should_see("Nothing remembered yet")
