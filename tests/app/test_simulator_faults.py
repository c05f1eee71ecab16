from typing import Any

import pytest

from console.app.simulator_faults import SimulatorFaults
from console.app.view_model import Target, ViewModel
from console.simulator.faults import Faults


class Client:
    """Only what is listened to."""

    def __init__(self):
        self.handlers = {}

    def on(self, name, handler):
        self.handlers[name] = handler

    def tell(self, name, value):
        self.handlers[name](value)


class Simulator:
    """Notes what it is asked for."""

    def __init__(self):
        self.asked = []

    def set_faults(self, faults, session_id=None):
        self.asked.append((faults, session_id))

    def inject(self, text, session_id=None):
        Faults.parse(text)
        self.asked.append((text, session_id))


def begun(simulator):
    view = ViewModel(target=Target("simulator", "m", "v", "", True))
    client: Any = Client()
    faults = SimulatorFaults(view, lambda: simulator)
    faults.follow(client)
    return view, client, faults


def test_faults_reach_the_session_that_goes_on():
    simulator = Simulator()
    view, client, faults = begun(simulator)
    client.tell("session.created", {"id": "sess_1"})
    faults.set(" late_deltas , slow_ms=5")

    assert simulator.asked == [(Faults(late_deltas=True, slow_ms=5), "sess_1")]
    assert view.faults == Faults(late_deltas=True, slow_ms=5).text()


def test_faults_wait_for_the_session_and_follow_it_to_the_next():
    simulator = Simulator()
    _, client, faults = begun(simulator)
    faults.set("late_deltas")
    assert simulator.asked == []

    client.tell("session.created", {"id": "sess_1"})
    client.tell("close", None)
    client.tell("session.created", {"id": "sess_2"})
    assert [each[1] for each in simulator.asked] == ["sess_1", "sess_2"]


def test_a_fault_happens_at_once_in_this_session_alone():
    simulator = Simulator()
    _, client, faults = begun(simulator)
    client.tell("session.created", {"id": "sess_1"})
    faults.inject("drop_after=0")

    assert simulator.asked == [("drop_after=0", "sess_1")]


@pytest.mark.parametrize(
    ("simulator", "session", "ask", "words"),
    [
        (Simulator(), None, lambda faults: faults.inject("drop_after=0"), "connect first"),
        (Simulator(), None, lambda faults: faults.set("no_such"), "no_such"),
        (Simulator(), "sess_1", lambda faults: faults.inject("no_such"), "no_such"),
        (None, "sess_1", lambda faults: faults.set("late_deltas"), "built-in simulator"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(simulator, session, ask, words):
    view, client, faults = begun(simulator)
    if session is not None:
        client.tell("session.created", {"id": session})

    ask(faults)
    (notice,) = view.notices
    assert words in notice.sentence
    assert view.faults == ""

    if simulator is not None:
        faults.set("late_deltas")
        assert view.notices == []
