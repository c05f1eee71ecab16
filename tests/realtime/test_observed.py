import pytest

from console.errors import ProtocolError
from console.realtime import observed
from console.realtime.observed import (
    ListedSession,
    ObservedEnd,
    ObservedEvent,
    ObservedGap,
    ObservedNow,
)

SESSION = ListedSession(
    "s1", token="shop", model="m", seconds=2.5, up_events=3, dollars=0.25, is_estimate=True
)


def test_a_list_of_sessions_arrives_as_it_was_told():
    assert observed.parse_list(observed.dump_list([SESSION])) == [SESSION]


@pytest.mark.parametrize("body", [b"", b"nothing", b"[]", b'{"sessions": 1}', b"{}"])
def test_what_is_no_list_is_said_to_be_none(body):
    with pytest.raises(ProtocolError):
        observed.parse_list(body)


def test_rows_of_odd_values_are_read_as_far_as_they_make_sense():
    body = b'{"sessions": [{"id": "s1", "token": 7, "up_events": "x", "is_estimate": 1}, {}, 4]}'

    assert observed.parse_list(body) == [ListedSession("s1")]


@pytest.mark.parametrize(
    "told",
    [
        ObservedEvent(1.5, "client", {"type": "response.create"}, 26),
        ObservedEvent(0.0, "client", {"type": "x"}, 12, refused="relay_event_not_allowed"),
        ObservedGap(7, 400),
        ObservedNow(),
        ObservedEnd(1008, "policy"),
    ],
)
def test_messages_arrive_as_they_were_told(told):
    assert observed.parse(observed.dump(told)) == told


def test_kinds_that_later_relays_may_have_are_no_mistake():
    assert observed.parse('{"k": "weather"}') is None


@pytest.mark.parametrize(
    "message", ["", "nothing", "[]", "{}", '{"k": 1}', '{"k": "event", "s": "somebody"}']
)
def test_messages_of_something_else_are_refused(message):
    with pytest.raises(ProtocolError):
        observed.parse(message)


def test_odd_numbers_in_a_message_count_as_nothing():
    told = observed.parse('{"k": "event", "s": "server", "t": -3, "b": "x", "event": 1}')

    assert told == ObservedEvent(0.0, "server", {}, 0)
