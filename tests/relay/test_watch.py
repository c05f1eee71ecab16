import asyncio

import orjson
import pytest

from console import tasks
from console.realtime import observed
from console.realtime.observed import (
    GONE,
    LEFT_OUT,
    ObservedEnd,
    ObservedEvent,
    ObservedGap,
    ObservedNow,
)
from console.relay import watch as watch_module
from console.relay.watch import MAX_ENDED, MAX_WATCHERS, Watch
from console.serving import messages
from console.transport import Closed
from tests.fakes import FakeTransport, ManualClock, settle
from tests.relay.facts import FACTS, facts, passed

CREATE = {"type": "response.create", "event_id": "e1"}


class Seen(FakeTransport):
    """The line of somebody who watches; keeps what they see."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self.is_stuck = False

    async def send(self, text):
        if self.is_stuck:
            await asyncio.Event().wait()
        self.seen.append(observed.parse(text))

    @property
    def events(self):
        return [each.event for each in self.seen if isinstance(each, ObservedEvent)]


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def watch(clock):
    watch = Watch(clock, may_be_watched=lambda: True)
    watch.session_opened(FACTS)
    return watch


@pytest.fixture
async def look(watch):
    """Begins to watch, and returns what is seen."""
    watching = []

    async def begin(session_id=FACTS.id):
        line = Seen()
        watching.append(tasks.spawn(watch.serve(line, session_id), name="watch"))
        await settle()
        return line

    yield begin
    for each in watching:
        await tasks.cancel(each)


def up(watch, event, session_id=FACTS.id, at_s=1000.0):
    watch.event_passed(
        passed("up", event, len(orjson.dumps(event)), at_s, at_s, session_id=session_id)
    )


async def test_who_comes_later_sees_first_what_was_and_then_what_is(watch, look):
    up(watch, CREATE, at_s=1001.5)
    line = await look()
    watch.event_passed(passed("down", {"type": "response.created"}, 27, 1003.0, 1003.1))
    await settle()

    assert line.seen == [
        ObservedEvent(1.5, "client", CREATE, 42),
        ObservedNow(),
        ObservedEvent(3.0, "server", {"type": "response.created"}, 27),
    ]


async def test_what_was_refused_or_left_out_is_seen_with_the_reason(watch, look):
    line = await look()
    watch.event_refused(FACTS.id, CREATE, "relay_event_not_allowed")
    watch.settings_left_out(FACTS.id, "session.update", ["instructions"])
    await settle()

    _, refused, left_out = line.seen
    assert (refused.event, refused.refused) == (CREATE, "relay_event_not_allowed")
    assert left_out.event == {
        "type": LEFT_OUT,
        "event": "session.update",
        "left_out": ["instructions"],
    }


async def test_whatever_can_be_read_can_be_shown(watch, look):
    deep = messages.read('{"a":' * messages.MAX_DEPTH + "1" + "}" * messages.MAX_DEPTH)
    line = await look()
    watch.event_refused(FACTS.id, deep, "invalid_event")
    await settle()

    assert line.events == [deep]


async def test_the_end_of_a_session_is_told_and_ends_the_line(watch, look):
    line = await look()
    watch.session_closed(FACTS.id, 1008, "used up", "relay")
    await settle()

    assert line.seen[-1] == ObservedEnd(1008, "ended by the relay: used up")
    assert line.closed == Closed(1000, "the session has ended")


async def test_a_session_that_has_just_ended_can_be_looked_at(watch, look):
    up(watch, CREATE)
    watch.session_closed(FACTS.id, 1000, "", "client")

    line = await look()

    assert line.events == [CREATE]
    assert line.seen[-1] == ObservedEnd(1000, "ended by the client")
    assert line.closed is not None


async def test_sessions_that_ended_long_ago_are_forgotten(watch, look):
    watch.session_closed(FACTS.id, 1000, "", "client")
    for n in range(MAX_ENDED):
        watch.session_opened(facts(f"s{n}"))
        watch.session_closed(f"s{n}", 1000, "", "client")

    assert (await look()).closed.code == GONE
    assert (await look("s0")).closed.code == 1000


async def test_nobody_sees_another_session_than_the_one_they_chose(watch, look):
    watch.session_opened(facts("other"))
    line = await look()

    up(watch, {"type": "secret"}, "other")
    await settle()

    assert line.events == []
    assert (await look("guessed")).closed.code == GONE


async def test_who_watches_can_do_nothing(watch, look):
    line = await look()

    line.deliver("response.create")
    await settle()

    assert line.closed.code == 1008


async def test_who_goes_away_is_forgotten_and_the_session_notices_nothing(watch, look):
    line = await look()
    line.hang_up(1001)
    await settle()

    up(watch, CREATE)
    await settle()

    assert line.events == []


async def test_who_reads_too_slowly_is_sent_away_and_others_notice_nothing(
    watch, look, monkeypatch
):
    monkeypatch.setattr(watch_module, "MAX_WAITING_BYTES", 500)
    slow, quick = await look(), await look()
    slow.is_stuck = True
    for n in range(20):
        up(watch, {"type": "x", "n": n})
        await settle()

    assert slow.closed.code == 1013
    assert [each["n"] for each in quick.events] == list(range(20))
    assert quick.closed is None


async def test_only_so_many_watch_one_session(watch, look):
    for _ in range(MAX_WATCHERS):
        await look()

    assert (await look()).closed.code == 1013


async def test_all_sessions_together_keep_within_a_share_of_memory(watch, look, monkeypatch):
    monkeypatch.setattr(watch_module, "MAX_HISTORY_BYTES", 4000)
    watch.session_opened(facts("other"))
    for n in range(10):
        up(watch, {"type": "x", "n": n})

    line = await look()

    assert isinstance(line.seen[0], ObservedGap)
    assert [each["n"] for each in line.events] == [8, 9]


async def test_without_operators_nothing_is_remembered(clock):
    watch = Watch(clock, may_be_watched=lambda: False)
    watch.session_opened(FACTS)
    up(watch, CREATE)
    watch.event_refused(FACTS.id, CREATE, "no")
    watch.settings_left_out(FACTS.id, "x", [])
    watch.session_closed(FACTS.id, 1000, "", "client")
    line = Seen()

    await watch.serve(line, FACTS.id)

    assert line.closed == Closed(GONE, "there is no such session")
