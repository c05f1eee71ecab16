"""Taking over what the server says of an item."""

import pytest

from console.realtime.content import MAX_PARTS, fill_item, fill_part, set_status
from console.realtime.items import ContentPart, Item
from console.realtime.mcp import McpError, McpTool


def keep(part: ContentPart, audio: bytes) -> None:
    part.audio += audio
    part.received_bytes += len(audio)


def test_an_item_takes_over_what_is_said_and_keeps_what_nobody_knows():
    item = Item("i")

    fill_item(
        item,
        {
            "id": "i",
            "type": "function_call",
            "status": "in_progress",
            "name": "f",
            "call_id": "call_1",
            "arguments": "",
            "mood": "bright",
        },
        keep,
    )

    assert (item.type, item.status, item.name, item.call_id) == (
        "function_call",
        "in_progress",
        "f",
        "call_1",
    )
    assert item.other == {"mood": "bright"}


def test_absent_and_wrongly_typed_fields_change_nothing():
    item = Item("i", type="message", role="user", status="completed", output="o")

    fill_item(item, {"role": 7, "status": None, "content": "x", "output": [], "name": {}}, keep)

    assert (item.role, item.status, item.output, item.name) == ("user", "completed", "o", None)
    assert item.content == []


def test_a_finished_item_does_not_go_back_to_in_progress():
    item = Item("i", status="completed", is_done=True)

    fill_item(item, {"status": "in_progress"}, keep)

    assert item.status == "completed"


def test_an_emptied_transcript_does_not_erase_what_was_said():
    part = ContentPart("output_audio", transcript="One, two, three")

    fill_part(part, {"type": "output_audio", "transcript": ""}, keep)
    fill_part(part, {"type": "output_audio", "transcript": None}, keep)
    fill_part(part, {"type": "output_audio", "transcript": "One"}, keep)

    assert part.transcript == "One, two, three"


def test_a_transcript_that_comes_with_the_item_ends_the_wait_for_it():
    part = ContentPart("input_audio", transcription="pending")

    fill_part(part, {"type": "input_audio", "transcript": "Hello"}, keep)

    assert (part.transcript, part.transcription) == ("Hello", "completed")


def test_audio_is_taken_once():
    part = ContentPart("")
    raw = {"type": "input_audio", "audio": "AAEC"}

    fill_part(part, raw, keep)
    fill_part(part, raw, keep)

    assert part.audio == b"\x00\x01"


def test_audio_that_cannot_be_read_is_kept_as_it_came():
    part = ContentPart("")

    fill_part(part, {"type": "input_audio", "audio": "§"}, keep)

    assert part.audio == b""
    assert part.other == {"audio": "§"}


def test_older_names_of_content_become_todays():
    part = ContentPart("")

    fill_part(part, {"type": "audio", "transcript": "x"}, keep)

    assert part.type == "output_audio"


def test_images_and_unknown_parts_are_kept():
    item = Item("i")

    fill_item(
        item,
        {
            "content": [
                {"type": "input_image", "image_url": "data:"},
                {"type": "smell", "of": "tea"},
            ]
        },
        keep,
    )

    assert item.content[0].image_url == "data:"
    assert (item.content[1].type, item.content[1].other) == ("smell", {"of": "tea"})


def test_the_number_of_parts_is_bounded():
    item = Item("i")

    fill_item(item, {"content": [{"type": "input_text"}] * (MAX_PARTS + 5)}, keep)

    assert len(item.content) == MAX_PARTS


def test_final_arguments_never_get_shorter():
    item = Item("f", "function_call")
    fill_item(item, {"status": "completed", "arguments": '{"a":1}'}, keep)
    assert item.is_arguments_final

    fill_item(item, {"arguments": "{}"}, keep)
    assert item.arguments == '{"a":1}'


def test_what_is_told_of_a_finished_item_is_final():
    item = Item("i", content=[ContentPart("output_text", "One tw"), ContentPart("output_audio")])
    raw = {"content": [{"type": "output_text", "text": "One two"}, {"type": "output_audio"}]}

    fill_item(item, raw, keep, is_final=True)

    assert [part.is_text_final for part in item.content] == [True, False]


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (None, "in_progress", "in_progress"),
        ("in_progress", "failed", "failed"),
        ("completed", "in_progress", "completed"),
        ("completed", "failed", "failed"),
        ("failed", "completed", "failed"),
        ("incomplete", "", "incomplete"),
    ],
)
def test_a_status_goes_forward_and_a_failure_stays(before, said, after):
    item = Item("i", status=before)

    set_status(item, said)

    assert item.status == after


def test_what_a_server_of_tools_did_stays_known_when_later_events_leave_it_out():
    item = Item("m")
    raw = {
        "type": "mcp_call",
        "server_label": "files",
        "approval_request_id": "q",
        "error": {"type": "http_error", "code": 500, "message": "x"},
        "approve": False,
        "reason": "why",
        "tools": [{"name": "read"}],
    }
    fill_item(item, raw, keep)

    fill_item(item, {"server_label": None, "tools": [], "error": None, "approve": None}, keep)

    assert (item.server_label, item.approval_request_id) == ("files", "q")
    assert (item.error, item.approve, item.reason) == (
        McpError("http_error", "x", 500),
        False,
        "why",
    )
    assert item.tools == (McpTool("read"),)
    assert item.other == {}
