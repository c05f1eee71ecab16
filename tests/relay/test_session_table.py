import pytest

from console.realtime.prices import Cost
from console.relay.observer import Spending
from console.relay.session_table import MAX_ENDED, SessionTable
from tests.fakes import ManualClock
from tests.relay.facts import FACTS, facts, passed


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def table(clock):
    return SessionTable(clock)


async def test_a_row_says_who_it_is_and_what_has_happened(table, clock):
    table.session_opened(FACTS)
    table.event_passed(passed("up", {"type": "a"}, 10))
    table.event_passed(passed("down", {"type": "b"}, 100))
    table.event_passed(passed("down", {"type": "b"}, 100))
    table.event_refused(FACTS.id, {}, "no")
    table.audio_dropped(FACTS.id, "up", 3, 300)
    table.session_spent(FACTS.id, Spending(Cost(0.25, is_estimate=True)))
    table.session_spent(FACTS.id, Spending(Cost(0.25)))
    await clock.advance(62)

    (row,) = table.rows()
    assert (row.token, row.address, row.agent, row.upstream) == (
        "shop", "192.0.2.7", "app/1.0", "service.example",
    )  # fmt: skip
    assert (row.up_events, row.up_bytes, row.down_events, row.down_bytes) == (1, 10, 2, 200)
    assert (row.refused, row.dropped, row.dollars, row.is_estimate) == (1, 3, 0.5, True)
    assert (row.seconds, row.ended) == (62, "")


async def test_the_newest_comes_first_and_those_that_have_ended_last(table, clock):
    for name in "abc":
        table.session_opened(facts(name))
    table.session_closed("c", 1000, "", "client")
    table.session_closed("a", 1011, "broken", "upstream")

    rows = table.rows()

    assert [row.id for row in rows] == ["b", "a", "c"]
    assert [row.ended for row in rows] == [
        "",
        "by the upstream, 1011 broken",
        "by the client, 1000",
    ]


async def test_the_time_of_a_session_stands_still_when_it_has_ended(table, clock):
    table.session_opened(FACTS)
    await clock.advance(5)
    table.session_closed(FACTS.id, 1000, "", "client")
    await clock.advance(500)

    assert table.rows()[0].seconds == 5


def test_only_the_newest_ends_are_remembered(table):
    for n in range(MAX_ENDED + 5):
        table.session_opened(facts(f"s{n}"))
        table.session_closed(f"s{n}", 1000, "", "client")

    assert [row.id for row in table.rows()] == [f"s{n}" for n in range(MAX_ENDED + 4, 4, -1)]


def test_what_is_told_of_unknown_sessions_is_ignored(table):
    table.event_passed(passed("up", {}, 1, session_id="x"))
    table.event_refused("x", {}, "no")
    table.audio_dropped("x", "up", 1, 1)
    table.session_spent("x", Spending(Cost(1)))
    table.session_closed("x", 1000, "", "client")

    assert table.rows() == []
