"""Events that were sent lately, and the errors that name them."""

import pytest

from console.client.sent_events import MAX_EVENT_BYTES, MAX_EVENTS, PATIENCE_S, SentEvents
from console.realtime.events import Event
from tests.client.conftest import told
from tests.fakes import settle


def error_about(event_id: str) -> Event:
    return Event("error", "s", {"error": {"message": "No.", "event_id": event_id}})


def test_an_error_names_the_event_that_caused_it():
    sent = SentEvents()
    event = Event("x", "e1", {"a": 1})
    sent.add(event, 20)

    report = sent.report(error_about("e1"))

    assert (report.message, report.source, report.event_id) == ("No.", "server", "e1")
    assert report.cause is event


def test_only_the_newest_are_remembered():
    sent = SentEvents()
    for n in range(MAX_EVENTS + 1):
        sent.add(Event("x", str(n)), 20)

    assert sent.report(error_about("0")).cause is None
    assert sent.report(error_about("1")).cause == Event("x", "1")


def test_of_a_long_event_only_type_and_id_are_remembered():
    sent = SentEvents()
    sent.add(Event("x", "e1", {"text": "long"}), MAX_EVENT_BYTES + 1)

    assert sent.report(error_about("e1")).cause == Event("x", "e1")


def test_an_event_without_an_id_and_those_of_an_ended_session_are_not_named():
    sent = SentEvents()
    sent.add(Event("x"), 20)
    sent.add(Event("x", "e1"), 20)

    sent.clear()

    assert sent.report(error_about("e1")).cause is None
    assert sent.report(Event("error")).message == "The server reported an error without words."


# An error that does not say which event it is about


def nameless(code: str = "", message: str = "No.", param: str | None = None) -> Event:
    return Event("error", "s", {"error": {"code": code, "message": message, "param": param}})


def about_item(kind: str, event_id: str, item_id: str) -> Event:
    return Event(f"conversation.item.{kind}", event_id, {"item_id": item_id})


@pytest.mark.parametrize(
    ("event_type", "error"),
    [
        ("input_audio_buffer.commit", nameless("input_audio_buffer_commit_empty")),
        ("response.create", nameless("conversation_already_has_active_response")),
        ("session.update", nameless("cannot_update_voice")),
        ("session.update", nameless("unknown_parameter", param="session.modalities")),
        ("conversation.item.create", nameless("invalid_value", param="item.id")),
        ("response.create", nameless("invalid_value", param="response.tool_choice")),
    ],
)
def test_the_only_event_that_can_have_caused_it_is_its_cause(event_type, error):
    sent = SentEvents()
    for other in ("session.update", "response.create", "conversation.item.create", "x"):
        if other != event_type:
            sent.add(Event(other, f"other {other}"), 20)
    sent.add(Event(event_type, "e1"), 20)

    report = sent.report(error)

    assert report.cause == Event(event_type, "e1")
    assert report.event_id is None


def test_of_two_that_may_have_caused_it_neither_is_named():
    sent = SentEvents()
    sent.add(Event("response.create", "e1"), 20)
    sent.add(Event("response.create", "e2"), 20)

    report = sent.report(nameless("conversation_already_has_active_response"))

    assert report.cause is None


def test_one_that_was_answered_has_not_caused_it():
    sent = SentEvents()
    sent.add(Event("response.create", "e1"), 20)
    sent.add(Event("response.create", "e2"), 20)
    sent.answered(Event("response.created", "s", {"response": {"id": "r"}}))

    report = sent.report(nameless("conversation_already_has_active_response"))

    assert report.cause == Event("response.create", "e2")
    assert sent.report(nameless("conversation_already_has_active_response")).cause is None


def test_an_error_that_names_an_item_is_about_the_event_that_names_it():
    sent = SentEvents()
    for item_id in ("a", "b"):
        sent.add(about_item("delete", f"e {item_id}", item_id), 20)
    code, message = "item_delete_invalid_item_id", "Error deleting item: the item with id '{}' "

    named = sent.report(nameless(code, message.format("b") + "does not exist."))
    other = sent.report(nameless(code, message.format("c") + "does not exist."))

    assert named.cause == about_item("delete", "e b", "b")
    assert other.cause is None


@pytest.mark.parametrize("code", ["server_error", "rate_limit_exceeded", ""])
def test_an_error_that_anything_can_have_caused_names_nothing(code):
    sent = SentEvents()
    sent.add(Event("response.create", "e1"), 20)

    assert sent.report(nameless(code)).cause is None


def test_an_answer_is_that_of_the_event_about_the_same_item():
    sent = SentEvents()
    item = {"id": "b", "type": "message"}
    for item_id in ("a", "b"):
        created = {"item": {"id": item_id, "type": "message"}}
        sent.add(Event("conversation.item.create", f"e {item_id}", created), 20)

    sent.answered(Event("conversation.item.added", "s", {"item": item}))

    assert sent.is_creating("a")
    assert not sent.is_creating("b")


def test_an_answer_is_waited_for_until_it_comes_or_it_is_too_late():
    now_s = 100.0
    sent = SentEvents(lambda: now_s)
    sent.add(Event("x", "e0"), 20)
    assert not sent.is_waiting
    sent.add(Event("session.update", "e1"), 20)
    assert sent.is_waiting
    sent.answered(Event("session.updated", "s"))
    assert not sent.is_waiting
    sent.add(Event("session.update", "e2"), 20)

    now_s += PATIENCE_S + 1

    assert not sent.is_waiting


def test_what_was_asked_for_is_known_by_its_type_until_it_comes_or_it_is_too_late():
    now_s = 100.0
    sent = SentEvents(lambda: now_s)
    sent.add(Event("response.create", "e1"), 20)
    assert sent.is_asking("response.create")
    assert not sent.is_asking("session.update")
    sent.answered(Event("response.created", "s"))
    assert not sent.is_asking("response.create")
    sent.add(Event("response.create", "e2"), 20)

    now_s += PATIENCE_S + 1

    assert not sent.is_asking("response.create")


def test_an_error_is_an_answer_too():
    sent = SentEvents()
    sent.add(Event("session.update", "e1"), 20)

    sent.report(error_about("e1"))

    assert not sent.is_waiting


async def test_of_many_and_of_long_events_only_the_newest_and_the_small_are_remembered(
    connected, transport
):
    errors = told(connected, "error")
    for n in range(300):
        await connected.send({"type": "x", "event_id": f"e{n}"})
        await transport.expect("x")
    await connected.send({"type": "long", "event_id": "long", "text": "a" * 100_000})
    await transport.expect("long")

    for event_id in ("e0", "e299", "long"):
        transport.deliver("error", error={"message": "m", "event_id": event_id})
    await settle()

    causes = [each.cause for each in errors]
    assert causes[0] is None
    assert causes[1].event_id == "e299"
    assert (causes[2].type, causes[2].fields) == ("long", {})
