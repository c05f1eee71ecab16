"""What those see who watch a session, and when that ends."""

from __future__ import annotations

import copy

import pytest

from console.app.view_model import Notice, Part, Phase, Place, UsageBrief, ViewModel
from console.ui.watching import LAST_WORDS_S, Watching
from tests.fakes import ManualClock, settle
from tests.ui.demo_session import DemoSession
from tests.ui.page_lines import HELLO, Browser, ScriptedFeed, connected

PARIS = Place("Paris", 48.9, 2.4, None, None, None)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def session() -> DemoSession:
    return DemoSession()


@pytest.fixture
def view(session: DemoSession) -> ViewModel:
    return session.view


@pytest.fixture
def feed() -> ScriptedFeed:
    return ScriptedFeed()


@pytest.fixture
def watching(session: DemoSession, feed: ScriptedFeed, clock: ManualClock) -> Watching:
    return Watching(session.view, session.changed, feed, clock)


async def test_who_watches_sees_the_session_as_it_changes(
    watching: Watching, view: ViewModel
) -> None:
    shown, told = watching.shown, list[frozenset[Part]]()
    stop = shown.changed.connect(told.append)

    view.set_memory({"name": "Ada"})
    view.set_connection(Phase.CONNECTED, at_s=1.0)

    assert (shown.view.memory, shown.view.phase) == ({"name": "Ada"}, Phase.CONNECTED)
    assert told == [frozenset({"memory"}), frozenset({"connection"})]
    stop()
    stop()
    view.set_memory({})
    assert len(told) == 2


async def test_a_session_that_has_ended_stays_as_it_was_and_the_next_has_another_name(
    watching: Watching, view: ViewModel, clock: ManualClock
) -> None:
    over: list[str] = []
    watching.ended.connect(over.append)
    shown = watching.shown
    view.set_connection(Phase.CONNECTED, at_s=1.0)
    view.set_memory({"name": "Ada"})
    view.set_connection(Phase.DISCONNECTED)
    await settle()
    view.set_usage(
        UsageBrief(tokens=7)
    )  # what is known of the last answer when the line has closed
    assert not shown.is_over

    await clock.advance(LAST_WORDS_S)
    view.set_memory({"name": "Eve"})

    assert shown.is_over
    assert (shown.view.memory, shown.view.usage.tokens) == ({"name": "Ada"}, 7)
    assert over == [shown.session_id]
    assert watching.shown.session_id != shown.session_id
    assert watching.shown.view.memory == {"name": "Eve"}


async def test_what_the_last_session_has_left_is_not_seen_by_the_name_of_the_next(
    watching: Watching, view: ViewModel, feed: ScriptedFeed, clock: ManualClock
) -> None:
    begun: list[bool] = []
    watching.begun.connect(lambda _: begun.append(watching.is_waiting))
    assert not watching.is_waiting  # nothing was left by anybody
    view.set_connection(Phase.CONNECTED, at_s=1.0)
    view.set_connection(Phase.DISCONNECTED)
    await settle()
    assert not watching.is_waiting
    await clock.advance(LAST_WORDS_S)
    assert watching.is_waiting
    view.set_connection(Phase.CONNECTING)
    assert watching.is_waiting
    begun.clear()

    feed.epoch += 1
    view.set_connection(Phase.CONNECTED, at_s=2.0)
    view.set_connection(Phase.RECONNECTING)
    view.set_connection(Phase.CONNECTED, at_s=3.0)

    assert begun == [False]


async def test_a_session_that_follows_at_once_is_waited_for_too(
    watching: Watching, view: ViewModel, feed: ScriptedFeed
) -> None:
    view.set_connection(Phase.CONNECTED, at_s=1.0)
    view.set_connection(Phase.DISCONNECTED)
    view.set_connection(Phase.CONNECTING)
    assert watching.is_waiting
    feed.epoch += 1
    assert not watching.is_waiting


class CountedList(list[Place]):
    """A list that knows how often it was copied."""

    n_copies = 0

    def __copy__(self) -> list[Place]:
        self.n_copies += 1
        return list(self)


async def test_nothing_is_copied_while_nobody_watches_and_who_comes_then_sees_how_it_stands(
    watching: Watching, view: ViewModel
) -> None:
    view.places = places = CountedList()
    shown = watching.shown
    view.set_connection(Phase.CONNECTED, at_s=1.0)
    view.show_place(PARIS)
    view.set_memory({"name": "Ada"})
    assert places.n_copies == 0

    seen = shown.view
    stop = shown.changed.connect(lambda _: None)
    assert (seen.phase, seen.places, seen.memory) == (Phase.CONNECTED, [PARIS], {"name": "Ada"})
    assert places.n_copies == 1
    view.set_units("imperial")
    assert (seen.units, places.n_copies) == ("imperial", 2)

    stop()
    view.set_units("metric")
    assert places.n_copies == 2
    assert shown.view is seen
    assert seen.units == "metric"


@pytest.mark.parametrize("is_watched", [True, False])
async def test_the_last_that_was_seen_stays_when_the_live_view_is_made_ready_for_the_next(
    watching: Watching, view: ViewModel, is_watched: bool
) -> None:
    shown = watching.shown
    if is_watched:
        shown.changed.connect(lambda _: None)
    view.set_connection(Phase.CONNECTED, at_s=1.0)
    view.show_place(PARIS)
    view.add_notice(Notice("over", "info", "The line has ended."))
    view.set_connection(Phase.DISCONNECTED)

    view.notices.clear()  # not told yet, as is the beginning of the next session
    view.places.clear()
    view.memory, view.phase = {"name": "Eve"}, Phase.CONNECTING
    first = copy.copy(shown.view)
    view.on_change("connection")

    last = shown.view
    assert shown.is_over
    for each in (first, last):
        assert [notice.notice_id for notice in each.notices] == ["over"]
        assert (each.places, each.memory) == ([PARIS], {})
        assert each.phase is Phase.DISCONNECTED
    assert watching.shown.view.memory == {"name": "Eve"}


async def test_nothing_is_seen_of_the_next_session_when_end_and_beginning_come_together(
    watching: Watching, view: ViewModel
) -> None:
    shown = watching.shown
    view.set_connection(Phase.CONNECTED, at_s=1.0)
    view.memory, view.phase = {"name": "Eve"}, Phase.CONNECTING
    view.on_change("connection")

    assert shown.is_over
    assert shown.view.memory == {}
    assert watching.shown.view.memory == {"name": "Eve"}


async def test_nothing_is_seen_of_a_session_that_begins_at_once_after_another(
    watching: Watching, view: ViewModel, clock: ManualClock
) -> None:
    shown = watching.shown
    view.set_connection(Phase.CONNECTED, at_s=1.0)
    view.set_connection(Phase.DISCONNECTED)
    view.set_connection(Phase.CONNECTING)

    assert shown.is_over
    assert shown.view.phase is Phase.DISCONNECTED
    second = watching.shown
    view.set_connection(Phase.CONNECTED, at_s=2.0)
    await clock.advance(LAST_WORDS_S)
    assert watching.shown is second


async def test_a_line_that_comes_back_and_one_that_never_came_about_end_nothing(
    watching: Watching, view: ViewModel, clock: ManualClock
) -> None:
    shown = watching.shown
    for phase in (Phase.CONNECTING, Phase.DISCONNECTED, Phase.CONNECTING, Phase.CONNECTED,
                  Phase.RECONNECTING, Phase.CONNECTED):  # fmt: skip
        view.set_connection(phase)
    await clock.advance(LAST_WORDS_S)

    assert watching.shown is shown
    assert shown.view.phase is Phase.CONNECTED


async def test_the_lines_of_those_who_watch_end_with_the_session(
    watching: Watching, view: ViewModel, clock: ManualClock
) -> None:
    counts: list[int] = []
    watching.changed.connect(counts.append)
    lines = watching.channel
    view.set_connection(Phase.CONNECTED, at_s=1.0)
    async with connected(lines) as browser:
        view.set_connection(Phase.DISCONNECTED)
        await clock.advance(LAST_WORDS_S)
        assert await browser.ended() == (4004, "the session has ended")

    late = Browser(lines)
    late.send(HELLO)
    assert await late.ended() == (4004, "the session has ended")
    assert counts == [1, 0]


async def test_a_session_that_is_forgotten_ends_for_those_who_watch(
    watching: Watching, session: DemoSession
) -> None:
    await watching.close()

    assert watching.shown.is_over
    assert session.changed.n_handlers == 0
