from __future__ import annotations

import json
import re

import pytest

from console.errors import ConfigurationError
from console.simulator.assistant.scenario import (
    Ask,
    Break,
    Call,
    Fail,
    Halt,
    Hearing,
    Rule,
    Say,
    Scenario,
    Wait,
    When,
)
from console.simulator.assistant.scenario_file import load

FILE = """\
voice: real
ears: real
turns: loudness
ms_per_character: 20
hears:
  - I need a taxi
  - {text: to Rome, after_ms: 300}
  - {fail: the line is bad}
  -
rules:
  - when: {says: ["I need a taxi!", taxi], turn: 1}
    after_ms: 250
    do:
      - say: Where to?
      - wait_ms: 100
      - call: {name: book, arguments: {to: Rome}}
      - call: {name: list}
  - when: {output_of: book, metadata: {topic: x}, out_of_band: false}
    do: {say: [Done., Goodbye.]}
  - when: {unasked: true}
    do: silence
  - when: {matches: "bad (day|luck)"}
    do:
      - fault: drop_after=0
      - fail: {code: rate_limit_exceeded, message: Too much.}
  - when: {turn: 3}
    do: [default, stop: content_filter]
else:
  - call: {name: broken, arguments: "{oops"}
  - fail: {}
"""
SCENARIO = Scenario(
    voice="real",
    ears="real",
    turns="loudness",
    ms_per_character=20,
    hears=(
        Hearing("I need a taxi"),
        Hearing("to Rome", 300),
        Hearing(failure="the line is bad"),
        Hearing(None),
    ),
    rules=(
        Rule(
            When(says=frozenset({"i need a taxi", "taxi"}), turn=1),
            (Wait(250), Say(("Where to?",)), Wait(100), Call("book", {"to": "Rome"}),
             Call("list", {})),
        ),
        Rule(
            When(output_of="book", metadata={"topic": "x"}, out_of_band=False),
            (Say(("Done.", "Goodbye.")),),
        ),
        Rule(When(unasked=True), ()),
        Rule(
            When(matches=re.compile("bad (day|luck)", re.IGNORECASE)),
            (Break("drop_after=0"), Fail("rate_limit_exceeded", "Too much.")),
        ),
        Rule(When(turn=3), (Ask(), Halt("content_filter"))),
    ),
    otherwise=(Call("broken", "{oops"), Fail("server_error", "The scenario wants it so.")),
)  # fmt: skip


def test_a_file_becomes_a_scenario(tmp_path):
    path = tmp_path / "taxi.yaml"
    path.write_text(FILE)

    assert load(path) == load(str(path)) == SCENARIO


def test_json_and_mappings_say_the_same(tmp_path):
    mapping = {
        "rules": [{"when": {"says": "hi"}, "do": [{"say": "Hello."}]}],
        "else": "default",
    }
    path = tmp_path / "hi.json"
    path.write_text(json.dumps(mapping))

    assert (
        load(path)
        == load(mapping)
        == Scenario(rules=(Rule(When(says=frozenset({"hi"})), (Say(("Hello.",)),)),))
    )


def rule(when, do="silence", **fields):
    return {"rules": [{"when": when, "do": do, **fields}]}


def step(**fields):
    return {"else": [fields]}


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ({"rule": []}, "rule: is not known here; perhaps 'rules' is meant"),
        ({"xyz": []}, "xyz: is not known here; use rules, else"),
        ({1: []}, "1: is not known here"),
        ({"rules": {}}, "rules: must be a list"),
        ({"rules": [5]}, r"rules\[0\]: must be pairs"),
        ({"rules": [{"do": []}]}, r"rules\[0\]: 'when' is missing"),
        ({"rules": [{"when": {"turn": 1}}]}, r"rules\[0\]: 'do' is missing"),
        (rule({}), r"rules\[0\].when: name a condition"),
        (rule({"say": "x"}), r"rules\[0\].when.say: is not known here; perhaps 'says' is meant"),
        (rule({"says": 5}), r"when.says: must be a text, not 5; put it in quotes"),
        (rule({"says": []}), "when.says: must be a text"),
        (rule({"says": ["a", None]}), r"when.says\[1\]: must be a text"),
        (rule({"matches": "("}), "when.matches: is no regular expression"),
        (rule({"matches": ""}), "when.matches: must not be empty"),
        (rule({"turn": 0}), "when.turn: must be a whole number from 1 to 10000, not 0"),
        (rule({"turn": True}), "when.turn: must be a whole number"),
        (rule({"turn": 1.0}), "when.turn: must be a whole number"),
        (rule({"unasked": False}), "when.unasked: must be true, or be left out"),
        (rule({"unasked": True, "says": "x"}), "unasked and says cannot hold together"),
        (rule({"output_of": "f", "matches": "x"}), "output_of and says cannot hold together"),
        (rule({"metadata": {}}), "when.metadata: must be pairs of names and texts"),
        (rule({"metadata": {"a": 1}}), "when.metadata.a: must be a text"),
        (rule({"out_of_band": "yes"}), "when.out_of_band: must be true or false"),
        (rule({"turn": 1}, after_ms="soon"), r"rules\[0\].after_ms: must be a whole number"),
        (rule({"turn": 1}, "say hello"), r"rules\[0\].do: must be a list of steps \(say, call,"),
        ({"else": [5]}, r"else\[0\]: must be pairs"),
        ({"else": [{}]}, r"else\[0\]: a step has one of: say, call, wait_ms"),
        (step(say="a", stop="content_filter"), r"else\[0\]: a step has one of"),
        (step(says="a"), r"else\[0\].says: is not known here; perhaps 'say' is meant"),
        (step(say=" "), r"else\[0\].say: must not be empty"),
        (step(say=[]), r"else\[0\].say: must be a text"),
        (step(call="f"), r"else\[0\].call: must be pairs"),
        (step(call={}), r"else\[0\].call: 'name' is missing"),
        (step(call={"name": "f", "arguments": 5}), "call.arguments: must be an object"),
        (step(call={"name": "f", "arguments": {"a": {1}}}), "call.arguments: cannot be JSON"),
        (step(wait_ms=-1), "wait_ms: must be a whole number from 0 to 600000, not -1"),
        (step(stop="tired"), "stop: must be content_filter or max_output_tokens, not 'tired'"),
        (step(fail={"code": "Not OK"}), "fail.code: must look like server_error"),
        (step(fail={"reason": "x"}), "fail.reason: is not known here; use code, message"),
        (step(fault="explode"), "fault: There is no fault 'explode'"),
        ({"hears": [5]}, r"hears\[0\]: must be a text"),
        ({"hears": [{"text": "a", "fail": "b"}]}, r"hears\[0\]: needs either 'text' or 'fail'"),
        ({"hears": [{}]}, r"hears\[0\]: needs either"),
        ({"hears": [None]}, r"hears\[0\]: only with `ears: real` can it be left open"),
        ({"voice": "loud"}, "voice: must be tone or real, not 'loud'"),
        ({"ears": []}, "ears: must be scripted or real"),
        ({"ms_per_character": 0}, "ms_per_character: must be a whole number from 1 to 1000"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place(mapping, sentence):
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        load(mapping)
    assert str(refused.value).endswith(".")


def test_in_a_file_the_line_is_named_as_well(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("rules:\n  - when: {turn: 1}\n    do:\n      - wait_ms: soon\n")

    with pytest.raises(ConfigurationError, match=r"line 4, rules\[0\]\.do\[0\]\.wait_ms: must be"):
        load(path)


def test_a_file_that_is_a_list_is_no_scenario(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text("- one")

    with pytest.raises(ConfigurationError, match=r"list\.yaml, line 1: must be pairs of names"):
        load(path)
