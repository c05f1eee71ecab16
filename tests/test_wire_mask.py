import pytest

from console.wire_mask import WireMask

KEY = "sk-proj-planted_0123456789-abcdef"
TEXT = "response.output_text.delta"
BETA = "response.text.delta"


def told(mask, *events):
    """Return the deltas that are left of events: type, delta, and more fields."""
    left = []
    for event_type, delta, *more in events:
        fields = {"item_id": "a", "content_index": 0, "delta": delta, **dict(*more)}
        mask.hide_in_delta(event_type, fields)
        left.append(fields["delta"])
    return left


@pytest.mark.parametrize("form", [str, str.encode])
def test_every_secret_is_hidden_in_a_message_and_a_longer_one_as_one(form):
    mask = WireMask(["planted-token", KEY, f"{KEY}-and-more", "", "short", KEY])

    hidden = mask.hide_in_message(form(f"short planted-token {KEY}-and-more {KEY}"))

    assert hidden == form("short [secret] [secret] [secret]")
    assert mask.hide(f"{KEY}.") == "[secret]."


@pytest.mark.parametrize(
    "event_type",
    [
        TEXT,
        BETA,
        "response.output_audio_transcript.delta",
        "response.audio_transcript.delta",
        "response.function_call_arguments.delta",
        "response.mcp_call_arguments.delta",
        "conversation.item.input_audio_transcription.delta",
        "session.output_transcript.delta",
        "future.delta",
    ],
)
def test_a_secret_in_pieces_is_hidden_in_every_text_that_grows(event_type):
    mask = WireMask([KEY, "planted-token"])

    left = told(
        mask,
        (event_type, f"a {KEY[:9]}"),
        (event_type, KEY[9:]),
        (event_type, " planted"),
        (event_type, "-token b"),
    )

    assert left == ["a ", "[secret]", " ", "[secret] b"]


def test_texts_of_other_items_parts_and_kinds_and_sound_come_between():
    mask = WireMask([KEY])

    left = told(
        mask,
        (TEXT, KEY[:9]),
        (TEXT, "x", {"item_id": "b"}),
        (TEXT, "x", {"content_index": 1}),
        (BETA, "x"),
        ("response.output_audio.delta", KEY[9:]),
        ("response.audio.delta", KEY[9:]),
        ("response.output_audio.done", "x"),
        (TEXT, KEY[9:]),
    )

    assert left == ["", "x", "x", "x", KEY[9:], KEY[9:], "x", "[secret]"]


@pytest.mark.parametrize("end", ["done", "completed", "failed"])
def test_a_text_ends_with_its_event(end):
    mask = WireMask([KEY])

    left = told(mask, (TEXT, KEY[:9]), (TEXT.replace("delta", end), "x"), (TEXT, KEY[9:]))

    assert left == ["", "x", KEY[9:]]


def test_no_text_goes_on_in_another_session():
    mask = WireMask([KEY])
    told(mask, (TEXT, KEY[:9]))

    mask.clear()

    assert told(mask, (TEXT, KEY[9:])) == [KEY[9:]]


@pytest.mark.parametrize("fields", [{}, {"delta": None}, {"delta": 5}, {"delta": [KEY]}])
def test_what_brings_no_text_stays_as_it_is(fields):
    before = dict(fields)

    WireMask([KEY]).hide_in_delta(TEXT, fields)

    assert fields == before


@pytest.mark.parametrize("odd", [{"item_id": []}, {"item_id": {}}, {"content_index": []}])
def test_odd_ids_count_as_none(odd):
    mask = WireMask([KEY])

    assert told(mask, (TEXT, KEY[:9], odd), (TEXT, KEY[9:], odd)) == ["", "[secret]"]


def test_a_text_that_is_no_events_is_followed_as_well():
    mask = WireMask([KEY, "key-of-another"])

    told = [mask.take("a", f"the {KEY[:9]}"), mask.take("a", KEY[9:]), mask.take("a", " key-of")]

    assert told == ["the ", "[secret]", " "]
    assert mask.end("a") == "key-of"
    assert mask.end("a") == ""


def test_what_one_secret_keeps_is_looked_at_for_the_next():
    mask = WireMask(["key-of-another", "abcd-key"])

    assert mask.take("a", "abcd-key-") == ""
    assert mask.end("a") == "[secret]-"


def test_without_secrets_nothing_is_changed():
    mask, message = WireMask(["short"]), f"short {KEY}"

    assert mask.hide_in_message(message) is message
    assert told(mask, (TEXT, "short"), (TEXT, KEY)) == ["short", KEY]
