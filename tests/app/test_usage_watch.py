from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from console.app.event_log import EventLog
from console.app.spending.budget import Budget
from console.app.spending.caps import OWNER
from console.app.spending.meter import SessionMeter
from console.app.spending.own_budget import BudgetRefusedError
from console.app.usage_watch import TELL_AFTER_S, UsageWatch
from console.app.view_model import Phase, Target, ViewModel
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.settings import Settings
from tests.app.spending.fake_client import FakeClient, spoken
from tests.fakes import ManualClock, settle


class Watched:
    """A session with its log, as far as its use goes."""

    def __init__(self, **limits):
        self.clock = ManualClock()
        settings = Settings(_env_file=None, **limits)
        self.budget = Budget.open(settings, None, self.clock)
        self.view = ViewModel(target=Target("OpenAI", "gpt-realtime", "marin", "", False))
        self.ended: list[str] = []
        self.log = EventLog()
        client: Any = FakeClient()
        client.conversation = Conversation()
        self.client = client
        self.meter = SessionMeter(self.budget, OWNER, self.view, self.clock, hang_up=self._hang_up)
        self.watch = UsageWatch(self.log, self.meter, self.view, self.clock)

    async def _hang_up(self, sentence):
        self.ended.append(sentence)
        self.client.line("closed")

    async def begin(self):
        assert await self.meter.begin() == ""
        self.meter.follow(self.client)
        self.watch.follow(self.client)
        self.client.on("realtime.event", self._logged)
        self.view.set_connection(Phase.CONNECTED)
        self.client.line("open")

    def _logged(self, told):
        self.log.add(self.clock.now_s(), told.source, told.event, 10)
        self.client.conversation.receive(told.event)

    async def told(self):
        await settle()
        await self.clock.advance(TELL_AFTER_S)

    async def close(self):
        await self.watch.close()
        await self.meter.close()
        await self.budget.close()


@pytest_asyncio.fixture
async def open_watched():
    opened = []

    async def open_one(**limits):
        opened.append(Watched(**limits))
        await opened[-1].begin()
        return opened[-1]

    yield open_one
    for each in opened:
        await each.close()


async def test_a_turn_knows_what_it_has_cost(open_watched):
    watched = await open_watched()
    watched.client.answer("r1")
    watched.client.done("r1", spoken(100))

    (turn,) = watched.log.turns.turns
    assert turn.cost.dollars == pytest.approx(0.128)
    assert watched.watch.report()["turns"][0]["cost"]["words"] == "$0.13"


async def test_the_page_is_told_of_what_comes_together_as_one(open_watched):
    watched = await open_watched()
    parts: list[str] = []
    watched.view.on_change = parts.append
    watched.client.answer("r1")
    watched.client.done("r1", spoken(1))
    assert "usage" not in parts

    await watched.told()

    assert parts.count("usage") == 1
    assert watched.view.usage.tokens == 20


async def test_what_changes_nothing_is_not_told_again(open_watched):
    watched = await open_watched()
    watched.client.answer("r1")
    await watched.told()
    version = watched.view.usage.version

    watched.watch.touch()
    await watched.told()
    watched.client.server("response.output_audio.delta", response_id="other", delta="AAAA")
    await watched.told()

    assert watched.view.usage.version == version


async def test_rate_limits_count_down_on_our_own_clock(open_watched):
    watched = await open_watched()
    limit = {"name": "tokens", "limit": 40_000, "remaining": 100, "reset_seconds": 60.0}
    watched.client.server("rate_limits.updated", rate_limits=[limit, {"name": 7}])
    await watched.clock.advance(20)

    first, odd = watched.watch.report()["limits"]

    assert first == {"name": "tokens", "limit": 40_000, "remaining": 100, "resets_in_s": 40.0}
    assert odd == {
        "name": "(without a name)", "limit": None, "remaining": None, "resets_in_s": None
    }  # fmt: skip


async def test_the_time_left_is_what_the_service_says_less_what_has_passed(open_watched):
    watched = await open_watched()
    assert watched.watch.report()["ends_in_s"] is None
    session = {"model": "gpt-realtime", "expires_at": watched.clock.wall_s() + 3_600}
    watched.client.server("session.created", session=session)
    await watched.clock.advance(600)

    assert watched.watch.report()["ends_in_s"] == pytest.approx(3_000)
    watched.view.set_connection(Phase.DISCONNECTED)
    assert watched.watch.report()["ends_in_s"] is None, "nothing runs out that is over"


async def test_an_end_that_is_past_already_is_a_wrong_clock_and_not_known(open_watched):
    watched = await open_watched()
    watched.client.server("session.created", session={"expires_at": 5})

    assert watched.watch.report()["ends_in_s"] is None


async def test_the_context_is_what_the_last_answer_of_the_conversation_read_and_wrote(open_watched):
    watched = await open_watched()
    watched.client.server("session.created", session={"model": "gpt-realtime"})
    usage = {"input_tokens": 900, "output_tokens": 100}
    watched.client.server("response.done", response={"id": "r1", "usage": usage})
    beside = {"id": "r2", "conversation_id": None, "usage": {"input_tokens": 5}}
    watched.client.server("response.done", response=beside)

    assert watched.watch.report()["context"] == {"used": 1_000, "most": 32_768}
    watched.client.server("session.updated", session={"model": "another"})
    assert watched.watch.report()["context"]["most"] is None


async def test_another_session_begins_with_nothing_used_and_keeps_what_it_was_told(open_watched):
    watched = await open_watched()
    watched.client.server("response.done", response={"id": "r1", "usage": {"input_tokens": 900}})
    watched.client.server("session.created", session={"model": "gpt-realtime"})
    watched.client.signals.cleared.emit(None)

    report = watched.watch.report()
    assert report["context"] == {"used": 0, "most": 32_768}
    assert report["limits"] == []


async def test_a_budget_of_ones_own_warns_and_ends_the_session(open_watched):
    watched = await open_watched()
    assert "ends at $0.10" in watched.watch.set_budget("0.10", "")

    watched.client.done("r1", spoken(70))
    assert [each.sentence for each in watched.view.notices] == [
        "Close to the limit for this session: $0.0896 of $0.10. The session ends when it is reached."
    ]
    watched.client.done("r2", spoken(10))
    await settle()

    assert watched.ended[0].startswith("The limit for this session is reached: $0.10 of $0.10.")


async def test_a_budget_in_dollars_with_the_simulator_says_that_it_is_never_reached(open_watched):
    watched = await open_watched()
    watched.view.set_target(replace(watched.view.target, is_simulator=True))

    assert "never reached" in watched.watch.set_budget("0.10", "")
    assert "never reached" in watched.view.spending.remark
    assert "never reached" not in watched.watch.set_budget("", "10")
    assert watched.view.spending.remark == ""


async def test_a_budget_is_shown_and_taken_back(open_watched):
    watched = await open_watched()
    watched.watch.set_budget("", "10")
    assert watched.watch.report()["budget"] == ["0:00 of 10:00 min"]
    assert [each.most for each in watched.view.spending.caps] == ["10:00 min"]

    assert watched.watch.set_budget("", "") == "There is no budget of your own now."

    assert watched.watch.report()["budget"] == []
    assert watched.view.spending.caps == ()


async def test_a_budget_that_is_refused_leaves_the_one_that_held(open_watched):
    watched = await open_watched(limit_session_dollars=1.0)
    watched.watch.set_budget("0.50", "")

    with pytest.raises(BudgetRefusedError):
        watched.watch.set_budget("2", "")

    assert [each.most for each in watched.view.spending.caps] == ["$0.50"]


async def test_events_that_are_odd_change_nothing(open_watched):
    watched = await open_watched()
    watched.log.add(0.0, "server", Event("response.created", "e", {"response": 7}), 1)
    for event_type in ("session.created", "rate_limits.updated", "response.done"):
        watched.client.server(event_type, session=3, rate_limits="x", response=[])

    assert watched.watch.report()["limits"] == []
