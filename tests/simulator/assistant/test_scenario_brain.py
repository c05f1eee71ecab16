from __future__ import annotations

import asyncio

import pytest

from console.errors import BrainError, SpeechEngineError
from console.simulator.assistant.brain import RuleBrain
from console.simulator.assistant.scenario import Hearing
from console.simulator.assistant.scenario_brain import ScenarioBrain, ScriptedEars
from console.simulator.assistant.scenario_file import load
from console.simulator.senses import Transcript
from tests.fakes import ManualClock
from tests.simulator.fake_senses import EchoingBrain, ExpectingEars, tone
from tests.simulator.turns import turn


def brain_of(steps, clock=None, default=None):
    return ScenarioBrain(load({"else": steps}), default or EchoingBrain(), clock)


async def replies(brain, text="hello"):
    return [each async for each in brain.respond(turn(text))]


async def test_steps_are_done_in_their_order():
    steps = [
        {"say": ["One.", "Two."]},
        {"call": {"name": "f", "arguments": {"a": 1}}},
        {"call": {"name": "g", "arguments": "{oops"}},
        {"fault": "late_deltas"},
        {"stop": "content_filter"},
    ]
    said, first, second, fault, stop = await replies(brain_of(steps))

    assert said.sentences == ("One.", "Two.")
    assert [each.calls[0].arguments_json for each in (first, second)] == ['{"a":1}', "{oops"]
    assert (fault.fault, stop.stop) == ("late_deltas", "content_filter")


async def test_silence_is_an_answer_without_pieces():
    assert await replies(brain_of("silence")) == []


async def test_a_failure_comes_after_what_was_said():
    pieces = brain_of([{"say": "One."}, {"fail": {"code": "x_y", "message": "No."}}]).respond(
        turn("hello")
    )

    assert (await anext(pieces)).sentences == ("One.",)
    with pytest.raises(BrainError, match=r"No\.") as failed:
        await anext(pieces)
    assert failed.value.code == "x_y"


async def test_waits_are_reckoned_from_the_question_on():
    clock = ManualClock()
    brain = brain_of([{"wait_ms": 250}, {"say": "One."}, {"wait_ms": 100}, {"say": "Two."}], clock)
    came: list[float] = []
    began_s = clock.now_s()

    async def listen() -> None:
        async for _ in brain.respond(turn("hello")):
            came.append(round((clock.now_s() - began_s) * 1000))
            await clock.sleep(0.04)

    task = asyncio.ensure_future(listen())
    await clock.advance(1)
    await task

    assert came == [250, 350]


async def test_the_usual_assistant_answers_where_it_is_asked():
    pieces = await replies(brain_of([{"say": "Well."}, "default"]))

    assert [list(each.sentences) for each in pieces] == [
        ["Well."],
        ["You said hello.", "What else?"],
    ]


def test_what_the_scenario_answers_is_understood():
    scenario = load({"rules": [{"when": {"says": "blah"}, "do": [{"say": "Yes."}]}]})
    brain = ScenarioBrain(scenario, RuleBrain())

    assert brain.understands(turn("blah"))
    assert brain.understands(turn("tell me a joke"))
    assert not brain.understands(turn("gnarf"))


# ---------------------------------------------------------------- ears


async def test_turns_are_heard_as_the_scenario_says():
    ears = ScriptedEars([Hearing("one"), Hearing("two")])

    assert await ears.transcribe(tone(100)) == Transcript("one", 1.0)
    assert await ears.transcribe(tone(100)) == Transcript("two", 1.0)
    assert await ears.transcribe(tone(100)) == Transcript("", 0.0)


async def test_a_second_decoding_hears_the_same():
    ears = ScriptedEars([Hearing("one"), Hearing("two")])
    first = await ears.transcribe(tone(100))

    assert await ears.transcribe(tone(100), retry=True) == first
    assert (await ears.transcribe(tone(200))).text == "two"


async def test_what_is_left_open_is_really_heard():
    real = ExpectingEars()
    real.says = ["really", "after"]
    ears = ScriptedEars([Hearing(None), Hearing("scripted")], real)
    heard = [(await ears.transcribe(tone(100), hint="a hint")).text for _ in range(3)]

    assert heard == ["really", "scripted", "after"]
    assert real.asked == [(100, False, "a hint")] * 2


async def test_a_transcription_can_fail_and_be_late():
    clock = ManualClock()
    ears = ScriptedEars([Hearing(failure="bad line"), Hearing("late", 300)], clock=clock)
    with pytest.raises(SpeechEngineError, match="bad line"):
        await ears.transcribe(tone(100))

    late = asyncio.ensure_future(ears.transcribe(tone(100)))
    await clock.advance(0.299)
    assert not late.done()
    await clock.advance(0.001)
    assert (await late).text == "late"


async def test_half_a_sample_is_refused():
    with pytest.raises(ValueError, match="sample"):
        await ScriptedEars([]).transcribe(b"abc")


async def test_what_a_scenario_says_is_not_heard_before_the_turn_is_over():
    real = ExpectingEars()
    real.drafts = ["really"]
    ears = ScriptedEars([Hearing("one")], real)

    assert await ears.draft(tone(100)) is None
    await ears.transcribe(tone(100))
    assert await ears.draft(tone(100)) == Transcript("really")
    assert await ScriptedEars([]).draft(tone(100)) is None
