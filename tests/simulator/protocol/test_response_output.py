from itertools import count

import pytest

from console import pcm
from console.audio_format import AudioFormat
from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.response_output import ResponseOutput
from console.simulator.protocol.usage import Tokens
from tests.simulator.session_driver import kinds

CHUNK = bytes(100 * pcm.BYTES_PER_MS)


def made(conversation=None, audio_format=AudioFormat.PCM):
    number = count(1)
    outbox = Outbox(lambda prefix: f"{prefix}{next(number)}")
    return ResponseOutput("resp_1", conversation, outbox, audio_format), outbox


def message(item_id="item_1"):
    return Item(item_id, "message", role="assistant")


def test_items_enter_the_conversation_as_they_are_begun():
    conversation = Conversation()
    output, outbox = made(conversation)
    output.open_message(message(), "text")

    assert kinds(outbox.take().events) == [
        "response.output_item.added",
        "conversation.item.added",
        "response.content_part.added",
    ]
    assert conversation.last_id() == "item_1"
    assert conversation.items()[0].status == "in_progress"


def test_without_a_conversation_they_are_only_of_the_response():
    output, outbox = made()
    output.open_message(message(), "text")
    output.write("Hi.")
    output.close("completed")

    assert not [kind for kind in kinds(outbox.take().events) if kind.startswith("conversation")]
    assert [item["status"] for item in output.wire()] == ["completed"]


def test_events_tell_their_place():
    output, outbox = made()
    output.open(Item("item_1", "function_call", name="f", call_id="call_1"))
    output.add_arguments("{}")
    output.close("completed")
    output.open_message(message("item_2"), "audio")
    output.add_words("Hi")

    places = {
        (each.get("item_id"), each["output_index"], each.get("content_index"))
        for each in outbox.take().events
        if "delta" in each["type"]
    }
    assert places == {("item_1", 0, None), ("item_2", 1, 0)}


def test_closing_twice_or_nothing_is_fine():
    output, outbox = made()
    output.close("completed")
    output.open_message(message(), "text")
    output.close("incomplete")
    outbox.take()
    output.close("completed")

    assert outbox.take().events == []
    assert output.wire()[0]["status"] == "incomplete"


def test_an_item_that_was_deleted_meanwhile_is_done_for_the_response_alone():
    conversation = Conversation()
    output, outbox = made(conversation)
    output.open_message(message(), "text")
    conversation.delete("item_1")
    outbox.take()
    output.close("completed")

    assert "conversation.item.done" not in kinds(outbox.take().events)


def test_pcm_is_sent_as_it_is_and_kept():
    output, outbox = made()
    output.open_message(message(), "audio")
    outbox.take()
    output.add_audio(CHUNK)

    (event,) = outbox.take().events
    assert pcm.decode(event["delta"]) == CHUNK
    assert (bytes(output.open_part.audio), output.audio_ms) == (CHUNK, 100)


@pytest.mark.parametrize(("status", "sent_ms"), [("completed", 300), ("incomplete", None)])
def test_what_a_codec_holds_back_comes_before_the_end_unless_cut_off(status, sent_ms):
    output, outbox = made(audio_format=AudioFormat.PCMU)
    output.open_message(message(), "audio")
    for _ in range(3):
        output.add_audio(CHUNK)
    output.close(status)

    events = outbox.take().events
    sent = b"".join(pcm.decode(e["delta"]) for e in events if e["type"].endswith("audio.delta"))
    assert output.audio_ms == 300
    if sent_ms:
        assert len(sent) == 8 * sent_ms
    else:
        assert len(sent) < 8 * 300


def test_audio_that_goes_another_way_is_kept_and_not_sent():
    output, outbox = made()
    output.open_message(message(), "audio")
    outbox.take()
    output.keep_audio(CHUNK)

    assert outbox.take().events == []
    assert output.audio_ms == 100


def test_final_items_hold_no_audio():
    output, outbox = made()
    output.open_message(message(), "audio")
    output.add_words("Hi.")
    output.add_audio(CHUNK)
    output.close("completed")

    assert output.wire()[0]["content"] == [{"type": "output_audio", "transcript": "Hi."}]
    done = [e["item"] for e in outbox.take().events if e["type"] == "response.output_item.done"]
    assert done == output.wire()


def test_the_state_of_a_servers_call_is_told_without_the_response():
    output, outbox = made()
    output.open(Item("mcp_1", "mcp_call", name="f", server_label="s"))
    output.add_mcp_arguments("{}")
    output.end_mcp_arguments()
    outbox.take()
    output.tell_mcp_call("in_progress")

    (event,) = outbox.take().events
    assert list(event) == ["type", "event_id", "item_id", "output_index"]


def test_tokens_are_those_of_all_items():
    output, _ = made()
    output.open(Item("item_1", "function_call", name="f", call_id="call_1"))
    output.add_arguments("x" * 39)
    output.close("completed")
    output.open_message(message("item_2"), "audio")
    output.add_audio(CHUNK)

    assert output.tokens == Tokens(text=10, audio=2)
    assert not output.is_empty
