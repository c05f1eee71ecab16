import pytest

from console.simulator.faults import Faults
from console.simulator.service.fault_settings import MOST_GROUPS, FaultSettings, group_of

REFUSED, SLOW = Faults(refuse_status=503), Faults(slow_ms=5)
OURS = "/v1/realtime?model=m&fault_group=ours"


def test_what_stands_for_all_holds_where_nothing_else_is_said():
    settings = FaultSettings(REFUSED)

    assert settings.take() == settings.take("/v1/realtime?model=m") == REFUSED
    assert settings.take(OURS) == REFUSED


def test_faults_of_a_group_hold_for_its_connections_alone():
    settings = FaultSettings(Faults())
    settings.set(REFUSED, "ours")

    assert settings.take(OURS) == REFUSED
    assert settings.take("/v1/realtime?fault_group=theirs") == Faults()
    assert settings.faults == Faults()

    settings.set(Faults(), "ours")
    settings.set(SLOW)
    assert settings.take(OURS) == Faults()


def test_the_url_says_more_than_the_group():
    settings = FaultSettings(Faults())
    settings.set(REFUSED, "ours")

    assert settings.take(OURS + "&fault=slow_ms=5") == SLOW


def test_each_counts_its_own_connections_and_begins_anew_when_set():
    once = Faults(refuse_status=503, times=1)
    settings = FaultSettings(once)
    settings.set(once, "ours")

    assert [settings.take(OURS), settings.take(OURS), settings.take()] == [once, Faults(), once]
    settings.set(once, "ours")
    assert [settings.take(OURS), settings.take()] == [once, Faults()]


def test_faults_of_a_url_that_make_no_sense_are_named():
    with pytest.raises(ValueError, match="no_such"):
        FaultSettings(Faults()).take("/v1/realtime?fault=no_such")


def test_the_group_that_was_set_longest_ago_is_forgotten_first():
    settings = FaultSettings(Faults())
    settings.set(SLOW, "ours")
    for number in range(MOST_GROUPS - 1):
        settings.set(SLOW, str(number))
    settings.set(REFUSED, "ours")
    settings.set(SLOW, "one more")

    assert settings.take(OURS) == REFUSED
    assert settings.take("/v1/realtime?fault_group=0") == Faults()


@pytest.mark.parametrize(
    ("path", "group"),
    [("", None), ("/v1/realtime", None), (OURS, "ours"), ("/x?fault_group=", None)],
)
def test_a_group_is_read_from_the_query(path, group):
    assert group_of(path) == group
