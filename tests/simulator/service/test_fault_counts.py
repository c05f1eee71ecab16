from console.simulator.faults import Faults
from console.simulator.service import fault_counts
from console.simulator.service.fault_counts import FaultCounts

ONCE = Faults(refuse_status=503, times=1)
TWICE = Faults(refuse_status=503, times=2)
NONE = Faults()


def test_faults_happen_as_often_as_they_say_each_on_its_own():
    counts = FaultCounts()

    assert [counts.take(each) for each in (ONCE, TWICE, ONCE, TWICE, TWICE)] == [
        ONCE, TWICE, NONE, TWICE, NONE,
    ]  # fmt: skip


def test_faults_without_a_number_happen_each_time():
    counts, always = FaultCounts(), Faults(refuse_status=503)

    assert [counts.take(always) for _ in range(3)] == [always] * 3


def test_what_was_asked_for_longest_ago_is_forgotten(monkeypatch):
    monkeypatch.setattr(fault_counts, "MOST_KNOWN", 2)
    counts = FaultCounts()
    for n in range(2, 5):
        counts.take(Faults(refuse_status=503, times=1, slow_ms=n))

    assert counts.take(Faults(refuse_status=503, times=1, slow_ms=4)) == NONE
    assert counts.take(Faults(refuse_status=503, times=1, slow_ms=2)) != NONE
