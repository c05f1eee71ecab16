from console.ui.elements.usage_totals import UsageTotals
from tests.ui.demo_usage import DemoUsage
from tests.ui.simulated_user import user_simulation


async def test_it_is_sent_the_totals_and_not_the_turns() -> None:
    made: list[UsageTotals] = []
    async with user_simulation(root=lambda: made.append(UsageTotals())) as user:
        await user.open("/")
        usage = DemoUsage()
        usage.be_used(3)
        made[0].show(usage.report())

        shown = made[0].props["report"]
        assert shown["context"] == {"used": 5_210, "most": 128_000}
        assert "turns" not in shown
