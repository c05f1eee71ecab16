import pytest

from console.app.reference.checks import problems_of
from console.app.reference.shapes import (
    Anything,
    Choice,
    Field,
    Flag,
    Listing,
    Null,
    Number,
    OneOf,
    Record,
    Table,
    Text,
)
from console.app.reference.values import blank, blank_field, example_event
from console.app.reference.variables import SUGGESTED
from tests.app.reference.rig import catalogue

EVENTS = {each.type: each for each in catalogue().events}
CLIENT = catalogue().of("client")


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Text(), ""),
        (Number(is_whole=True), 0),
        (Number(is_whole=True, low=3), 3),
        (Number(is_whole=False, low=0.25), 0.25),
        (Flag(), False),
        (Choice(("a", "b")), "a"),
        (Choice(("a", "b"), is_open=True), ""),
        (Null(), None),
        (Listing(Text()), []),
        (Table(Text()), {}),
        (Anything(), {}),
        (OneOf((Null(), Text())), None),
    ],
)
def test_a_shape_has_a_least_value(shape, value):
    assert blank(shape) == value


def test_a_blank_event_holds_what_is_required_and_what_tells_it_apart():
    assert blank(CLIENT["session.update"].shape) == {
        "type": "session.update",
        "session": {"type": "realtime"},
    }
    assert blank(CLIENT["conversation.item.create"].shape) == {
        "type": "conversation.item.create",
        "item": {
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": ""}],
        },
    }


def test_an_id_is_suggested_where_it_is_wanted():
    blanked = blank(CLIENT["conversation.item.delete"].shape, SUGGESTED.get)

    assert blanked["item_id"] == "{{$last_item_id}}"


def test_a_field_begins_with_its_default():
    assert blank_field(Field("x", Number(is_whole=True), is_required=False, default=500)) == 500


def test_a_suggestion_is_only_for_fields_of_text():
    field = Field("item_id", Number(is_whole=True), is_required=True)

    assert blank_field(field, SUGGESTED.get) == 0


@pytest.mark.parametrize("event_type", EVENTS)
def test_the_example_of_an_event_is_one(event_type):
    doc = EVENTS[event_type]

    example = example_event(event_type, doc.shape)

    assert problems_of(doc.shape, example) == []
    assert example["type"] == event_type


def test_an_example_shows_content_of_the_right_kind():
    audio = EVENTS["response.output_audio.delta"]
    arguments = EVENTS["response.function_call_arguments.delta"]
    record = Record("It", (Field("text", Text(), is_required=False),))

    assert example_event(audio.type, audio.shape)["delta"] == "AAAAAAAAAAA="
    assert example_event(arguments.type, arguments.shape)["delta"].startswith("{")
    assert example_event("x", record) == {"text": "It is 19 degrees in Toronto."}
