import pytest

from console.app.simulator_faults import SimulatorFaults
from console.app.view_model import Target, ViewModel
from console.simulator.faults import Faults


class Simulator:
    """Notes what it is asked for."""

    def __init__(self, n_sessions=1):
        self.asked = []
        self.n_sessions = n_sessions

    def set_faults(self, faults, *, group):
        self.asked.append((faults, group))

    def inject(self, text, *, group):
        Faults.parse(text)
        self.asked.append((text, group))
        return self.n_sessions


def begun(simulator):
    view = ViewModel(target=Target("simulator", "m", "v", "", True))
    return view, SimulatorFaults(view, lambda: simulator)


def test_faults_are_set_for_the_connections_of_this_session():
    simulator = Simulator()
    view, faults = begun(simulator)
    faults.set(" late_deltas , slow_ms=5")

    assert simulator.asked == [(Faults(late_deltas=True, slow_ms=5), faults.group)]
    assert view.faults == Faults(late_deltas=True, slow_ms=5).text()


def test_no_two_sessions_share_their_faults():
    assert begun(Simulator())[1].group != begun(Simulator())[1].group


def test_a_fault_happens_at_once_in_this_session_alone():
    simulator = Simulator()
    _, faults = begun(simulator)
    faults.inject("drop_after=0")

    assert simulator.asked == [("drop_after=0", faults.group)]


@pytest.mark.parametrize(
    ("simulator", "ask", "words"),
    [
        (Simulator(n_sessions=0), lambda faults: faults.inject("drop_after=0"), "connect first"),
        (Simulator(), lambda faults: faults.set("no_such"), "no_such"),
        (Simulator(), lambda faults: faults.inject("no_such"), "no_such"),
        (None, lambda faults: faults.set("late_deltas"), "built-in simulator"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(simulator, ask, words):
    view, faults = begun(simulator)

    ask(faults)
    (notice,) = view.notices
    assert words in notice.sentence
    assert view.faults == ""

    if simulator is not None:
        faults.set("late_deltas")
        assert view.notices == []
