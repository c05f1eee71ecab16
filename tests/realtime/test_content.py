"""Taking over what the server says of an item."""

from console.realtime.content import MAX_PARTS, fill_item, fill_part
from console.realtime.items import ContentPart, Item


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
