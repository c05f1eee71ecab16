from console.ui.elements.line_notices import LineNotices
from tests.ui.simulated_user import user_simulation


async def test_both_sentences_are_with_the_browser_before_they_are_needed() -> None:
    made: list[LineNotices] = []
    async with user_simulation(root=lambda: made.append(LineNotices("Away.", "Over."))) as user:
        await user.open("/")

        assert made[0].props["unreachable"] == "Away."
        assert made[0].props["ended"] == "Over."
