import pytest

from console.app.item_view import LATE_MS, Known, Played, images_of, view_of
from console.realtime.items import ContentPart, Item


def message(*parts, role="user", **fields):
    return Item("i", "message", role, "completed", content=list(parts), is_done=True, **fields)


def spoken(text, seconds=1.0, **fields):
    part = ContentPart("output_audio", transcript=text, **fields)
    part.received_bytes = int(seconds * 48_000)
    return part


@pytest.mark.parametrize(
    ("part", "role", "note"),
    [
        (
            ContentPart("input_audio", transcription="failed", transcription_error="no model"),
            "user",
            "Transcription failed: no model",
        ),
        (ContentPart("input_audio", transcription="failed"), "user", "Transcription failed: no reason given"),
        (
            ContentPart("input_audio", transcript="", transcription="completed"),
            "user",
            "No words were recognised.",
        ),
        (ContentPart("input_audio"), "user", "No transcript: this session asks for none."),
        (spoken(None), "assistant", "No transcript came with this sound."),
        (ContentPart("output_audio"), "assistant", None),
        (spoken("Hello", is_audio_dropped=True), "assistant", "The sound was given up to bound memory."),
        (ContentPart("input_text", text="Hello"), "user", None),
        (ContentPart("input_audio", transcription="pending"), "user", None),
    ],
)  # fmt: skip
def test_what_is_odd_of_a_transcript_is_named(part, role, note):
    assert view_of(message(part, role=role), Known()).note == note


def test_a_transcript_that_took_long_is_called_late():
    item = message(ContentPart("input_audio", transcript="Hi", transcription="completed"))

    assert view_of(item, Known(transcript_ms=LATE_MS)).note is None
    late = view_of(item, Known(transcript_ms=4_230.0)).note
    assert late == "The transcript was late: it came 4.2 s after the turn."


def test_an_unfinished_item_misses_nothing_yet():
    item = Item("i", "message", "assistant", "in_progress", content=[spoken(None)])

    assert view_of(item, Known()).note is None


def test_what_is_played_now_has_its_place_in_the_text():
    item = message(spoken("one two three four"), role="assistant")

    view = view_of(item, Known(played=Played(500, is_speaking=True)))

    assert (view.played, view.played_ms, view.speaking) == (13, 500, True)
    assert (view.heard, view.cut) == (None, False)


def test_what_was_cut_off_is_not_played_any_more():
    item = message(spoken("one two three four", heard_ms=500), role="assistant")

    view = view_of(item, Known(played=Played(400, is_speaking=True)))

    assert (view.heard, view.cut) == (13, True)
    assert (view.played, view.speaking) == (None, False)


def test_text_before_what_is_said_needs_no_hearing():
    item = message(ContentPart("output_text", text="Read"), spoken("one two"), role="assistant")

    assert view_of(item, Known(played=Played(0, is_speaking=False))).played == len("Read\n")


def test_pictures_are_counted_and_not_sent_along():
    shown = ContentPart("input_image", image_url="data:image/png;base64,AAAA")
    item = message(ContentPart("input_text", text="See"), shown)

    view = view_of(item, Known())

    assert (view.images, images_of(item)) == (1, ["data:image/png;base64,AAAA"])
    assert "base64" not in str(view)


def test_items_outside_the_conversation_say_so():
    assert view_of(message(is_out_of_band=True), Known()).apart
