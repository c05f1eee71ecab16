from typing import Any

from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.event_record import EventRecord
from console.app.event_summary import UNREADABLE
from console.app.session_feed import SessionFeed
from console.client.happenings import ErrorReport, RealtimeEvent
from console.client.targets import Target
from console.realtime.events import Event
from tests.fakes import ManualClock


class Client:
    """Only what is listened to."""

    def __init__(self):
        self.handlers = {}
        self.target = Target(url="ws://127.0.0.1:9/v1/realtime?token=hidden", model="m")

    def on(self, name, handler):
        self.handlers[name] = handler

    def tell(self, name, value):
        self.handlers[name](value)

    def happens(self, event_type):
        self.tell("realtime.event", RealtimeEvent(0.0, "server", Event(event_type), 10))


def recorded():
    log, clock = EventLog(), ManualClock()
    client: Any = Client()
    record = EventRecord(log, SessionFeed(log, ConversationView()), clock)
    record.follow(client)
    return log, clock, client, record


def types(log):
    return [each.event.type for each in log.entries()]


def test_events_are_logged_as_they_come():
    log, _, client, _ = recorded()
    client.happens("session.created")
    client.happens("session.updated")

    assert types(log) == ["session.created", "session.updated"]


def test_events_of_an_attempt_wait_for_what_comes_of_it():
    log, _, client, record = recorded()
    client.happens("earlier")
    with record.holding_back():
        client.happens("session.created")
        assert types(log) == ["earlier"]
        client.tell("conversation.cleared", None)

    assert types(log) == ["session.created"]


def test_events_of_an_attempt_that_failed_are_kept_behind_the_earlier():
    log, _, client, record = recorded()
    client.happens("earlier")
    try:
        with record.holding_back():
            client.happens("error")
            raise ConnectionError
    except ConnectionError:
        pass

    assert types(log) == ["earlier", "error"]


def test_a_message_that_is_no_event_has_a_row_of_its_own():
    log, _, client, _ = recorded()
    bad = ErrorReport("A message is not JSON.", "client", code="bad_message", raw=b"nonsense")
    client.tell("error", bad)
    client.tell("error", ErrorReport("Something else.", "server", code="invalid_value"))

    assert types(log) == [UNREADABLE]
    row = log.row("frames", 0)
    assert row is not None
    assert (row["d"], row["b"]) == ("A message is not JSON.", 8)
    assert next(iter(log.entries())).event.fields["begins"] == "nonsense"


async def test_the_log_knows_when_its_first_event_was_and_with_whom():
    log, clock, client, record = recorded()
    began_s = clock.wall_s()
    with record.holding_back():
        client.happens("session.created")
        await clock.advance(3.0)
    client.happens("later")

    assert log.began_wall_s == began_s
    assert log.where.startswith("ws://127.0.0.1:9/v1/realtime")
    assert "hidden" not in log.where
