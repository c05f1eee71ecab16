from console.ui.elements.shortcut_keys import KeyAction, ShortcutKeys
from tests.ui.simulated_user import user_simulation


async def test_the_browser_is_told_what_each_key_does_and_whether_it_does_it() -> None:
    made: list[ShortcutKeys] = []
    search = KeyAction("/", "focus", ".rc-filter input", ("Events",))

    async with user_simulation(root=lambda: made.append(ShortcutKeys([search]))) as user:
        await user.open("/")
        (keys,) = made

        assert keys.props["actions"] == [
            {"key": "/", "does": "focus", "target": ".rc-filter input", "tabs": ("Events",)}
        ]
        assert keys.props["enabled"] is True
        keys.enable(False)
        assert keys.props["enabled"] is False
