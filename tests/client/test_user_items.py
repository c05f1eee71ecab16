"""Items that the user adds."""

from typing import Any

import pytest
import pytest_asyncio

from console import pcm
from console.client.client import RealtimeClient
from tests.client.conftest import begin_answer, end_answer, say
from tests.fakes import FakeTransport, settle

MS = pcm.BYTES_PER_MS
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


async def test_a_text_message_is_an_item_and_asks_for_a_response(connected, transport):
    item_id = await connected.send_user_message_content("Hello")

    created = await transport.expect("conversation.item.create")
    await transport.expect("response.create")
    assert created["item"] == {
        "id": item_id,
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "Hello"}],
    }
    assert len(item_id) <= 32


async def test_a_message_may_hold_audio_bytes_and_want_no_response(connected, transport):
    sound = b"\x01\x00" * 480
    item_id = await connected.send_user_message_content(
        [{"type": "input_audio", "audio": sound}], respond=False
    )

    created = await transport.expect("conversation.item.create")
    transport.deliver(
        "conversation.item.added",
        item={"id": item_id, "status": "completed", "content": [{"type": "input_audio"}]},
    )
    await settle()
    assert created["item"]["content"] == [{"type": "input_audio", "audio": pcm.encode(sound)}]
    assert connected.conversation.get(item_id).audio == sound


@pytest.mark.parametrize("content", ["", [], [{"type": "input_audio", "audio": b"odd"}]])
async def test_a_message_without_content_or_with_half_a_sample_is_refused(connected, content):
    with pytest.raises(ValueError, match=r"needs content|pairs of bytes"):
        await connected.send_user_message_content(content)


async def test_a_text_in_a_list_is_no_content_part(connected):
    parts: Any = ["hello"]

    with pytest.raises(ValueError, match="not 'hello'; a text alone is given without a list"):
        await connected.send_user_message_content(parts)


async def test_a_typed_message_after_a_quick_tap_is_sent_all_the_same(connected, transport):
    await connected.append_input_audio(bytes(20 * MS))
    await transport.expect("input_audio_buffer.append")

    await connected.send_user_message_content("Hello")

    await transport.expect("conversation.item.create")
    await transport.expect("input_audio_buffer.clear")
    await transport.expect("response.create")


async def test_a_picture_and_words_about_it_are_one_message(connected, transport, tmp_path):
    picture = tmp_path / "p.png"
    picture.write_bytes(PNG)

    item_id = await connected.send_image(picture, "What is this?", detail="low")

    item = (await transport.expect("conversation.item.create"))["item"]
    assert item["id"] == item_id
    assert [part["type"] for part in item["content"]] == ["input_text", "input_image"]
    assert item["content"][1]["detail"] == "low"
    await transport.expect("response.create")
    await connected.send_image(PNG, respond=False)
    item = (await transport.expect("conversation.item.create"))["item"]
    assert [part["type"] for part in item["content"]] == ["input_image"]


async def test_a_call_of_a_tool_elsewhere_is_approved_or_not_and_a_response_asked_for(
    connected, transport
):
    request = {
        "id": "mcpr_1",
        "type": "mcp_approval_request",
        "server_label": "s",
        "name": "n",
        "arguments": "{}",
    }
    transport.deliver("conversation.item.added", item=request)
    await connected.wait_for_next_item(timeout_s=5)

    yes = await connected.approve_mcp_call("mcpr_1")
    sent = [(await transport.expect("conversation.item.create"))["item"]]
    await transport.expect("response.create")
    no = await connected.approve_mcp_call(
        "mcpr_1", approve=False, reason="Too much.", respond=False
    )
    sent.append((await transport.expect("conversation.item.create"))["item"])

    answer = {"type": "mcp_approval_response", "approval_request_id": "mcpr_1"}
    assert sent[0] == {"id": yes, **answer, "approve": True}
    assert sent[1] == {"id": no, **answer, "approve": False, "reason": "Too much."}


@pytest_asyncio.fixture
async def asked(connected: RealtimeClient, transport: FakeTransport) -> RealtimeClient:
    """A client whose server has asked twice whether it may call a tool."""
    for request_id in ("mcpr_1", "mcpr_2"):
        request = {"id": request_id, "type": "mcp_approval_request", "server_label": "s"}
        transport.deliver("conversation.item.added", item={**request, "name": "n"})
    await settle()
    return connected


async def approve(client: RealtimeClient, transport: FakeTransport, request_id: str) -> None:
    """Approve a call, and take the answer's item."""
    await client.approve_mcp_call(request_id)
    await transport.expect("conversation.item.create")
    await settle()


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_what_is_approved_during_an_answer_is_called_after_it(asked, transport, status):
    begin_answer(transport, "Let me see.")
    await settle()

    await approve(asked, transport, "mcpr_1")
    if status == "cancelled":
        await asked.cancel_response()
        await transport.expect("response.cancel")
    # Until the answer is done, nothing more may have been sent.
    await transport.finish()
    end_answer(transport, status)

    await transport.expect("response.create")


async def test_what_is_approved_before_an_answer_has_begun_is_called_after_it(asked, transport):
    await asked.create_response()
    await transport.expect("response.create")

    await approve(asked, transport, "mcpr_1")
    begin_answer(transport)
    await transport.finish()
    end_answer(transport)

    await transport.expect("response.create")


async def test_two_approvals_one_after_the_other_get_a_response_each(asked, transport):
    await approve(asked, transport, "mcpr_1")
    await transport.expect("response.create")

    await approve(asked, transport, "mcpr_2")
    begin_answer(transport)
    await transport.finish()
    end_answer(transport)

    await transport.expect("response.create")


async def test_two_approvals_during_an_answer_get_one_response_together(asked, transport):
    begin_answer(transport)
    await settle()
    await approve(asked, transport, "mcpr_1")
    await approve(asked, transport, "mcpr_2")

    end_answer(transport)
    await transport.expect("response.create")
    for event_type in ("response.created", "response.done"):
        transport.deliver(event_type, response={"id": "r2", "conversation_id": "c"})

    await transport.finish()


async def test_an_approval_asks_for_no_response_while_the_user_has_a_new_turn(asked, transport):
    begin_answer(transport)
    await settle()
    await approve(asked, transport, "mcpr_1")

    await asked.cancel_response()
    await transport.expect("response.cancel")
    await asked.append_input_audio(bytes(200 * MS))
    await transport.expect("input_audio_buffer.append")
    end_answer(transport, "cancelled")

    await transport.finish()


@pytest.mark.parametrize("item_id", ["nobody", "u"])
async def test_what_does_not_ask_for_approval_is_not_approved(connected, transport, item_id):
    say(transport, "u", "Hello")
    await settle()

    with pytest.raises(ValueError, match=f"no item '{item_id}' that asks"):
        await connected.approve_mcp_call(item_id)


@pytest.mark.parametrize("content", [5, None, b"Hello"])
async def test_what_is_neither_a_text_nor_a_list_is_no_message(connected, content):
    kind = type(content).__name__

    with pytest.raises(TypeError, match=f"text or a list of content parts, not of type {kind}"):
        await connected.send_user_message_content(content)
