"""What stands beside the events: weather and memory, or another pane in their place."""

from functools import partial

from nicegui import ui

from console.app.view_model import Part
from console.ui.pages.side import Side
from tests.ui.composer_rig import choose_tab, keep_in, tab_row, tell
from tests.ui.demo_session import DemoSession, opened_page
from tests.ui.simulated_user import user_simulation


def marked(user, name):
    assert user.client is not None
    (found,) = (each for each in user.client.elements.values() if name in each.props)
    return found


async def test_the_composer_takes_the_place_of_weather_and_memory_when_it_is_opened() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        side = marked(user, "data-side")
        assert side.props["data-side"] == "world"
        await user.should_not_see("Send event")

        choose_tab(user, "rc-side__tabs", "Composer")
        await user.should_see("Send event", retries=50)
        assert side.props["data-side"] == "composer"

        choose_tab(user, "rc-side__tabs", "Weather and memory")
        assert marked(user, "data-side").props["data-side"] == "world"


async def test_a_phone_has_a_tab_for_it() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        choose_tab(user, "rc-tabs", "Composer")

        await user.should_see("Send event", retries=50)
        assert marked(user, "data-tab").props["data-tab"] == "composer"


async def test_both_rows_of_tabs_have_every_pane() -> None:
    async with opened_page(DemoSession()) as user:
        beside, phone = tab_row(user, "rc-side__tabs").names, tab_row(user, "rc-tabs").names

        assert beside[0] == "Weather and memory"
        assert phone == ("Conversation", "Events", "Weather", "Memory", *beside[1:])


async def test_a_pane_is_made_when_it_is_opened_first_and_kept_when_another_is_seen() -> None:
    opened: list[str] = []

    class Named:
        def __init__(self, name: str) -> None:
            self.name = name
            self.told: list[frozenset[Part]] = []
            ui.label(f"pane {name}")

        async def open(self) -> None:
            opened.append(self.name)

        def refresh(self, parts: frozenset[Part]) -> None:
            self.told.append(parts)

    made: list[Side] = []
    wanted: list[str] = []

    def build() -> None:
        makers = {name: partial(Named, name) for name in ("One", "Two")}
        made.append(Side(makers, wanted.append))

    async with user_simulation(root=build) as user:
        await user.open("/")
        (side,) = made
        await user.should_not_see("pane")
        first = await side.open("One")
        side.refresh(frozenset({"turn"}))
        await side.show("Two")
        assert await side.open("One") is first

        assert opened == ["One", "Two", "One"]
        assert wanted == ["Two"]
        assert first.told == [{"turn"}]  # type: ignore[attr-defined]  # what was made above
        shown = [each.props.get("data-shown") for each in panes(user)]
        assert shown == ["true", "false"]


def panes(user):
    assert user.client is not None
    return [each for each in user.client.elements.values() if "data-shown" in each.props]


async def test_an_event_of_the_list_is_explained_there() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        tell(marked(user, "data-composes"), "explain", "response.magic")

        await user.should_see("response.magic is in no documentation", retries=50)
        assert marked(user, "data-side").props["data-side"] == "composer"
        assert marked(user, "data-tab").props["data-tab"] == "composer"


async def test_an_event_that_holds_a_wrong_field_is_explained_there_too() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        tell(marked(user, "data-composes"), "explain", {"type": "response.magic"})
        tell(marked(user, "data-composes"), "explain", {"type": "response.magic", "field": "id"})

        await user.should_see("response.magic is in no documentation", retries=50)


async def test_an_event_of_the_list_is_sent_again_there() -> None:
    async with opened_page(DemoSession()) as user:
        keep_in(user, {})
        for args in (None, {"row": "x"}, {"row": 7, "place": 0}):
            tell(marked(user, "data-composes"), "reuse", args)

        await user.should_see("no longer kept on the server", retries=50)
