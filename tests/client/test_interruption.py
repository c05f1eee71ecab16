"""The model cut short, and how much of it was heard."""

import pytest

from console import pcm
from console.client.interruption import truncation
from console.errors import ConsoleError
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from tests.client.conftest import begin_answer, end_answer
from tests.fakes import settle

MS = pcm.BYTES_PER_MS


@pytest.fixture
def conversation() -> Conversation:
    """A typed message of the user, and a second of the model's speech after a text."""
    found = Conversation()
    for item_id, role in (("u", "user"), ("a", "assistant")):
        item = {"id": item_id, "type": "message", "role": role, "content": []}
        found.receive(Event("conversation.item.added", "e", {"item": item}))
    for index, kind, fields in (
        (0, "text", {"delta": "Hi"}),
        (1, "audio", {"delta": pcm.encode(bytes(48_000))}),
    ):
        where = {"response_id": "r", "item_id": "a", "content_index": index}
        found.receive(Event(f"response.output_{kind}.delta", "e", {**where, **fields}))
    return found


@pytest.mark.parametrize(
    ("sample_count", "heard_ms"), [(0, 0), (23, 0), (12_000, 500), (99_999, 1000)]
)
def test_the_part_that_has_sound_is_cut_where_it_was_heard(conversation, sample_count, heard_ms):
    event = truncation(conversation, "a", sample_count)

    assert event.type == "conversation.item.truncate"
    assert event.fields == {"item_id": "a", "content_index": 1, "audio_end_ms": heard_ms}


def test_what_was_cut_off_before_is_not_heard_later(conversation):
    fields = {"item_id": "a", "content_index": 1, "audio_end_ms": 400}
    conversation.receive(Event("conversation.item.truncated", "e", fields))

    assert truncation(conversation, "a", 99_999).fields["audio_end_ms"] == 400
    assert truncation(conversation, "a", 2_400).fields["audio_end_ms"] == 100


@pytest.mark.parametrize(
    ("item_id", "sample_count", "words"),
    [
        ("a", -1, "-1 samples"),
        ("a", "7", "whole numbers, not as '7'"),
        ("a", 1.5, "whole numbers, not as 1.5"),
        ("x", 0, "no item 'x'"),
        ("u", 0, "'u' holds no audio of the model"),
    ],
)
def test_what_cannot_have_been_heard_is_refused(conversation, item_id, sample_count, words):
    with pytest.raises(ValueError, match=words):
        truncation(conversation, item_id, sample_count)


async def test_cancelling_stops_the_response_and_says_what_was_heard(connected, transport):
    begin_answer(transport, sound=bytes(1000 * MS))
    await settle()

    item = await connected.cancel_response("a", 24_000 // 2 + 23)

    cancel = await transport.expect("response.cancel")
    truncate = await transport.expect("conversation.item.truncate")
    assert item is connected.conversation.get("a")
    assert cancel["response_id"] == "r"
    assert (truncate["item_id"], truncate["content_index"], truncate["audio_end_ms"]) == (
        "a",
        0,
        500,
    )


async def test_no_more_is_truncated_than_was_received(connected, transport):
    begin_answer(transport, sound=bytes(100 * MS))
    end_answer(transport)
    await settle()

    await connected.cancel_response("a", 24_000)

    truncate = await transport.expect("conversation.item.truncate")
    assert truncate["audio_end_ms"] == 100


async def test_a_second_cut_before_the_server_has_told_the_first_keeps_no_more(
    connected, transport
):
    begin_answer(transport, sound=bytes(100 * MS))
    end_answer(transport)
    await settle()

    await connected.cancel_response("a", 240)
    await connected.cancel_response("a", 2_400)

    cuts = [await transport.expect("conversation.item.truncate") for _ in range(2)]
    assert [each["audio_end_ms"] for each in cuts] == [10, 10]


async def test_nothing_is_cancelled_when_no_response_is_being_made(connected, transport):
    assert await connected.cancel_response() is None
    begin_answer(transport, sound=bytes(100 * MS))
    end_answer(transport)
    await settle()

    await connected.cancel_response("a", 240)

    await transport.expect("conversation.item.truncate")


async def test_a_response_that_has_not_begun_is_cancelled_without_its_id(connected, transport):
    await connected.create_response()

    await connected.cancel_response()

    await transport.expect("response.create")
    cancel = await transport.expect("response.cancel")
    assert "response_id" not in cancel


async def test_nothing_is_cancelled_that_the_server_has_cancelled_itself(connected, transport):
    transport.deliver(
        "session.updated", session={"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}
    )
    begin_answer(transport, sound=bytes(100 * MS))
    transport.deliver("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    await settle()

    await connected.cancel_response("a", 240)

    await transport.expect("conversation.item.truncate")


async def test_a_response_is_cancelled_once(connected, transport):
    begin_answer(transport, sound=bytes(100 * MS))
    await settle()

    await connected.cancel_response()
    await connected.cancel_response()

    await transport.expect("response.cancel")


async def test_what_cannot_have_been_heard_is_refused_before_anything_is_sent(connected, transport):
    begin_answer(transport)
    transport.deliver("conversation.item.added", item={"id": "u", "role": "user"})
    await settle()

    with pytest.raises(ValueError, match="has no item 'nobody'"):
        await connected.cancel_response("nobody", 1)
    for item_id in ("u", "a"):
        with pytest.raises(ValueError, match="holds no audio of the model"):
            await connected.cancel_response(item_id, 1)
    with pytest.raises(ValueError, match="-1 samples"):
        await connected.cancel_response("a", -1)

    assert connected.conversation.active_response is not None


async def test_only_of_a_call_the_server_plays_the_sound(connected):
    with pytest.raises(ConsoleError, match="Only of a call"):
        await connected.clear_output_audio()


async def test_a_call_is_silenced_where_it_sounds_and_nothing_is_cut_off_here(joined, lines):
    begin_answer(lines.last, sound=bytes(100 * MS))
    await settle()

    item = await joined.cancel_response("a", 240)

    await lines.last.expect("response.cancel")
    await lines.last.expect("output_audio_buffer.clear")
    assert item is joined.conversation.get("a")
