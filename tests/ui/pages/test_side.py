from nicegui import ui

from tests.ui.composer_rig import keep_in, tell
from tests.ui.demo_session import DemoSession, opened_page


def marked(user, name):
    assert user.client is not None
    (found,) = (each for each in user.client.elements.values() if name in each.props)
    return found


async def test_the_composer_takes_the_place_of_weather_and_memory_when_it_is_opened() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        side = marked(user, "data-side")
        (tabs,) = (
            each for each in user.find(kind=ui.tabs).elements if "rc-side__tabs" in each.classes
        )
        assert side.props["data-side"] == "world"
        await user.should_not_see("Send event")

        tabs.value = "Composer"
        await user.should_see("Send event", retries=50)
        assert side.props["data-side"] == "composer"

        tabs.value = "Weather and memory"
        assert marked(user, "data-side").props["data-side"] == "world"


async def test_a_phone_has_a_tab_for_it() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        (tabs,) = (each for each in user.find(kind=ui.tabs).elements if "rc-tabs" in each.classes)

        tabs.value = "Composer"

        await user.should_see("Send event", retries=50)
        assert marked(user, "data-tab").props["data-tab"] == "composer"


async def test_an_event_of_the_list_is_explained_there() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        tell(marked(user, "data-composes"), "explain", "response.magic")

        await user.should_see("response.magic is in no documentation", retries=50)
        assert marked(user, "data-side").props["data-side"] == "composer"
        assert marked(user, "data-tab").props["data-tab"] == "composer"


async def test_an_event_of_the_list_is_sent_again_there() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        for args in (None, {"row": "x"}, {"row": 7, "place": 0}):
            tell(marked(user, "data-composes"), "reuse", args)

        await user.should_see("no longer kept on the server", retries=50)
