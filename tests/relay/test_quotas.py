import asyncio
import contextlib
import logging
from types import SimpleNamespace

import pytest

from console import tasks
from console.realtime.prices import PriceTable
from console.realtime.refusal import Refusal
from console.relay.counters import Counters, Memory
from console.relay.policy import LimitsOfAll, TokenLimits
from console.relay.ports import Visitor
from console.relay.quotas import AWAY, AWAY_TICK_S, COUNTERS_AWAY, TICK_S, Quotas
from console.relay.seats import SETTLE_S
from console.serving.shared_store import SharedStore
from console.serving.windows import OwnWindows, windows_in
from tests.fakes import ManualClock, settle
from tests.relay.long_known import let_settle
from tests.relay.told import Told

PRICES = PriceTable.read()
MODEL = {"type": "session.created", "session": {"model": "gpt-realtime-2.1"}}
BEGUN = {"type": "response.created", "response": {"id": "r1"}}
HELD = (2000 * 32 + 4096 * 64) / 1e6


def done(n_tokens):
    usage = {"output_tokens": n_tokens, "output_token_details": {"audio_tokens": n_tokens}}
    return {"type": "response.done", "response": {"id": "r1", "usage": usage}}


DOLLAR = done(15_625)  # at 64 dollars a million


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def counters(clock):
    return Counters(None, wall_s=clock.wall_s)


@pytest.fixture
def quotas(clock, told, counters):
    return new_quotas(clock, told, counters)


def new_quotas(clock, told, counters, windows=None, **of_all):
    limits = LimitsOfAll(**({"sessions": None, "day_dollars": None} | of_all))
    return Quotas(
        counters,
        windows or OwnWindows(),
        limits_of_all=lambda: limits,
        prices=PRICES,
        price_model="",
        is_sure=True,
        observer=told,
        clock=clock,
    )


def visitor(token="shop", **limits):
    return Visitor(token, "192.0.2.7", is_open=False, limits=TokenLimits(**limits))


async def begin(quotas, token="shop", **limits):
    lease = await quotas.begin(visitor(token, **limits), "s1")
    await lease.charge(MODEL)
    return lease


async def spend(lease, event=DOLLAR):
    await lease.charge(BEGUN)
    await lease.charge(event)


async def over_after(clock, lease, seconds):
    over = tasks.spawn(lease.over(), name="over")
    await clock.advance(seconds)
    is_over = over.done()
    await tasks.cancel(over)
    return over.result() if is_over else None


async def test_a_session_ends_when_its_minutes_are_over_and_not_before(quotas, clock):
    lease = await begin(quotas, session_minutes=2)

    assert await over_after(clock, lease, 119) is None
    ended = await over_after(clock, lease, 1)
    assert "one session is reached: 2 minutes" in ended.message


async def test_minutes_of_all_sessions_of_a_token_add_up(quotas, clock):
    first = await begin(quotas, day_minutes=2)
    assert await over_after(clock, first, 90) is None
    await first.end()
    second = await begin(quotas, day_minutes=2)

    ended = await over_after(clock, second, 40)

    assert ended.code == "insufficient_quota"
    await second.end()
    with pytest.raises(Refusal, match="this token in a day is reached: 2 minutes"):
        await begin(quotas, day_minutes=2)
    await begin(quotas, token="other", day_minutes=2)


async def test_a_limit_of_all_together_ends_everybody(clock, told, counters):
    quotas = new_quotas(clock, told, counters, total_minutes=1)
    lease = await begin(quotas)
    await over_after(clock, lease, 70)
    await lease.end()

    with pytest.raises(Refusal, match="everybody on this relay together in all"):
        await begin(quotas, token="other")


async def test_a_session_that_has_spent_what_it_may_ends_at_once(quotas, clock):
    lease = await begin(quotas, session_dollars=1.5)
    over = tasks.spawn(lease.over(), name="over")
    await spend(lease)
    await settle()
    was_over = over.done()

    await spend(lease)
    await settle()

    assert not was_over
    assert over.result().code == "relay_session_limit"


async def test_what_is_spent_is_told_before_anybody_else_hears_of_it(quotas, told):
    lease = await begin(quotas)
    await spend(lease)

    ((session_id, spending),) = told.of("session_spent")
    assert session_id == "s1"
    assert spending.cost.dollars == pytest.approx(1.0)


async def test_what_is_set_aside_for_an_answer_lets_nobody_else_begin_one(quotas):
    first = await begin(quotas, day_dollars=HELD)
    second = await begin(quotas, day_dollars=HELD)
    await first.may_answer()
    await first.charge(BEGUN)

    await first.may_answer()  # its own does not count against it
    with pytest.raises(Refusal, match="this token in a day"):
        await second.may_answer()

    await first.charge(done(10))
    await second.may_answer()


async def test_two_sessions_cannot_both_spend_what_is_left(quotas):
    leases = [await begin(quotas, day_dollars=2.0) for _ in range(2)]
    for lease in leases:
        await spend(lease)

    for lease in leases:
        with pytest.raises(Refusal):
            await lease.may_answer()
    with pytest.raises(Refusal):
        await begin(quotas, day_dollars=2.0)


async def test_an_answer_whose_end_nobody_saw_counts_as_what_was_set_aside(quotas, told, counters):
    lease = await begin(quotas, total_dollars=5.0)
    await lease.charge(BEGUN)
    await lease.end()

    assert await counters.get("dollars/total/of/shop") == pytest.approx(HELD * 1e6, abs=1)
    assert await counters.get("dollars/total/of/shop/held") == 0
    assert told.of("session_spent")[0][1].cost.is_estimate


async def test_time_that_is_not_a_whole_tick_is_counted_at_the_end(quotas, clock, counters):
    lease = await begin(quotas, total_minutes=5)
    await clock.advance(1.5)
    await lease.end()

    assert await counters.get("minutes/total/of/shop") == 1500


async def test_a_seat_is_kept_while_the_session_goes_on_and_free_afterwards(quotas, clock):
    lease = await begin(quotas, sessions=1)
    over = tasks.spawn(lease.over(), name="over")
    await clock.advance(300)

    with pytest.raises(Refusal, match="1 session at once"):
        await begin(quotas, sessions=1)
    await tasks.cancel(over)
    await lease.end()
    await begin(quotas, sessions=1)


async def test_who_tries_wrong_tokens_is_not_looked_at_for_a_while(quotas, caplog):
    with caplog.at_level(logging.WARNING):
        for _ in range(12):
            await quotas.wrong_token("192.0.2.9")

    assert (await quotas.knock("192.0.2.9")).code == "rate_limit_exceeded"
    assert await quotas.knock("192.0.2.8") is None
    assert len(caplog.records) == 1


@pytest.fixture
async def shared(redis_server, clock, told):
    let_settle(redis_server)
    store = SharedStore(redis_server.url, clock)
    quotas = new_quotas(clock, told, Counters(store, wall_s=clock.wall_s))
    yield quotas
    await quotas.close()


async def test_workers_share_quotas_through_redis(redis_server, shared, clock, told):
    other = new_quotas(
        clock, told, Counters(SharedStore(redis_server.url, clock), wall_s=clock.wall_s)
    )
    lease = await begin(shared, day_dollars=1.0)
    await spend(lease)

    with pytest.raises(Refusal, match=r"in a day is reached: \$1.00"):
        await begin(other, day_dollars=1.0)
    await other.close()


async def test_without_the_counters_nobody_new_is_let_in(redis_server, shared):
    assert await shared.is_ready()
    redis_server.stop()

    assert not await shared.is_ready()
    with pytest.raises(Refusal, match=AWAY):
        await begin(shared, day_dollars=1.0)


async def test_sessions_that_go_on_are_counted_when_the_counters_are_back(
    redis_server, shared, clock, caplog
):
    lease = await begin(shared, total_dollars=5.0, total_minutes=60, sessions=3)
    redis_server.stop()
    with caplog.at_level(logging.WARNING):
        await spend(lease)
        await lease.may_answer()
        assert await over_after(clock, lease, TICK_S) is None
    redis_server.reset()

    assert await over_after(clock, lease, 2 * TICK_S) is None
    await lease.end()

    with redis_server.client() as client:
        sums = {
            key.decode().rpartition("relay")[2]: int(client.get(key)) for key in client.scan_iter()
        }
    assert sums[":dollars/total/of/shop"] == 1_000_000
    assert sums[":minutes/total/of/shop"] == 1000 * 3 * TICK_S
    assert COUNTERS_AWAY in caplog.text


async def test_a_token_begins_so_many_sessions_in_a_minute_and_others_as_many(quotas):
    for _ in range(2):
        await (await begin(quotas, starts_per_minute=2)).end()

    with pytest.raises(Refusal, match="No more than 2 sessions may begin in a minute") as caught:
        await begin(quotas, starts_per_minute=2)
    assert (caught.value.code, caught.value.kind) == ("rate_limit_exceeded", "rate_limit_error")
    await begin(quotas, token="other", starts_per_minute=2)
    await begin(quotas, token="third", starts_per_minute=1)
    with pytest.raises(Refusal, match="No more than 1 session may"):
        await begin(quotas, token="third", starts_per_minute=1)


async def test_beginnings_count_in_all_workers_together(redis_server, clock, told):
    let_settle(redis_server)
    async with contextlib.AsyncExitStack() as stack:
        workers = []
        for _ in range(2):
            store = SharedStore(redis_server.url, clock)
            stack.push_async_callback(store.close)
            counters = Counters(store, wall_s=clock.wall_s)
            workers.append(new_quotas(clock, told, counters, windows=windows_in(store)))
        first, second = workers
        await begin(first, starts_per_minute=1)

        with pytest.raises(Refusal, match="may begin in a minute"):
            await begin(second, starts_per_minute=1)


async def test_the_end_of_a_session_waits_for_no_counters(redis_server, shared):
    lease = await begin(shared, total_dollars=5.0, sessions=3)
    await lease.charge(BEGUN)
    redis_server.stop()

    async with asyncio.timeout(5):
        await lease.end()


def test_the_policys_models_are_limits_as_the_quotas_read_them():
    own = {"starts_per_minute", "session_minutes", "session_dollars"}
    names = {*TokenLimits.model_fields} - own

    assert names == {*LimitsOfAll.model_fields}
    assert SimpleNamespace(**TokenLimits().model_dump()).sessions is None


class ForgetfulCounters(Counters):
    """Counters that forget when a test says so."""

    def __init__(self, clock):
        super().__init__(None, wall_s=clock.wall_s)
        self._clock = clock
        self._n_forgotten, self._since_s = 0, -SETTLE_S

    def forget(self):
        self._n_forgotten += 1
        self._since_s = self._clock.now_s()

    async def memory(self):
        return Memory(str(self._n_forgotten), self._clock.now_s() - self._since_s)


@pytest.fixture
async def idle(clock, told):
    """A worker that has let nobody in yet, and its counters."""
    counters = ForgetfulCounters(clock)
    quotas = new_quotas(clock, told, counters)
    watching = tasks.spawn(quotas.watch_counters(), name="watch the counters")
    await settle()
    yield quotas, counters
    await tasks.cancel(watching)


async def test_a_worker_without_sessions_lets_nobody_in_before_others_have_put_seats_back(idle):
    quotas, counters = idle
    counters.forget()

    with pytest.raises(Refusal, match=AWAY):
        await begin(quotas)


async def test_whoever_comes_first_long_after_the_counters_forgot_is_let_in(idle, clock):
    quotas, counters = idle
    counters.forget()
    await clock.advance(AWAY_TICK_S)
    await clock.advance(SETTLE_S)

    await (await begin(quotas)).end()
