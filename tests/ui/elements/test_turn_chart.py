from console.ui.elements.turn_chart import TurnChart
from tests.ui.demo_usage import DemoUsage
from tests.ui.simulated_user import user_simulation


async def test_it_is_sent_the_turns_and_knows_its_session() -> None:
    made: list[TurnChart] = []
    async with user_simulation(root=lambda: made.append(TurnChart("s1"))) as user:
        await user.open("/")
        usage = DemoUsage()
        usage.be_used(3)
        made[0].show(usage.report())

        assert made[0].props["session"] == "s1"
        shown = made[0].props["report"]
        assert [each["latency"] for each in shown["turns"]] == [812.0, 1_240.0, 930.0]
        assert "tokens" not in shown
