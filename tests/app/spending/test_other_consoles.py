import asyncio
import logging

import pytest
import pytest_asyncio

from console.app.spending.ledger import Ledger, Spent
from console.app.spending.other_consoles import GAP_S, KEPT_S, LOOK_S, TOTAL_KEY, OtherConsoles
from console.serving import shared_store
from console.serving.shared_store import PAUSE_S, SharedStore
from tests.fakes import PATIENCE_S, ManualClock, settle

DAY_S = 86_400.0


class Console:
    """A console's counter, and what it knows of the others'."""

    def __init__(self, url, path, clock):
        self.ledger = Ledger(path, wall_s=clock.wall_s)
        self.others = OtherConsoles(self.ledger, SharedStore(url, clock), clock)

    def spent(self, day=None, person=None):
        return self.others.spent(day=day, person=person)

    @property
    def today(self):
        return self.ledger.today()

    async def end(self):
        await self.others.close()
        self.ledger.close()


async def until(is_so):
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110  # another process tells nobody
            await asyncio.sleep(0.002)


@pytest.fixture
def clock():
    return ManualClock()


@pytest_asyncio.fixture
async def console(redis_server, tmp_path, clock):
    opened = []

    def open_console(name):
        opened.append(Console(redis_server.url, tmp_path / f"{name}.sqlite3", clock))
        return opened[-1]

    yield open_console
    for each in opened:
        await each.end()


async def test_each_knows_what_the_others_have_counted_and_not_its_own(console):
    here, there, third = console("here"), console("there"), console("third")
    here.ledger.add("ada", Spent(60, 1, 0.5))
    there.ledger.add("ada", Spent(dollars=2))
    third.ledger.add("owner", Spent(dollars=4))
    for each in (here, there, third):
        assert await each.others.exchange()
    assert await here.others.exchange()

    assert here.spent(here.today) == here.spent() == Spent(dollars=6)
    assert here.spent(here.today, "ada") == Spent(dollars=2)
    assert here.spent(here.today, "bob") == Spent()
    assert third.spent(third.today, "ada") == Spent(60, 3, 0.5)
    assert here.spent("2001-01-01") == Spent()
    assert here.others.remark == ""


async def test_what_is_told_twice_counts_once(console):
    here, there = console("here"), console("there")
    here.ledger.add("ada", Spent(dollars=1))

    for _ in range(3):
        await here.others.exchange()
    await there.others.exchange()

    assert there.spent() == Spent(dollars=1)


async def test_a_console_that_starts_again_goes_on_under_its_name(console):
    here, there = console("here"), console("there")
    here.ledger.add("ada", Spent(dollars=1))
    await here.end()

    again = console("here")
    again.ledger.add("ada", Spent(dollars=2))
    await again.others.exchange()
    await there.others.exchange()

    assert there.spent() == Spent(dollars=3)
    assert again.spent() == Spent()


async def test_two_consoles_with_one_file_are_one_counter(console):
    one, same = console("here"), console("here")
    one.ledger.add("ada", Spent(dollars=1))
    same.ledger.add("ada", Spent(dollars=2))

    await one.others.exchange()
    await same.others.exchange()

    assert one.spent() == same.spent() == Spent()
    assert one.ledger.spent() == Spent(dollars=3)


async def test_what_was_counted_without_redis_is_told_when_it_is_back(console, redis_server, clock):
    here, there = console("here"), console("there")
    here.ledger.add("ada", Spent(dollars=1))
    await here.others.exchange()
    await there.others.exchange()
    redis_server.stop()

    here.ledger.add("ada", Spent(dollars=2))
    assert not await here.others.exchange()
    assert not await there.others.exchange()
    assert there.spent() == Spent(dollars=1), "what was known last still counts"
    assert "this console counts for itself" in there.others.remark

    redis_server.start()
    await clock.advance(PAUSE_S)
    assert await here.others.exchange()
    assert await there.others.exchange()
    assert there.spent() == Spent(dollars=3)


async def test_a_new_day_begins_at_nothing_and_all_days_go_on(console, clock):
    here, there = console("here"), console("there")
    here.ledger.add("ada", Spent(dollars=1))
    await here.others.exchange()
    await there.others.exchange()

    clock.sleep_machine(DAY_S)

    assert there.spent(there.today) == Spent()
    await there.others.exchange()
    assert there.spent(there.today) == Spent()
    assert there.spent() == Spent(dollars=1)


async def test_a_day_is_forgotten_there_after_a_week(console, redis_server):
    here = console("here")
    here.ledger.add("ada", Spent(dollars=1))
    await here.others.exchange()

    with redis_server.client() as client:
        assert KEPT_S - 60 < client.ttl(f"{TOTAL_KEY}:{here.today}") <= KEPT_S
        assert client.ttl(TOTAL_KEY) == -1


async def test_changes_are_told_by_themselves_and_those_that_come_together_at_once(
    console, redis_server, clock
):
    here, there = console("here"), console("there")
    here.others.start()
    with redis_server.client() as client:
        await until(lambda: client.exists(TOTAL_KEY))

        here.ledger.add("ada", Spent(dollars=1))
        here.others.note_change()
        here.ledger.add("ada", Spent(dollars=1))
        here.others.note_change()
        await clock.advance(GAP_S)
        await until(lambda: client.exists(f"{TOTAL_KEY}:{here.today}"))

    await there.others.exchange()
    assert there.spent() == Spent(dollars=2)


async def test_while_redis_is_away_it_is_tried_again_and_again(console, redis_server, clock):
    here = console("here")
    redis_server.stop()
    here.ledger.add("ada", Spent(dollars=1))
    here.others.start()
    await until(lambda: here.others.remark)

    redis_server.start()
    await settle()
    await clock.advance(PAUSE_S)
    await until(lambda: not here.others.remark)


async def test_a_console_where_nobody_talks_hears_what_others_spend_and_that_redis_is_gone(
    console, redis_server, clock
):
    here, there = console("here"), console("there")
    told = []
    here.others.changed.connect(lambda _: told.append((here.spent().dollars, here.others.remark)))
    here.others.start()
    await until(lambda: len(told) == 1)
    await clock.advance(GAP_S)

    there.ledger.add("ada", Spent(dollars=2))
    await there.others.exchange()
    await clock.advance(LOOK_S)
    await until(lambda: len(told) == 2)
    await clock.advance(GAP_S)
    redis_server.stop()
    await clock.advance(LOOK_S)
    await until(lambda: len(told) == 3)

    assert told[0] == (0, "")
    assert told[1] == (2, "")
    assert told[2][0] == 2
    assert "cannot be used" in told[2][1]


async def test_a_redis_that_hangs_does_not_keep_a_console_from_ending(
    console, redis_server, monkeypatch
):
    monkeypatch.setattr(shared_store, "TIMEOUT_S", 0.05)
    here = console("here")
    here.others.start()
    with redis_server.client() as client:
        await until(lambda: client.exists(TOTAL_KEY))
    redis_server.freeze()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await here.others.close()
    finally:
        redis_server.thaw()

    assert "cannot be used" in here.others.remark


@pytest.mark.parametrize(
    "told", ["", "x", "[1, 2]", '["a", 0, 0]', "[-5, -5, -5]", "[1e999, 0, 0]", "{}"]
)
async def test_what_no_console_has_written_there_counts_nothing_and_is_logged_once(
    console, redis_server, told, caplog
):
    caplog.set_level(logging.WARNING)
    here = console("here")
    with redis_server.client() as client:
        client.hset(f"{TOTAL_KEY}:{here.today}", "someone ada", told)
        client.hset(TOTAL_KEY, "someone", told)

    assert await here.others.exchange()

    assert here.spent() == here.spent(here.today) == here.spent(here.today, "ada") == Spent()
    assert len(caplog.records) == 1
    assert "no console has written" in caplog.text


async def test_a_rounding_error_below_nothing_is_nothing(console, caplog):
    here, there = console("here"), console("there")
    here.ledger.add("ada", Spent(dollars=-1e-17))
    await here.others.exchange()

    await there.others.exchange()

    assert there.spent() == Spent()
    assert there.others.remark == ""
    assert caplog.records == []
