"""What items, parts and responses say of themselves."""

import pytest

from console.realtime.audio_shelf import Shelved
from console.realtime.items import ContentPart, Item, Response
from tests.realtime.shelf import MemoryShelf


def spoken(transcript: str, received_ms: int, heard_ms: int | None) -> ContentPart:
    return ContentPart(
        "output_audio", transcript=transcript, received_bytes=received_ms * 48, heard_ms=heard_ms
    )


@pytest.mark.parametrize(
    ("heard_ms", "expected"),
    [
        (None, None),
        (0, 0),
        (1, len("one")),
        (500, len("one two")),
        (1000, len("one two six")),
        (5000, len("one two six")),
    ],
)
def test_the_heard_share_of_a_transcript_ends_at_the_end_of_a_word(heard_ms, expected):
    part = spoken("one two six", 1000, heard_ms)

    assert part.heard_characters == expected


def test_of_a_part_without_audio_everything_counts_as_heard():
    assert spoken("one two", 0, 100).heard_characters == len("one two")


def test_the_text_of_an_item_is_what_is_written_or_said_in_its_parts():
    item = Item(
        "i",
        content=[
            ContentPart("input_text", text="Look:"),
            ContentPart("input_image", image_url="data:x"),
            spoken("a cat", 10, None),
        ],
    )

    assert item.text == "Look:\na cat"


def test_the_audio_of_an_item_is_that_of_its_first_audio_part():
    part = ContentPart("output_audio", audio=bytearray(96), received_bytes=96)
    item = Item("i", content=[ContentPart("output_text", text="x"), part])

    assert item.audio_part is part
    assert item.audio is part.audio
    assert item.audio_ms == 2.0


def test_the_audio_of_an_item_is_read_wherever_it_lies():
    shelf = MemoryShelf()
    shelf.put(1, b"12")
    part = ContentPart("output_audio", audio=bytearray(b"34"), shelved=Shelved(shelf, 1, 2))
    item = Item("i", content=[part])
    assert (part.kept_bytes, item.has_audio, item.read_audio()) == (4, True, b"1234")

    shelf.clear()
    assert item.read_audio() == b""


def test_what_is_read_stays_as_it_was_when_the_item_grows():
    part = ContentPart("output_audio", audio=bytearray(b"12"))

    read = part.read_audio()
    part.audio += b"34"

    assert read == b"12"


def test_things_are_the_same_only_when_they_are_the_same_thing():
    first, second = ContentPart("output_text", "x"), ContentPart("output_text", "x")

    assert [first, second].index(second) == 1
    assert Item("i") != Item("i")
    assert Response("r") != Response("r")


def test_an_item_without_audio_has_none():
    item = Item("i", content=[ContentPart("input_text", text="x")])
    assert (item.has_audio, item.read_audio()) == (False, b"")

    assert item.audio_part is None
    assert item.audio == b""
    assert item.audio_ms == 0.0


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({}, None),
        ({"type": "cancelled", "reason": "turn_detected"}, "turn_detected"),
        ({"error": {"code": "insufficient_quota", "message": "No money."}}, "No money."),
        ({"error": {"code": "insufficient_quota"}}, "insufficient_quota"),
        ({"error": "broken"}, "broken"),
        ({"reason": 7}, None),
    ],
)
def test_a_response_says_why_it_did_not_complete(details, reason):
    response = Response("r", status="failed", status_details=details)

    assert response.reason == reason


def test_a_response_is_done_when_it_is_in_progress_no_more():
    assert not Response("r").is_done
    assert Response("r", status="cancelled").is_done
