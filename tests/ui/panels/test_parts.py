from nicegui import ui

from console.ui.panels.parts import Parts
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def test_one_part_is_seen_and_its_button_is_pressed() -> None:
    shown: list[str] = []
    made: list[Parts] = []

    def build() -> None:
        made.append(Parts("Which", ("One", "Two"), shown.append))
        for name in ("One", "Two"):
            with made[0].add(name):
                ui.label(f"part {name}")
        made[0].show("One")

    async with user_simulation(root=build) as user:
        await user.open("/")
        await user.should_see("part One")
        await user.should_not_see("part Two")

        assert user.client is not None
        buttons = [each for each in user.client.elements.values() if "rc-toggle" in each.classes]
        tell(buttons[1], "click", {})

        await user.should_see("part Two")
        await user.should_not_see("part One")
        assert [each.props["aria-pressed"] for each in buttons] == ["false", "true"]
        assert shown == ["One", "Two"]
