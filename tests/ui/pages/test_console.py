import pytest

from console.app.view_model import Notice
from tests.ui.demo_session import DemoSession, opened_page

MOST_ELEMENTS = 149


async def test_the_page_has_its_four_named_regions() -> None:
    async with opened_page(DemoSession()) as user:
        assert user.client is not None
        regions = {
            each.props["aria-label"]
            for each in user.client.elements.values()
            if each.props.get("role") == "region"
        }

        assert regions == {"Events", "Conversation", "Weather", "Memory"}


async def test_the_page_is_light_because_each_update_renders_all_of_it() -> None:
    async with opened_page(DemoSession()) as user:
        assert user.client is not None
        assert len(user.client.elements) <= MOST_ELEMENTS


async def test_the_page_stops_listening_when_it_is_gone() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        assert session.changed.n_handlers == 1, "the page hands what changes down to its panels"

        assert user.client is not None
        user.client.delete()

        assert session.changed.n_handlers == 0


@pytest.mark.parametrize("kind", ["error", "warning", "info"])
async def test_what_is_already_there_is_shown_at_once(kind) -> None:
    session = DemoSession()
    session.view.notices = [Notice("n", kind, "Told before the page opened.")]
    session.view.memory = {"name": "Ada"}
    async with opened_page(session) as user:
        await user.should_see("Told before the page opened.")
        await user.should_not_see("Nothing remembered yet")
