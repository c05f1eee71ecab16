"""What does not fit into a box."""

from nicegui import ui

from console.ui.panels.too_long import refuse_too_long
from tests.ui.simulated_user import user_simulation


async def test_the_box_takes_so_many_characters_and_who_puts_more_in_is_told_both_numbers() -> None:
    told: list[str] = []
    async with user_simulation(
        root=lambda: refuse_too_long(ui.input(), 3000, "a word", told.append)
    ) as user:
        await user.open("/")
        (box,) = user.find(ui.input).elements
        assert box.props["maxlength"] == "3000"

        user.find(ui.input).trigger("beforeinput", 40_000)

        assert told == [
            "With what was put in, this would have 40,000 characters, and a word may have 3,000. "
            "Nothing was put in: do it in parts."
        ]
