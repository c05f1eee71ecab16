"""A button that asks back in its own place."""

from nicegui import ui

from console.ui.panels.sure_button import SureButton
from tests.ui.simulated_user import user_simulation


async def test_it_acts_at_the_second_click_and_asks_anew_after_that() -> None:
    acts: list[int] = []
    async with user_simulation(
        root=lambda: SureButton("Go", "Really go?", lambda: acts.append(1), "Go there")
    ) as user:
        await user.open("/")
        (button,) = user.find(ui.button).elements
        assert button.props["aria-label"] == "Go there"

        user.find("Go").click()
        await user.should_see("Really go?")
        assert acts == []
        assert button.props["aria-label"] == "Go there: click again to confirm"
        user.find("Really go?").click()

        await user.should_see("Go")
        await user.should_not_see("Really go?")
        assert acts == [1]


async def test_who_leaves_it_between_has_not_decided() -> None:
    acts: list[int] = []
    async with user_simulation(
        root=lambda: SureButton("Go", "Really go?", lambda: acts.append(1))
    ) as user:
        await user.open("/")
        user.find("Go").click()
        user.find(ui.button).trigger("blur")
        user.find("Go").click()

        await user.should_see("Really go?")
        assert acts == []
