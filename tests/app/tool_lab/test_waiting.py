"""Calls that wait for a decision."""

import asyncio

import pytest

from console import tasks
from console.app.tool_lab import waiting as waiting_module
from console.app.tool_lab.waiting import MAX_CHARACTERS, REFUSED, Decision, WaitingCalls
from console.errors import ConsoleError, ToolError
from tests.fakes import settle


@pytest.fixture
def changes():
    return []


@pytest.fixture
def calls(changes):
    made = WaitingCalls(lambda: changes.append(len(made)))
    return made


async def asked(calls, call_id="call_1"):
    task = tasks.spawn(calls.ask(call_id), name="ask")
    await settle()
    assert call_id in calls
    return task


async def test_an_approved_call_goes_on(calls, changes):
    task = await asked(calls)

    calls.approve("call_1")

    assert await task == Decision()
    assert "call_1" not in calls
    assert changes == [1, 0]


async def test_a_refused_call_fails_in_words_for_the_model(calls):
    task = await asked(calls)

    calls.refuse("call_1")

    with pytest.raises(ToolError, match=REFUSED):
        await asyncio.shield(task)


async def test_an_answer_by_hand_is_any_json(calls):
    task = await asked(calls)

    calls.answer("call_1", '{"temperature": [1, null]}')

    assert await task == Decision(is_answered=True, answer={"temperature": [1, None]})


async def test_an_answer_that_is_no_json_is_refused_and_the_call_waits_on(calls):
    task = await asked(calls)

    with pytest.raises(ConsoleError, match=r'no JSON: line 1.* as in "done"'):
        calls.answer("call_1", "warm")
    with pytest.raises(ConsoleError, match="no JSON: 1e999 is too big a number"):
        calls.answer("call_1", "1e999")
    with pytest.raises(ConsoleError, match="8,001 characters; 8,000 is the most"):
        calls.answer("call_1", "x" * (MAX_CHARACTERS + 1))

    assert "call_1" in calls
    await tasks.cancel(task)
    assert "call_1" not in calls


async def test_what_was_decided_or_is_gone_is_not_decided_again(calls):
    task = await asked(calls)
    calls.approve("call_1")

    calls.approve("call_1")
    calls.refuse("call_1")
    with pytest.raises(ConsoleError, match="does not wait any more"):
        calls.answer("call_1", "1")
    calls.refuse("call_9")

    assert await task == Decision()


async def test_nobody_is_waited_for_for_ever(calls, monkeypatch):
    monkeypatch.setattr(waiting_module, "TIMEOUT_S", 0.0)

    with pytest.raises(ToolError, match="Nobody decided within 0 minutes"):
        await calls.ask("call_1")

    assert len(calls) == 0
