from itertools import count

from console.simulator.protocol.intents import Later
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.timers import Timers


def made():
    number = count(1)
    outbox = Outbox(lambda prefix: f"{prefix}{next(number)}")
    return Timers(outbox, lambda prefix: f"{prefix}{next(number)}"), outbox


def test_the_server_is_asked_for_the_time_and_the_action_is_done_once():
    timers, outbox = made()
    done = []
    timer_id = timers.after(35.0, lambda: done.append("now"))

    assert outbox.take().intents == [Later(timer_id, 35.0)]
    assert done == []
    timers.due(timer_id)
    timers.due(timer_id)
    assert done == ["now"]


def test_a_cancelled_action_is_not_done_and_may_be_cancelled_again():
    timers, _ = made()
    done = []
    first = timers.after(1, lambda: done.append("first"))
    second = timers.after(1, lambda: done.append("second"))
    timers.cancel(first)
    timers.cancel(first)
    timers.due(first)
    timers.due(second)

    assert done == ["second"]
