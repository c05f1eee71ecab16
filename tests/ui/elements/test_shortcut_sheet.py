from console.ui.elements.shortcut_sheet import KeyGroup, ShortcutSheet, ShownKeys
from tests.ui.simulated_user import user_simulation


async def test_keys_that_are_held_together_are_told_from_those_apart() -> None:
    made: list[ShortcutSheet] = []
    rows = (
        ShownKeys("Shift+↑ Page_Down", "Go there"),
        ShownKeys("1 5", "Open a pane", "to"),
    )

    async with user_simulation(
        root=lambda: made.append(ShortcutSheet([KeyGroup("Here", rows)]))
    ) as user:
        await user.open("/")
        (sheet,) = made

        (group,) = sheet.props["groups"]
        assert group["title"] == "Here"
        assert group["rows"] == [
            {"keys": [["Shift", "↑"], ["Page Down"]], "words": "Go there", "between": ""},
            {"keys": [["1"], ["5"]], "words": "Open a pane", "between": "to"},
        ]
