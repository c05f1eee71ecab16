"""OpenAI's Python SDK asks beside the conversation, has tools of servers called, and cancels."""

from typing import Any

import pytest

from tests.integration.sdk import waiting_talk
from tests.simulator.serving import running

MODEL = "gpt-realtime-2.1"
SERVER = {
    "type": "mcp",
    "server_label": "demo",
    "server_url": "https://127.0.0.1/mcp",
    "allowed_tools": ["count_words"],
}


def typed(text):
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content}


def types(events):
    return [event.type for event in events]


@pytest.fixture
async def talk():
    async with running() as server, waiting_talk(server, "ga", MODEL) as talk:
        await talk.sdk.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        await talk.until("session.updated")
        yield talk


async def test_three_responses_beside_the_conversation_and_one_of_it_go_on_at_once(talk):
    await talk.say("red")
    for colour in ("green", "blue", "white"):
        beside = {"conversation": "none", "metadata": {"of": colour}, "input": [typed(colour)]}
        await talk.sdk.response.create(response=beside)
    await talk.sdk.response.create()
    done: list[Any] = []
    while len(done) < 4:
        done.append((await talk.until("response.done"))[-1].response)

    said = {
        (each.metadata or {}).get("of"): each.output[0].content[0].text.split(".")[0]
        for each in done
    }
    assert said == {colour or None: f"You said {colour or 'red'}"
                    for colour in ("green", "blue", "white", None)}  # fmt: skip
    assert [each.conversation_id is None for each in done].count(True) == 3


async def test_rate_limits_follow_every_response(talk):
    await talk.say("red")
    await talk.sdk.response.create()
    first = (await talk.until("rate_limits.updated"))[-1].rate_limits[0]
    await talk.sdk.response.create()
    second = (await talk.until("rate_limits.updated"))[-1].rate_limits[0]

    assert (first.name, second.name) == ("tokens", "tokens")
    assert second.remaining < first.remaining < first.limit


async def test_a_call_is_approved_carried_out_and_answered(talk):
    await talk.sdk.session.update(session={"type": "realtime", "tools": [SERVER]})
    listed = (await talk.until("mcp_list_tools.completed"))[-1]
    await talk.say("call it")
    await talk.sdk.response.create()
    asked = (await talk.until("response.done"))[-1].response.output[0]
    answer = {
        "type": "mcp_approval_response",
        "approval_request_id": asked.id,
        "approve": True,
    }
    await talk.sdk.conversation.item.create(item=answer)
    await talk.sdk.response.create()
    events = await talk.until("response.done")
    call, message = events[-1].response.output

    assert listed.item_id.startswith("mcpl_")
    assert asked.type == "mcp_approval_request"
    assert call.approval_request_id == asked.id
    assert "response.mcp_call.failed" in types(events)  # this assistant gives it no text
    assert call.error.type == "tool_execution_error"
    assert message.content[0].text == "The tool says 'text' has to be a string.."


async def test_a_response_beside_the_conversation_is_cancelled_by_its_id(talk):
    await talk.say("count")
    await talk.sdk.response.create(response={"conversation": "none"})
    created = (await talk.until("response.created"))[-1].response
    await talk.sdk.response.cancel(response_id=created.id)
    done = (await talk.until("response.done"))[-1].response

    assert (done.id, done.status) == (created.id, "cancelled")
    assert done.status_details.reason == "client_cancelled"
