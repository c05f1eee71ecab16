import logging

from console.realtime.prices import Cost
from console.relay.observer import Observer, Observers, SessionFacts, Spending
from tests.relay.facts import passed
from tests.relay.told import Told

FACTS = SessionFacts("s1", "shop", "192.0.2.7", "ga", "m", "service.example", 0.0)


class Broken(Observer):
    def session_opened(self, facts):
        raise RuntimeError("no")

    def event_passed(self, passed):
        raise RuntimeError("no")


def test_all_are_told_everything_in_order():
    first, second = Told(), Told()
    observers = Observers([first, second])

    observers.session_opened(FACTS)
    observers.event_passed(passed("up", {"type": "x"}, 12, 1.0, 1.5, session_id="s1"))
    observers.event_refused("s1", {"type": "y"}, "no")
    observers.audio_dropped("s1", "down", 2, 99)
    observers.session_spent("s1", Spending(Cost(0.5)))
    observers.session_closed("s1", 1000, "", "client")
    observers.client_turned_away("invalid_api_key")
    observers.connection_refused()

    assert first.calls == second.calls
    assert [name for name, *_ in first.calls] == [
        "session_opened",
        "event_passed",
        "event_refused",
        "audio_dropped",
        "session_spent",
        "session_closed",
        "client_turned_away",
        "connection_refused",
    ]


def test_one_that_fails_is_logged_and_keeps_nobody_from_hearing(caplog):
    told = Told()
    observers = Observers([Broken(), told])

    with caplog.at_level(logging.ERROR):
        observers.session_opened(FACTS)
        observers.event_passed(passed("up", {"type": "x"}, 12, 1.0, 1.5, session_id="s1"))

    assert len(told.calls) == 2
    assert [record.getMessage() for record in caplog.records] == ["an observer has failed"] * 2


def test_who_wants_to_know_nothing_is_told_all_the_same():
    quiet = Observers([Observer()])

    quiet.session_opened(FACTS)
    quiet.event_passed(passed("up", {"type": "x"}, 12, 1.0, 1.5, session_id="s1"))
    quiet.event_refused("s1", {}, "no")
    quiet.audio_dropped("s1", "down", 2, 99)
    quiet.session_spent("s1", Spending(Cost(0.5)))
    quiet.session_closed("s1", 1000, "", "client")
    quiet.client_turned_away("full")
    quiet.connection_refused()
