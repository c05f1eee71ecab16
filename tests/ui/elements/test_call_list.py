from console.app.tool_lab.state import CallEntry
from console.ui.elements.call_list import CallDecisions, CallList
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def built(told):
    made = []

    def build():
        made.append(
            CallList(
                "Calls",
                CallDecisions(
                    approve=lambda call_id: told.append(("approve", call_id)),
                    refuse=lambda call_id: told.append(("refuse", call_id)),
                    answer=lambda call_id, text: told.append(("answer", call_id, text)),
                    reuse=lambda call_id: told.append(("reuse", call_id)),
                ),
            )
        )

    async with user_simulation(root=build) as user:
        await user.open("/")
        return made[0]


async def test_the_newest_call_comes_first() -> None:
    calls = await built([])

    calls.show([CallEntry(each, 5.0, "look", "model", "{}") for each in "ab"], {"a": "Wrong."})

    assert [each["id"] for each in calls.props["calls"]] == ["b", "a"]
    assert calls.props["problems"] == {"a": "Wrong."}


async def test_a_decision_is_told_with_its_call_and_nonsense_is_not() -> None:
    told: list[object] = []
    calls = await built(told)

    for name in ("approve", "refuse", "reuse"):
        tell(calls, name, "call_1")
        tell(calls, name, None)
    tell(calls, "answer", {"id": "call_1", "text": "1"})
    tell(calls, "answer", {"id": "call_1"})

    assert told == [
        ("approve", "call_1"),
        ("refuse", "call_1"),
        ("reuse", "call_1"),
        ("answer", "call_1", "1"),
    ]


async def test_a_list_that_is_looked_at_only_takes_no_decision() -> None:
    made: list[CallList] = []
    async with user_simulation(root=lambda: made.append(CallList("Calls"))) as user:
        await user.open("/")
    (calls,) = made

    assert calls.props["decides"] is False
    assert (await built([])).props["decides"] is True
    assert not calls._event_listeners
