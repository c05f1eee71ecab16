"""A field whose text goes to the clipboard."""

from nicegui import ui

from console.ui.panels.copy_field import CopyField
from tests.ui.simulated_user import user_simulation


async def test_the_text_can_be_read_and_the_button_says_that_it_was_copied() -> None:
    made: list[CopyField] = []
    async with user_simulation(root=lambda: made.append(CopyField("Watch link", "a"))) as user:
        await user.open("/")
        (field,) = user.find(ui.input).elements
        assert (field.value, field.props["aria-label"]) == ("a", "Watch link")
        assert "readonly" in field.props

        user.find("Copy").click()
        await user.should_see("Copied")

        made[0].show("b")
        assert field.value == "b"
        await user.should_not_see("Copied")
