"""The sheet of the keys, and whether they do anything."""

from nicegui import ui

from console.ui.elements.shortcut_keys import ShortcutKeys
from console.ui.elements.shortcut_sheet import ShortcutSheet
from console.ui.pages.watch import WatchPage
from console.ui.panels.shortcuts import SINGLE_KEYS, TITLE, Shortcuts
from tests.ui.composer_rig import tell
from tests.ui.demo_session import DemoSession, opened_page
from tests.ui.simulated_user import user_simulation


def all_of(user, kind):
    assert user.client is not None
    return [each for each in user.client.elements.values() if isinstance(each, kind)]


def open_sheet(user) -> None:
    (button,) = (each for each in all_of(user, ui.button) if each.props.get("aria-label") == TITLE)
    assert "data-rc-shortcuts" in button.props
    tell(button, "click", {})


def keys_of(user) -> set[str]:
    (keys,) = all_of(user, ShortcutKeys)
    return {each["key"] for each in keys.props["actions"]}


async def listed(*panes: tuple[str, ...], may_act: bool = True) -> dict[str, str]:
    """Return what a sheet says of each key."""
    made: list[Shortcuts] = []
    async with user_simulation(root=lambda: made.append(Shortcuts(panes, may_act=may_act))) as user:
        await user.open("/")
    return {row.keys: row.words for group in made[0].groups() for row in group.rows}


async def test_the_sheet_is_built_when_it_is_opened_first_and_kept() -> None:
    async with opened_page(DemoSession()) as user:
        assert all_of(user, ShortcutSheet) == []

        open_sheet(user)
        open_sheet(user)

        (sheet,) = all_of(user, ShortcutSheet)
        titles = [each["title"] for each in sheet.props["groups"]]
        assert titles[0] == "Anywhere, while you are not typing"
        assert len(titles) == 4


async def test_each_pane_beside_the_events_has_a_number() -> None:
    assert "1 5" not in await listed(("World", "Weather"))
    assert (await listed(("World", "Weather")))["1"] == "Open World"
    assert (await listed(("One",), ("Two",), ("Three",)))["1 3"] == "Open One, Two or Three"

    async with opened_page(DemoSession()) as user:
        (keys,) = all_of(user, ShortcutKeys)
        numbered = {
            each["key"]: list(each["tabs"])
            for each in keys.props["actions"]
            if each["key"].isdigit()
        }
        assert numbered == {
            "1": ["Weather and memory", "Weather"],
            "2": ["Session"],
            "3": ["Tools"],
            "4": ["Composer"],
            "5": ["Usage"],
        }


async def test_who_watches_is_offered_nothing_that_cannot_be_done() -> None:
    assert {"Space", "T", "M", "Ctrl+Enter"} <= (await listed()).keys()
    assert not {"Space", "T", "M", "Ctrl+Enter"} & (await listed(may_act=False)).keys()

    async with user_simulation(root=lambda: WatchPage(DemoSession(), "Guest 1")) as user:
        await user.open("/")
        open_sheet(user)

        assert len(all_of(user, ShortcutSheet)) == 1
        assert {"/", "e", "f", "?"} <= keys_of(user)
        assert not {"t", "m"} & keys_of(user)


async def test_a_key_of_the_page_stands_in_the_sheet() -> None:
    async with opened_page(DemoSession()) as user:
        found = await listed()
        assert {each.upper() for each in keys_of(user) if not each.isdigit()} <= found.keys()


async def test_single_keys_are_switched_off_and_the_browser_remembers_it() -> None:
    async with opened_page(DemoSession(), {"rc_keys": "off"}) as user:
        (keys,) = all_of(user, ShortcutKeys)
        assert keys.props["enabled"] is False

        open_sheet(user)
        (switch,) = (each for each in all_of(user, ui.switch) if each.text == SINGLE_KEYS)
        assert switch.value is False
        switch.value = True
        assert keys.props["enabled"] is True
