from console.ui.elements.elapsed import Elapsed
from tests.ui.simulated_user import user_simulation


async def test_the_clock_counts_from_where_it_was_restarted() -> None:
    clocks: list[Elapsed] = []
    async with user_simulation(root=lambda: clocks.append(Elapsed(3.0))) as user:
        await user.open("/")
        assert clocks[0].props["seconds"] == 3.0

        clocks[0].restart(61.5)

        assert clocks[0].props["seconds"] == 61.5
