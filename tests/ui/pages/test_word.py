from nicegui import ui
from nicegui.testing import User

from console.ui.pages.word import word_page
from tests.ui.simulated_user import user_simulation


async def test_it_says_what_is_so_and_where_one_may_go() -> None:
    def build() -> None:
        word_page("Session not found", "It has ended.", ("All sessions", "/relays"))

    async with user_simulation(root=build) as user:
        await user.open("/")

        (title,) = user.find("Session not found").elements
        assert title.tag == "h1"
        await user.should_see("It has ended.")
        assert _addresses(user) == ["/relays"]


async def test_where_one_can_go_nowhere_it_leads_nowhere() -> None:
    async with user_simulation(root=lambda: word_page("Nothing", "It has ended.")) as user:
        await user.open("/")

        await user.should_see("It has ended.")
        assert _addresses(user) == []


def _addresses(user: User) -> list[str]:
    assert user.client is not None
    found = (each for each in user.client.elements.values() if isinstance(each, ui.link))
    return [each.props["href"] for each in found]
