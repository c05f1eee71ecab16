"""Questions beside the conversation."""

from console.examples import out_of_band
from console.simulator.assistant.brain import RuleBrain
from tests.examples.serving import run
from tests.simulator.turns import turn


async def test_all_are_answered_beside_a_conversation_that_knows_nothing_of_them(capsys):
    status = await run(out_of_band.main, "help me")

    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert lines[:2] == ["You:   help me", "Model: You said help me. What else?"]
    assert lines[2:5] == [
        f"{name}: You said {question}. What else?"
        for name, question in out_of_band.QUESTIONS.items()
    ]
    assert lines[5:] == ["The conversation has 2 items."]


def test_the_simulators_assistant_understands_what_is_asked():
    for question in out_of_band.QUESTIONS.values():
        assert RuleBrain().understands(turn(question, tools=[]))
