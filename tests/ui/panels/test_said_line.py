"""The line in which a pane says what was done last."""

from nicegui import ui

from console.ui.panels.said_line import SaidLine
from tests.ui.simulated_user import user_simulation


async def test_what_is_said_is_seen_until_something_else_or_nothing_is() -> None:
    made: list[SaidLine] = []
    async with user_simulation(root=lambda: made.append(SaidLine())) as user:
        await user.open("/")
        (line,) = made
        (label,) = (
            each
            for each in (user.client.elements.values() if user.client else ())
            if isinstance(each, ui.label)
        )
        assert not label.visible
        assert label.props["role"] == "status"

        line.tell("No such field.", is_wrong=True)
        await user.should_see("No such field.")
        assert "rc-composer__said--wrong" in label.classes

        line.tell("Sent as event_1.")
        await user.should_see("Sent as event_1.")
        assert "rc-composer__said--wrong" not in label.classes

        line.tell("")
        await user.should_not_see("Sent as event_1.")
        assert not label.visible
