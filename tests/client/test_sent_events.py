"""Events that were sent lately, and the errors that name them."""

from console.client.sent_events import MAX_EVENT_BYTES, MAX_EVENTS, SentEvents
from console.realtime.events import Event


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
