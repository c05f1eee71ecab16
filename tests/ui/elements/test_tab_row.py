from console.ui.elements.tab_row import TabRow
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def built(chosen):
    made = []
    async with user_simulation(
        root=lambda: made.append(TabRow("Panes", ("One", "Two"), on_chosen=chosen))
    ) as user:
        await user.open("/")
        return made[0]


async def test_the_first_name_is_chosen_at_first() -> None:
    row = await built(lambda name: None)

    assert row.value == "One"
    assert row.props["names"] == ["One", "Two"]


async def test_a_choice_is_told_and_stays() -> None:
    chosen: list[str] = []
    row = await built(chosen.append)

    tell(row, "chosen", "Two")

    assert chosen == ["Two"]
    assert row.value == row.props["chosen"] == "Two"


async def test_a_choice_that_the_program_makes_is_not_told() -> None:
    chosen: list[str] = []
    row = await built(chosen.append)

    row.value = "Two"

    assert chosen == []
    assert row.props["chosen"] == "Two"


async def test_what_is_no_tab_is_not_taken() -> None:
    chosen: list[str] = []
    row = await built(chosen.append)

    for value in ("Three", None, ["One"], {"name": "One"}):
        tell(row, "chosen", value)

    assert chosen == []
    assert row.value == "One"


async def test_a_number_stands_beside_a_name_until_it_is_none() -> None:
    row = await built(lambda name: None)

    row.show_count("Two", 3, "3 errors")
    assert row.props["marks"] == {"Two": [3, "3 errors"]}

    row.show_count("Two", 0, "0 errors")
    assert row.props["marks"] == {}
