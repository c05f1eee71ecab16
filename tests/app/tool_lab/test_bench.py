"""One tool with its forms."""

from typing import Any

import pytest

from console.app.reference.form import Edit
from console.app.tool_lab.bench import ToolBench
from console.app.tool_lab.handling import Handling
from console.tools.registry import Tool

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city"],
}


def tool(**changed):
    parameters = {**SCHEMA, **changed}
    return Tool("look", "Looks.", handler=lambda **_: 1, parameters=parameters)


@pytest.fixture
def bench():
    return ToolBench(tool())


def labels(form):
    return [each.label for each in form[0]]


def told(form):
    return [str(each) for each in form[1]]


def test_the_form_of_arguments_is_that_of_the_schema(bench):
    assert labels(bench.arguments_form()) == ["city", "days"]
    assert bench.arguments() == ('{"city": ""}', [])


def test_arguments_are_edited_and_checked(bench):
    assert bench.edit_arguments(Edit(("city",), "set", "Oslo"))
    assert bench.edit_arguments(Edit(("days",), "include"))
    assert bench.edit_arguments(Edit(("days",), "set", "0"))
    assert not bench.edit_arguments(Edit(("nights",), "set", "0"))

    text, problems = bench.arguments()

    assert text == '{"city": "Oslo", "days": 0}'
    assert [str(each) for each in problems] == ["days: must be a whole number of at least 1, not 0"]


def test_the_arguments_of_a_call_are_taken_over_if_they_are_any(bench):
    assert bench.use_arguments('{"city": "Rome", "days": 2}')
    assert not bench.use_arguments('{"city": ')
    assert not bench.use_arguments("[1]")

    assert bench.arguments()[0] == '{"city": "Rome", "days": 2}'


def test_what_is_done_with_calls_is_done_as_soon_as_it_makes_sense(bench):
    assert labels(bench.handling_form()) == ["approve", "delay_s", "answer", "fail"]
    assert bench.handle(Edit(("delay_s",), "include"))
    assert bench.handling == Handling(delay_s=2)

    assert not bench.handle(Edit(("delay_s",), "set", "soon"))
    assert bench.handling == Handling(delay_s=2)
    assert "delay_s: must be a number" in told(bench.handling_form())[0]

    assert bench.handle(Edit(("delay_s",), "leave_out"))
    assert bench.handling == Handling()
    assert not bench.handle(Edit(("nothing",), "include"))


def test_an_answer_that_is_no_json_is_told_and_not_given(bench):
    bench.handle(Edit(("answer",), "include"))
    bench.handle(Edit(("answer",), "set", '{"warm": true}'))

    assert not bench.handle(Edit(("answer",), "set", '{"warm": '))

    assert bench.handling.answer == {"warm": True}
    assert told(bench.handling_form()) == [
        "answer: holds no JSON (line 1, column 10: Expecting value), so what was there before counts"
    ]


def test_an_answer_that_json_would_carry_as_another_is_told_and_not_given(bench):
    bench.handle(Edit(("answer",), "include"))

    assert not bench.handle(Edit(("answer",), "set", '{"warm": 1e999}'))

    assert bench.handling.answer != {"warm": float("inf")}
    assert told(bench.handling_form()) == [
        "answer: holds no JSON (1e999 is too big a number), so what was there before counts"
    ]


def test_another_version_of_the_tool_keeps_what_was_typed_and_set(bench):
    bench.edit_arguments(Edit(("city",), "set", "Oslo"))
    bench.handle(Edit(("approve",), "include"))

    bench.renew(tool(properties={**SCHEMA["properties"], "unit": {"type": "string"}}))

    assert labels(bench.arguments_form()) == ["city", "days", "unit"]
    assert bench.arguments()[0] == '{"city": "Oslo"}'
    assert bench.handling.is_approved

    same = tool(properties={**SCHEMA["properties"], "unit": {"type": "string"}})
    bench.renew(same)
    assert bench.tool is same
