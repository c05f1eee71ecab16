import json

import pytest

from console.app.reference.checks import Problem
from console.app.reference.draft import Draft
from console.app.reference.form import Edit
from console.app.reference.form_draft import MAX_CHARACTERS
from console.app.reference.variables import Variable
from console.client.client import RealtimeClient
from tests.app.reference.rig import Walker, catalogue, places
from tests.client.conftest import SESSION
from tests.fakes import FakeTransport

EVENTS = sorted(catalogue().of("client"))
VARIABLES = {
    name: Variable(name, "of a test", f"{name}_1".strip)
    for name in ("last_item_id", "last_response_id", "last_call_id", "last_approval_id")
}


def draft(event=None):
    made = Draft(catalogue(), "conversation.item.delete")
    if event is not None:
        made.type_json(json.dumps(event))
    return made


@pytest.mark.parametrize("event_type", EVENTS)
def test_everything_that_an_event_may_hold_can_be_composed_and_is_valid(event_type):
    walker = Walker(event_type)

    for _ in walker.walk():
        event, problems = walker.draft.check(VARIABLES)
        assert problems == []
        assert event is not None
        assert event["type"] == event_type

    expected = set(places(catalogue().of("client")[event_type].shape))
    assert expected - walker.visited == set()
    assert len(walker.visited) == len(expected)


async def test_every_client_event_that_was_composed_is_sent_as_it_is():
    transport = FakeTransport()
    client = RealtimeClient(
        url="wss://server.test/v1/realtime", open_transport=transport.open, reconnect=None
    )
    transport.deliver("session.created", session=SESSION)
    await client.connect()
    await transport.expect("session.update")

    for event_type in EVENTS:
        composed, problems = Draft(catalogue(), event_type).finished(VARIABLES)
        assert composed is not None
        assert problems == []
        await client.send(composed)
        sent = await transport.expect(event_type)
        sent.pop("event_id")
        assert sent == composed
    await client.disconnect()


def test_an_edit_of_the_form_is_written_into_the_json():
    made = draft()

    made.edit(Edit(("item_id",), "set", "item_1"))

    assert json.loads(made.text) == {"type": "conversation.item.delete", "item_id": "item_1"}


def test_json_that_is_typed_becomes_the_form_and_may_change_the_event():
    made = draft({"type": "response.cancel", "response_id": "resp_1"})

    assert made.doc is not None
    assert made.doc.type == "response.cancel"
    assert [row.value for row in made.rows if row.label == "response_id"] == ["resp_1"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"type": "x",\n "a" 1}', "line 2, column 6: Expecting ':' delimiter"),
        ("", "line 1, column 1"),
        ('{"type": NaN}', "NaN is no JSON"),
        ('{"type": 1e999}', "1e999 is too big a number"),
        (
            r'{"item_id": "x\ud800"}',
            r"item_id holds half a character, \ud800, which cannot be sent",
        ),
        ("[" * 100_000, "nested too deep"),
        (" " * (MAX_CHARACTERS + 1), "200,000 is the most"),
    ],
)
def test_json_that_cannot_be_read_is_told_and_the_form_stays(text, told):
    made = draft({"type": "conversation.item.delete", "item_id": "item_1"})
    rows = made.rows

    made.type_json(text)

    event, problems = made.finished({})
    assert event is None
    assert told in problems[0]
    assert made.text == text
    assert made.rows == rows
    assert not made.edit(Edit(("item_id",), "set", "lost")), "it would overwrite what is typed"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ([1], "An event is a JSON object: { ... }."),
        ({"a": 1}, "type: is missing: it says which event this is"),
        ({"type": ""}, "type: is missing: it says which event this is"),
        (
            {"type": "response.crate"},
            "type: there is no client event response.crate; did you mean response.create?",
        ),
        (
            {"type": "session.update", "session": {"type": "realtime", "voice": "marin"}},
            "session.voice: is no field here; did you mean audio.output.voice?",
        ),
        ({"type": "conversation.item.delete"}, "item_id: is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(event, told):
    assert told in draft(event).finished({})[1]


def test_an_event_that_nobody_knows_can_still_be_sent():
    event = {"type": "conversation.item.invent", "x": 1}

    assert draft(event).finished({})[0] == event


def test_variables_are_filled_in_when_it_is_sent_and_stay_in_the_draft():
    made = draft({"type": "conversation.item.delete", "item_id": "{{$last_item_id}}"})

    event, problems = made.finished(VARIABLES)

    assert problems == []
    assert event == {"type": "conversation.item.delete", "item_id": "last_item_id_1"}
    assert made.event["item_id"] == "{{$last_item_id}}"


def test_a_variable_without_a_value_is_told_once():
    made = draft(
        {
            "type": "conversation.item.truncate",
            "item_id": "item_1",
            "content_index": 0,
            "audio_end_ms": "{{$last_audio_ms}}",
        }
    )

    _, problems = made.check(
        {"last_audio_ms": Variable("last_audio_ms", "its length", lambda: None)}
    )

    assert problems == [Problem(("audio_end_ms",), "last_audio_ms has no value yet (its length)")]


def test_json_of_a_field_that_cannot_be_read_is_told_at_the_field():
    made = draft(
        {
            "type": "session.update",
            "session": {"type": "realtime", "tools": [{"type": "function", "parameters": {}}]},
        }
    )
    path = ("session", "tools", 0, "parameters")

    made.edit(Edit(path, "set", '{"type": '))

    assert made.check({})[1][0].path == path


def test_a_type_that_is_no_client_event_cannot_be_begun():
    with pytest.raises(KeyError):
        Draft(catalogue(), "session.created")
