from console.simulator.intents import Stop
from console.simulator.outbox import Outbox


def test_events_begin_with_their_type_and_a_new_id():
    outbox = Outbox(lambda prefix: prefix + "1")
    outbox.emit("session.updated", session={})

    (event,) = outbox.take().events
    assert list(event.items()) == [
        ("type", "session.updated"),
        ("event_id", "event_1"),
        ("session", {}),
    ]


def test_taking_empties_it():
    outbox = Outbox(str)
    outbox.ask(Stop("resp_1"))

    assert outbox.take().intents == [Stop("resp_1")]
    assert outbox.take().intents == []
