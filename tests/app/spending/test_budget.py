import pytest
import pytest_asyncio

from console.app.spending.budget import FILE_NAME, TELL_S, Account, Budget
from console.app.spending.caps import OWNER, Cap, Payer
from console.app.spending.ledger import Spent
from console.errors import ConfigurationError
from console.realtime.prices import Cost
from console.serving.shared_store import SharedStore
from console.settings import Settings
from tests.fakes import ManualClock

ADA, BOB = Payer("ada", is_guest=True), Payer("bob", is_guest=True)
SESSION, GUEST, DAY, TOTAL = (
    Cap(scope, "dollars", 5.0) for scope in ("session", "guest", "day", "total")
)


@pytest.fixture
def clock():
    return ManualClock()


@pytest_asyncio.fixture
async def open_budget(tmp_path, clock):
    opened = []

    def open_again():
        opened.append(Budget.open(Settings(_env_file=None), tmp_path, clock))
        return opened[-1]

    yield open_again
    for each in opened:
        await each.close()


def dollars(budget, account, caps=(SESSION, GUEST, DAY, TOTAL)):
    return [budget.spent(cap, account).dollars for cap in caps]


def test_each_limit_counts_its_own(open_budget, clock):
    budget = open_budget()
    first, second, other = Account(ADA), Account(ADA), Account(BOB)
    budget.add_cost(first, Cost(1))
    budget.add_cost(second, Cost(2))
    budget.add_cost(other, Cost(4))

    assert dollars(budget, first) == [1, 3, 7, 7]

    clock.sleep_machine(86_400)
    assert dollars(budget, first) == [1, 0, 0, 7]


def test_time_is_counted_beside_money(open_budget):
    budget, account = open_budget(), Account(OWNER)

    budget.add_time(account, 90)

    assert budget.spent(Cap("total", "minutes", 5), account) == Spent(seconds=90)


def test_what_is_held_is_committed_for_others_and_not_yet_spent(open_budget):
    budget = open_budget()
    one, other = Account(ADA), Account(ADA)

    budget.hold(one, Cost(3))

    assert budget.committed(GUEST, other).dollars == 3
    assert budget.committed(GUEST, one).dollars == 0
    assert dollars(budget, one) == dollars(budget, other) == [0, 0, 0, 0]


def test_an_answer_costs_what_it_costs_once_it_is_known(open_budget):
    budget, account = open_budget(), Account(ADA)
    hold = budget.hold(account, Cost(3))
    budget.raise_hold(hold, Cost(4))
    budget.raise_hold(hold, Cost(2))
    assert budget.committed(GUEST, Account(ADA)).dollars == 4

    budget.settle(hold, Cost(0.5))
    budget.settle(hold, Cost(0.5))

    assert dollars(budget, account) == [0.5] * 4
    assert budget.spent(TOTAL, account).estimated == 0
    assert budget.committed(GUEST, Account(ADA)).dollars == 0.5


def test_an_answer_that_ends_after_midnight_counts_for_the_day_on_which_it_began(
    open_budget, clock
):
    budget, account = open_budget(), Account(ADA)
    hold = budget.hold(account, Cost(3))
    clock.sleep_machine(86_400)

    budget.settle(hold, Cost(1))

    assert dollars(budget, account) == [1, 0, 0, 1]


async def test_a_process_that_ends_in_mid_answer_has_counted_what_was_held(open_budget):
    budget = open_budget()
    budget.hold(Account(ADA), Cost(3))
    await budget.close()

    assert open_budget().spent(GUEST, Account(ADA)) == Spent(dollars=3, estimated=3)


async def test_without_a_directory_it_counts_in_memory(clock, tmp_path):
    budget, account = Budget.open(Settings(_env_file=None), None, clock), Account(OWNER)

    budget.add_cost(account, Cost(1))

    assert dollars(budget, account) == [1] * 4
    assert not (tmp_path / FILE_NAME).exists()
    await budget.close()


async def test_what_other_consoles_have_counted_counts_here(redis_server, tmp_path, clock):
    settings = Settings(_env_file=None)
    here, there = [
        Budget.open(settings, None, clock, SharedStore(redis_server.url, clock)) for _ in range(2)
    ]
    account = Account(ADA)
    here.add_cost(account, Cost(1))
    there.add_cost(Account(ADA), Cost(2))
    there.add_cost(Account(BOB), Cost(4))
    there.hold(Account(BOB), Cost(8))
    await there.refresh()
    await here.refresh()

    assert dollars(here, account) == [1, 3, 15, 15]
    assert here.remark == ""

    await there.close()
    redis_server.stop()
    here.add_cost(account, Cost(1))
    await here.refresh()
    assert dollars(here, account) == [2, 4, 16, 16]
    assert "cannot be used" in here.remark
    await here.close()


async def test_the_others_are_told_the_last_of_it_at_the_end(redis_server, clock):
    settings = Settings(_env_file=None)
    here, there = [
        Budget.open(settings, None, clock, SharedStore(redis_server.url, clock)) for _ in range(2)
    ]
    there.start()
    there.add_cost(Account(BOB), Cost(4))

    await there.close()
    await here.refresh()

    assert dollars(here, Account(ADA)) == [0, 0, 4, 4]
    await here.close()


def test_a_file_of_prices_that_is_none_is_refused(clock):
    with pytest.raises(ConfigurationError, match="--prices"):
        Budget.open(Settings(_env_file=None, prices="nowhere.yaml"), None, clock)


async def test_what_was_used_is_told_to_all_now_and_then_and_not_for_each_amount(
    open_budget, clock
):
    budget, told = open_budget(), []
    budget.changed.connect(lambda _: told.append(clock.now_s()))
    budget.start()
    began_s = clock.now_s()
    await clock.advance(10 * TELL_S)
    assert told == []

    for _ in range(3):
        budget.add_time(Account(OWNER), 0.1)
    await clock.advance(10 * TELL_S)

    assert told == [began_s + 11 * TELL_S]
