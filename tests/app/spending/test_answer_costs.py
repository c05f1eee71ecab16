import pybase64
import pytest
import pytest_asyncio

from console.app.spending.answer_costs import MAX_UNDER_WAY, AnswerCosts
from console.app.spending.budget import Account, Budget
from console.app.spending.caps import OWNER, Cap
from console.app.spending.ledger import Spent
from console.client.targets import Target
from console.realtime.events import Event
from console.settings import Settings
from tests.app.spending.fake_client import spoken
from tests.fakes import ManualClock

OPENAI = Target(url="wss://api.openai.com/v1/realtime", model="gpt-realtime")
ELSEWHERE = Target(url="wss://example.org/v1/realtime", model="gpt-realtime")
TOTAL = Cap("total", "dollars", 1.0)
SECOND = 20 * 64 / 1e6
"""Dollars for a second of the model's speech."""
TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


class Counted:
    """The costs of one session and the budget that they are counted in."""

    def __init__(self, budget, target):
        self.budget = budget
        self.account = Account(OWNER)
        self.costs = AnswerCosts(budget, self.account, target)

    @property
    def dollars(self):
        return self.budget.spent(TOTAL, self.account).dollars

    @property
    def held(self):
        return self.account.held.dollars

    def sound(self, response_id, seconds):
        delta = pybase64.b64encode(bytes(round(seconds * 48_000))).decode()
        fields = {"response_id": response_id, "delta": delta}
        return self.costs.comes(Event("response.output_audio.delta", "e", fields))

    def words(self, response_id, delta):
        fields = {"response_id": response_id, "delta": delta}
        return self.costs.comes(Event("response.output_text.delta", "e", fields))

    def transcript(self, **fields):
        return self.costs.transcript(Event(TRANSCRIBED, "e", fields))


@pytest_asyncio.fixture
async def counted(tmp_path):
    budgets = []

    def of(target=OPENAI):
        budgets.append(Budget.open(Settings(_env_file=None), tmp_path, ManualClock()))
        return Counted(budgets[-1], target)

    yield of
    for each in budgets:
        await each.close()


def test_what_an_answer_may_cost_is_held_until_it_says_what_it_did(counted):
    counted = counted()

    counted.costs.begins("r1")
    assert counted.costs.under_way == ("r1",)
    assert counted.held > 100 * SECOND
    cost = counted.costs.settle("r1", {"usage": spoken(100)})

    assert counted.costs.under_way == ()
    assert cost.dollars == counted.dollars == pytest.approx(100 * SECOND)
    assert counted.held == 0
    assert not cost.is_estimate


def test_what_comes_of_an_answer_is_seen_before_its_end(counted):
    counted = counted()
    counted.costs.begins("r1")
    read = counted.costs.seen.dollars

    counted.sound("r1", 10)
    assert counted.costs.seen.dollars == pytest.approx(read + 10 * SECOND)

    counted.words("r1", "x" * 3000)  # a thousand tokens of text at $16 for a million
    assert counted.costs.seen.dollars == pytest.approx(read + 10 * SECOND + 0.016)


def test_each_further_second_of_sound_is_told_and_nothing_less(counted):
    counted = counted()
    counted.costs.begins("r1")

    assert [counted.sound("r1", 0.6) for _ in range(4)] == [False, True, False, True]
    assert not counted.words("r1", "many words " * 1000)
    assert not counted.sound("another", 10)


def test_what_is_held_grows_with_an_answer_that_is_longer_than_was_thought(counted):
    counted = counted()
    counted.costs.begins("r1")
    before = counted.held

    counted.sound("r1", 1000)

    assert counted.held > before
    assert counted.held == pytest.approx(counted.costs.seen.dollars)


@pytest.mark.parametrize("response_id", ["r1", ""])
def test_an_answer_that_is_said_to_begin_twice_is_held_once(counted, response_id):
    counted = counted()
    counted.costs.begins(response_id)
    before = counted.held

    counted.costs.begins(response_id)
    assert counted.held == before

    counted.costs.settle(response_id, {"usage": spoken(1)})
    assert counted.held == 0
    assert counted.dollars == pytest.approx(SECOND)


def test_of_answers_that_never_end_the_oldest_count_as_they_were_seen(counted):
    counted = counted()
    for n in range(MAX_UNDER_WAY + 2):
        counted.costs.begins(f"r{n}")

    assert len(counted.costs.under_way) == MAX_UNDER_WAY
    assert counted.costs.under_way[0] == "r2"
    assert counted.dollars > 0
    for each in counted.costs.under_way:
        counted.costs.settle(each, None)
    assert counted.held == pytest.approx(0)


def test_the_next_answer_is_thought_to_read_what_the_last_one_has_read_and_written(counted):
    counted = counted()
    counted.costs.begins("r1")
    first = counted.costs.seen.dollars
    counted.costs.settle("r1", {"usage": spoken(100)})  # 2000 tokens, as many as are thought first

    counted.costs.begins("r2")

    assert counted.costs.seen.dollars == pytest.approx(2 * first)


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"input_tokens": "1000", "output_tokens": True}, {"output_tokens": 1e308},
     {"total_tokens": 10**400}],
)  # fmt: skip
def test_an_answer_that_does_not_say_what_it_cost_counts_as_what_was_seen(counted, usage):
    counted = counted()
    counted.costs.begins("r1")
    counted.sound("r1", 10)
    seen = counted.costs.seen.dollars

    cost = counted.costs.settle("r1", {"usage": usage})

    assert cost.is_estimate
    assert cost.dollars == counted.dollars == seen > 10 * SECOND


def test_an_answer_whose_end_is_never_told_counts_as_what_was_seen(counted):
    counted = counted()
    counted.costs.begins("r1")
    counted.sound("r1", 10)

    assert counted.costs.settle("r1", None).dollars > 10 * SECOND
    assert counted.held == 0


def test_an_answer_that_nobody_saw_begin_counts_too(counted):
    counted = counted()

    counted.costs.settle("r1", {"usage": spoken(10)})
    assert counted.dollars == pytest.approx(10 * SECOND)

    assert counted.costs.settle("r2", {"usage": None}).is_estimate
    assert counted.dollars > 10 * SECOND


def test_transcripts_cost_by_their_own_model(counted):
    counted = counted()
    counted.costs.session_told({"audio": {"input": {"transcription": {"model": "whisper-1"}}}})

    counted.transcript(usage={"type": "duration", "seconds": 60})
    assert counted.dollars == pytest.approx(0.006)

    assert counted.transcript().is_estimate
    assert counted.dollars == pytest.approx(0.012)


def test_prices_of_another_server_are_not_known(counted):
    counted = counted(ELSEWHERE)
    counted.costs.begins("r1")

    assert counted.costs.settle("r1", {"usage": spoken(1)}).is_estimate


def test_the_simulator_costs_what_its_prices_say_whatever_it_calls_its_models(counted):
    counted = counted(target=None)
    counted.costs.session_told({"audio": {"input": {"transcription": {"model": "whisper-1"}}}})
    counted.costs.begins("r1")
    counted.sound("r1", 10)

    counted.costs.settle("r1", {"usage": spoken(10)})
    counted.transcript(usage={"type": "duration", "seconds": 60})

    assert counted.costs.seen == Spent()
    assert (counted.dollars, counted.held) == (0, 0)
