import json

import pytest

from console.simulator.faults import Faults
from console.simulator.service.fault_plan import NOW, Deed, FaultPlan, garbage, huge_event


def test_a_fault_is_due_once_its_count_is_reached_and_only_once():
    plan = FaultPlan(Faults(drop_after=2), 0)

    assert [plan.take_due(n_sent) for n_sent in (0, 1, 2, 2, 3)] == [
        None,
        None,
        Deed.DROP,
        None,
        None,
    ]


def test_counts_begin_when_the_faults_are_switched_on():
    plan = FaultPlan(Faults(close_after=1), 100)

    assert plan.take_due(100) is None
    assert plan.take_due(101) is Deed.CLOSE


def test_what_leaves_the_line_alive_comes_before_what_ends_it():
    plan = FaultPlan(Faults(stall_after=0, drop_after=0, huge_after=0, garbage_after=0), 0)

    assert [plan.take_due(0) for _ in range(5)] == [
        Deed.GARBAGE,
        Deed.HUGE,
        Deed.DROP,
        Deed.STALL,
        None,
    ]


@pytest.mark.parametrize("deed", Deed)
def test_everything_can_be_done_now_by_its_short_name(deed):
    assert FaultPlan(Faults.parse(NOW[deed]), 5).take_due(5) is deed


def test_garbage_is_of_every_kind_and_never_an_event():
    frames = list(garbage(10))

    assert len(frames) == 10
    assert {type(frame) for frame in frames} == {str, bytes}
    assert not any(is_event(frame) for frame in frames)


def is_event(frame):
    try:
        value = json.loads(frame)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "type" in value


def test_the_huge_event_is_an_event_larger_than_clients_take():
    event = huge_event()

    assert len(event) > 16 * 1024 * 1024
    assert json.loads(event)["type"] == "simulator.huge"
