"""A function that the model calls."""

import re

import pytest

from console.errors import ToolError
from console.examples import tools
from console.simulator.assistant.brain import RuleBrain
from tests.examples.serving import run
from tests.simulator.fake_senses import FakeSenses


async def test_the_model_calls_the_function_and_tells_its_result(capsys):
    senses = FakeSenses()
    senses.brain = RuleBrain()  # type: ignore[assignment]  # one of another kind

    status = await run(tools.main, "Roll a dice with 20 sides.", senses=senses)

    you, tool, model = capsys.readouterr().out.splitlines()
    assert status == 0
    assert you == "You:   Roll a dice with 20 sides."
    called = re.fullmatch(r"Tool:  roll_dice\((.*)\) -> \{'result': (\d+), 'sides': 20\}", tool)
    assert called is not None
    assert 1 <= int(called[2]) <= 20
    assert called[2] in model


def test_what_cannot_be_rolled_is_told_in_words():
    with pytest.raises(ToolError, match="1 sides cannot be rolled"):
        tools.roll_dice(1)
    assert 1 <= tools.roll_dice(2)["result"] <= 2
