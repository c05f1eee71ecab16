from nicegui import ui

from console.ui.panels.panel import panel
from tests.ui.simulated_user import user_simulation


async def test_a_panel_is_a_region_with_a_name_and_a_heading() -> None:
    regions: list[ui.element] = []
    async with user_simulation(root=lambda: regions.append(panel("Weather"))) as user:
        await user.open("/")
        await user.should_see("Weather")

    assert regions[0].props["role"] == "region"
    assert regions[0].props["aria-label"] == "Weather"


async def test_a_panel_whose_element_draws_its_own_bar_has_none() -> None:
    async with user_simulation(root=lambda: panel("Events", has_own_bar=True)) as user:
        await user.open("/")
        await user.should_not_see("Events")
