from nicegui import ui

from console.ui.elements.pane_splitter import PaneSplitter
from tests.ui.simulated_user import user_simulation


async def test_the_line_has_a_name_and_tells_where_it_is_moved() -> None:
    made: list[PaneSplitter] = []
    moved: list[float] = []

    def root() -> None:
        splitter = PaneSplitter(
            "Height of it",
            value=40.0,
            is_stacked=True,
            on_moved=lambda: moved.append(made[0].value),
        )
        with splitter.before:
            ui.label("above")
        with splitter.after:
            ui.label("below")
        made.append(splitter)

    async with user_simulation(root=root) as user:
        await user.open("/")
        await user.should_see("above")
        (splitter,) = made
        assert splitter.props["label"] == "Height of it"
        assert splitter.props["horizontal"]
        assert splitter.tag != "q-splitter"

        splitter.value = 55.0

    assert moved == [55.0]
