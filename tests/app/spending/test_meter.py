from typing import Any

import pybase64
import pytest
import pytest_asyncio

from console.app.spending.budget import TELL_S, Account, Budget
from console.app.spending.caps import OWNER, Cap, Payer
from console.app.spending.meter import FREE, LAST_WORDS_S, LOOK_AGAIN_S, TICK_S, SessionMeter
from console.app.view_model import Phase, Target, ViewModel
from console.realtime.prices import OWN_TABLE, Cost
from console.settings import Settings
from tests.app.spending.fake_client import FakeClient, spoken
from tests.fakes import ManualClock, settle

GUEST = Payer("ada", is_guest=True)
TOTAL = Cap("total", "dollars", 1.0)
SECOND = 20 * 64 / 1e6
"""Dollars for a second of the model's speech."""


class Room:
    """The sessions of one process, with a counter in a directory."""

    def __init__(self, directory, **limits):
        self.clock = ManualClock()
        self.settings = Settings(_env_file=None, **limits)
        self.directory = directory
        self.budget = Budget.open(self.settings, directory, self.clock)
        self.meters: list[SessionMeter] = []
        self.ended: list[tuple[FakeClient, str]] = []

    def view(self, is_simulator=False):
        return ViewModel(target=Target("OpenAI", "gpt-realtime", "marin", "", is_simulator))

    async def session(self, payer=OWNER, client=None, *, is_simulator=False):
        view = self.view(is_simulator)
        client = client or FakeClient()

        async def hang_up(sentence):
            view.set_connection(Phase.DISCONNECTED)
            client.line("closed")
            self.ended.append((client, sentence))

        meter = SessionMeter(self.budget, payer, view, self.clock, hang_up=hang_up)
        self.meters.append(meter)
        assert await meter.begin() == ""
        meter.follow(client)
        view.set_connection(Phase.CONNECTED)
        client.line("open")
        return meter, view, client

    async def close(self):
        for meter in self.meters:
            await meter.close()
        self.meters.clear()
        await self.budget.close()

    @property
    def dollars(self):
        return self.budget.spent(TOTAL, Account(OWNER)).dollars

    @property
    def sentences(self):
        return [sentence for _, sentence in self.ended]


@pytest_asyncio.fixture
async def room(tmp_path):
    rooms = []

    def open_room(**limits):
        rooms.append(Room(tmp_path, **limits))
        return rooms[-1]

    yield open_room
    for each in rooms:
        await each.close()


def notices(view) -> dict[str, str]:
    return {each.notice_id: each.sentence for each in view.notices}


async def test_what_an_answer_has_cost_is_in_the_counter_before_anybody_else_hears_of_it(room):
    room = room()
    _, view, client = await room.session()
    seen: list[float] = []
    client.on("realtime.event", lambda _: seen.append(room.dollars))

    client.answer("r1")
    client.done("r1", spoken(100))

    assert seen == [0, pytest.approx(100 * SECOND)]
    assert view.spending.dollars == "$0.13"
    assert not view.spending.is_estimate


async def test_an_answer_that_does_not_say_what_it_cost_is_told_as_an_estimate(room):
    room = room()
    _, view, client = await room.session()
    client.answer("r1")
    sound = pybase64.b64encode(bytes(48_000 * 10)).decode()
    client.server("response.output_audio.delta", response_id="r1", delta=sound)

    client.done("r1", None)

    assert room.dollars > 10 * SECOND
    assert view.spending.is_estimate


async def test_the_simulator_costs_nothing_and_its_minutes_count(room):
    room = room(limit_session_minutes=2)
    _, view, client = await room.session(is_simulator=True)
    client.answer("r1")
    client.done("r1", spoken(100))

    await room.clock.advance(60)

    assert room.dollars == 0
    assert view.spending.dollars == ""
    assert [(each.used, each.most) for each in view.spending.caps] == [("1:00", "2:00 min")]


@pytest.mark.parametrize(
    ("limits", "is_simulator", "payer", "is_told"),
    [
        ({"limit_session_dollars": 1}, True, OWNER, True),
        ({"limit_day_dollars": 1, "limit_session_minutes": 2}, True, OWNER, True),
        ({"limit_session_dollars": 1}, False, OWNER, False),
        ({"limit_session_minutes": 2}, True, OWNER, False),
        ({}, True, GUEST, False),
    ],
)
async def test_who_limits_dollars_is_told_that_the_simulator_never_reaches_them(
    room, limits, is_simulator, payer, is_told
):
    _, view, _ = await room(**limits).session(payer, is_simulator=is_simulator)

    assert view.spending.remark == (FREE if is_told else "")


async def test_a_simulator_with_prices_reaches_limits_in_dollars(room, tmp_path):
    free = "    audio: {input: 0, cached: 0, output: 0}"
    prices = tmp_path / "prices.yaml"
    prices.write_text(OWN_TABLE.read_text().replace(free, free.replace("0", "1")))

    room = room(prices=str(prices), limit_session_dollars=1)
    meter, view, _ = await room.session(is_simulator=True)
    _, of_guest, _ = await room.session(GUEST, is_simulator=True)

    assert not meter.is_free
    assert view.spending.remark == ""
    assert "$1.00" in [each.most for each in of_guest.spending.caps]


async def test_a_limit_warns_once_at_four_fifths_and_ends_the_session_at_all_of_it(room):
    room = room(limit_session_minutes=10)
    _, view, _ = await room.session()

    await room.clock.advance(8 * 60 - TICK_S)
    assert notices(view) == {}
    await room.clock.advance(TICK_S)
    assert notices(view) == {
        "spending-session-minutes": "Close to the limit of 10 minutes for this session."
    }
    (notice,) = view.notices
    assert notice.ends_at_s == pytest.approx(room.clock.wall_s() + 120)
    view.dismiss_all()
    await room.clock.advance(60)
    assert notices(view) == {}
    assert room.ended == []

    await room.clock.advance(60)

    (sentence,) = room.sentences
    assert "The limit for this session is reached: 10:00 of 10:00 min." in sentence


async def test_the_end_that_is_counted_down_to_is_later_by_the_time_without_a_line(room):
    room = room(limit_session_minutes=10)
    _, view, client = await room.session()
    await room.clock.advance(8 * 60)

    client.line("reconnecting")
    await room.clock.advance(30)
    client.line("open")

    (notice,) = view.notices
    assert notice.ends_at_s == pytest.approx(room.clock.wall_s() + 120)
    view.dismiss_all()
    client.line("reconnecting")
    client.line("open")
    assert view.notices == []


async def test_a_limit_of_money_has_no_time_and_says_what_happens_then(room):
    room = room(limit_session_dollars=1)
    _, view, client = await room.session()

    client.answer("r1")
    client.done("r1", spoken(0.85 / SECOND))

    (notice,) = view.notices
    assert notice.ends_at_s is None
    assert notice.sentence == (
        "Close to the limit for this session: $0.85 of $1.00. The session ends when it is reached."
    )


async def test_an_answer_is_cancelled_when_the_money_runs_out_in_the_middle_of_it(room):
    room = room(limit_session_dollars=0.25)
    _, _, client = await room.session()
    client.usage_of_cancelled = spoken(150)
    client.answer("r1")
    sound = pybase64.b64encode(bytes(48_000 * 10)).decode()

    for _ in range(20):
        client.server("response.output_audio.delta", response_id="r1", delta=sound)
    await settle()

    assert client.cancelled == ["r1"]
    assert len(room.ended) == 1
    assert room.dollars == pytest.approx(150 * SECOND)


async def test_a_server_that_does_not_answer_the_cancel_is_left_all_the_same(room):
    room = room(limit_session_minutes=1)
    _, _, client = await room.session()
    client.is_answering_cancels = False
    client.answer("r1")

    await room.clock.advance(60)
    assert client.cancelled == ["r1"]
    assert room.ended == []
    await room.clock.advance(LAST_WORDS_S)

    assert len(room.ended) == 1
    assert room.dollars > 0


async def test_a_new_session_begins_anew_and_the_day_goes_on(room):
    room = room(limit_session_minutes=1, limit_guest_minutes=2)
    meter, _, _ = await room.session(GUEST)
    await room.clock.advance(60)
    assert await meter.begin() == ""

    again, _, _ = await room.session(GUEST)
    await room.clock.advance(60)

    assert "Your address has used its 2 minutes for today" in await again.begin()


async def test_what_a_day_forbids_is_told_before_it_is_asked_for_until_the_day_is_over(room):
    room = room(limit_session_minutes=1, limit_guest_minutes=2)
    meter, view, _ = await room.session(GUEST)
    await room.clock.advance(60)
    assert view.spending.obstacle == ""  # that of a session is none for the next

    await room.session(GUEST)
    await room.clock.advance(60)
    await meter.begin()
    assert view.spending.obstacle.startswith("Your address has used its 2 minutes for today.")

    room.clock.sleep_machine(86_400)
    await room.clock.advance(LOOK_AGAIN_S)
    assert view.spending.obstacle == ""


async def test_between_sessions_it_is_told_what_each_of_them_has(room):
    room = room(limit_session_minutes=1.5)
    _, view, client = await room.session(GUEST)

    await room.clock.advance(75)
    client.line("reconnecting")
    of_session, of_guest = (each for each in view.spending.caps if "min" in each.most)
    assert view.spending.is_running
    assert (of_session.left, of_session.is_near, of_guest.left) == ("0:15", True, "58 min")

    client.line("closed")
    of_session, of_guest = (each for each in view.spending.caps if "min" in each.most)
    assert not view.spending.is_running
    assert (of_session.left, of_session.is_near) == ("1:30 minutes", False)
    assert of_guest.left == "58 min"


async def test_the_last_minutes_of_a_session_have_an_end_while_they_are_counted(room):
    room = room(limit_session_minutes=6)
    _, view, client = await room.session()
    assert view.spending.caps[0].ends_at_s is None

    await room.clock.advance(65)
    await room.clock.advance(2)
    client.answer("r1")  # the page is told before time is counted again
    assert view.spending.caps[0].ends_at_s == pytest.approx(room.clock.wall_s() + 360 - 67)

    client.line("reconnecting")
    assert view.spending.caps[0].ends_at_s is None
    assert view.spending.caps[0].left == "4:53"


async def test_no_session_is_promised_more_than_is_left_of_the_day(room):
    room = room(limit_session_minutes=3, limit_guest_minutes=5)
    _, view, client = await room.session(GUEST)
    assert [each.is_less for each in view.spending.caps if "min" in each.most] == [False, False]

    await room.clock.advance(150)
    client.line("closed")

    assert [each.is_less for each in view.spending.caps if "min" in each.most] == [False, True]


@pytest.mark.parametrize("is_simulator", [True, False])
async def test_guests_are_told_no_dollars_of_what_costs_nothing(room, is_simulator):
    _, view, _ = await room().session(GUEST, is_simulator=is_simulator)

    assert any("$" in each.most for each in view.spending.caps) is not is_simulator
    assert [each.most for each in view.spending.caps if "min" in each.most] == [
        "30:00 min", "60:00 min",
    ]  # fmt: skip


async def test_dollars_that_are_used_up_are_told_also_where_nothing_costs(room):
    room = room(limit_guest_dollars=0.1)
    _, _, client = await room.session(GUEST)
    client.answer("r1")
    client.done("r1", spoken(100))
    view = room.view(is_simulator=True)
    room.meters.append(SessionMeter(room.budget, GUEST, view, room.clock, hang_up=Any))  # type: ignore[arg-type]  # never called

    assert [each.most for each in view.spending.caps if "$" in each.most] == ["$0.10"]
    assert view.spending.obstacle.startswith("Your address has used $0.13 of its $0.10")


async def test_a_session_that_may_use_nothing_is_not_offered(room):
    room = room(limit_session_minutes=0)
    view = room.view()
    room.meters.append(SessionMeter(room.budget, GUEST, view, room.clock, hang_up=Any))  # type: ignore[arg-type]  # never called

    assert "A session may use no time here" in view.spending.obstacle


async def test_a_guest_begins_so_many_sessions_and_none_that_never_opens_counts(room):
    room = room(limit_guest_starts=1)
    guest = Payer("192.0.2.1", is_guest=True, browser="ada")
    meter, _, client = await room.session(guest)
    await settle()
    client.line("reconnecting")
    client.line("open")
    await settle()
    assert room.ended == []

    assert "You have begun a session within an hour" in await meter.begin()
    bob = Payer("192.0.2.1", is_guest=True, browser="bob")
    other = SessionMeter(room.budget, bob, room.view(), room.clock, hang_up=Any)  # type: ignore[arg-type]  # never called
    room.meters.append(other)
    assert [await other.begin() for _ in range(3)] == [""] * 3


async def test_of_sessions_that_begin_at_the_same_time_one_too_many_is_ended(room):
    room = room(limit_guest_starts=1)
    guest = Payer("192.0.2.1", is_guest=True, browser="ada")
    await room.session(guest)
    await room.session(guest)
    await settle()

    (sentence,) = room.sentences
    assert "You have begun a session within an hour" in sentence


async def test_a_restart_does_not_begin_anew(room):
    first = room(limit_day_dollars=0.1)
    _, _, client = await first.session()
    client.answer("r1")
    client.done("r1", spoken(100))
    await settle()
    await first.close()

    second = room(limit_day_dollars=0.1)
    meter = SessionMeter(second.budget, OWNER, second.view(), second.clock, hang_up=Any)  # type: ignore[arg-type]  # never called
    second.meters.append(meter)

    assert "together has used $0.13 of the $0.10 for today." in await meter.begin()


async def test_two_sessions_of_one_guest_cannot_both_spend_what_is_left(room):
    room = room(limit_guest_dollars=0.3)
    _, _, first = await room.session(GUEST)
    _, view, second = await room.session(GUEST)
    first.answer("r1")

    second.answer("r2")
    await settle()

    assert second.cancelled == ["r2"]
    assert "another session" in notices(view)["spending"]
    assert first.cancelled == []
    assert room.ended == []

    first.done("r1", spoken(1))
    second.answer("r3")
    await settle()
    assert second.cancelled == ["r2"]


async def test_a_huge_usage_ends_all_sessions_of_the_guest_and_nobody_elses(room):
    room = room(limit_guest_dollars=1)
    _, _, first = await room.session(GUEST)
    _, _, second = await room.session(GUEST)
    _, _, owner = await room.session(OWNER)
    first.answer("r1")

    first.done("r1", spoken(10**6))
    await room.clock.advance(TICK_S)

    assert {id(client) for client, _ in room.ended} == {id(first), id(second)}
    assert owner.cancelled == []


async def test_usage_that_makes_no_sense_never_gives_money_back(room):
    room = room()
    _, _, client = await room.session()
    client.answer("r1")

    client.done("r1", {"output_tokens": -(10**9), "input_tokens": float("nan"), "x": []})

    assert room.dollars == 0


async def test_a_line_that_is_lost_stops_the_clock_and_counts_the_answer(room):
    room = room(limit_session_minutes=10)
    _, view, client = await room.session()
    client.answer("r1")
    await room.clock.advance(60)

    client.line("reconnecting")
    await room.clock.advance(600)

    assert view.spending.caps[0].used == "1:00"
    assert room.dollars > 0
    client.line("open")
    await room.clock.advance(60)
    assert view.spending.caps[0].used == "2:00"


async def test_a_clock_that_jumps_changes_no_minutes_and_no_day_back(room):
    room = room(limit_day_minutes=10)
    _, view, _ = await room.session()

    await room.clock.advance(60)
    room.clock.sleep_machine(-86_400)
    await room.clock.advance(60)

    assert view.spending.caps[0].used == "2:00"


async def test_what_each_thing_has_cost_is_told_once_it_is_in_the_counter(room):
    room = room()
    meter, _, client = await room.session()
    told = []
    meter.costed.connect(lambda costed: told.append((costed.name, room.dollars)))
    heard = {"input": {"transcription": {"model": "whisper-1"}}}
    client.server("session.updated", session={"audio": heard})

    client.answer("r1")
    client.done("r1", spoken(100))
    done = "conversation.item.input_audio_transcription.completed"
    client.server(done, item_id="u1", usage={"type": "duration", "seconds": 60})

    assert told == [
        ("r1", pytest.approx(100 * SECOND)),
        ("u1", pytest.approx(100 * SECOND + 0.006)),
    ]


async def test_a_budget_of_the_user_holds_beside_what_holds_anyway(room):
    room = room(limit_session_dollars=1.0, limit_day_dollars=5.0)
    meter, view, _ = await room.session()

    meter.keep_to([Cap("session", "dollars", 0.25), Cap("session", "minutes", 3.0)])
    assert [(each.scope, each.most) for each in view.spending.caps] == [
        ("session", "$0.25"), ("day", "$5.00"), ("session", "3:00 min"),
    ]  # fmt: skip

    meter.keep_to([Cap("session", "dollars", 9.0)])
    assert [each.most for each in view.spending.caps] == ["$1.00", "$5.00"]


async def test_another_budget_warns_anew_and_the_old_warning_goes(room):
    room = room()
    meter, view, client = await room.session()
    meter.keep_to([Cap("session", "dollars", 0.01)])
    client.done("r1", spoken(7))
    assert "spending-session-dollars" in notices(view)

    meter.keep_to([Cap("session", "dollars", 1.0)])
    assert notices(view) == {}

    meter.keep_to([Cap("session", "dollars", 0.0105)])
    assert "spending-session-dollars" in notices(view)


async def test_a_budget_holds_for_the_sessions_that_follow(room):
    room = room()
    meter, _, client = await room.session()
    meter.keep_to([Cap("session", "dollars", 0.01)])
    client.done("r1", spoken(10))
    await settle()
    assert room.sentences[0].startswith("The limit for this session is reached")

    assert await meter.begin() == ""
    assert meter.limits[0].most == 0.01
    assert meter.limits_of_others == ()


async def test_a_page_without_a_session_sees_what_others_spend(room):
    room = room(limit_day_dollars=10)
    _, waiting, idle_client = await room.session(GUEST)
    idle_client.line("closed")
    room.budget.start()
    _, _, client = await room.session(OWNER)
    client.answer("r1")
    client.done("r1", spoken(1_000))

    await room.clock.advance(TELL_S)

    (of_day,) = [each for each in waiting.spending.caps if each.scope == "day"]
    assert of_day.used == "$1.28"


async def test_a_session_that_has_ended_for_good_follows_nothing_any_more(room):
    room = room(limit_day_dollars=10)
    meter, view, _ = await room.session()
    await meter.close()
    before = view.spending

    room.budget.add_cost(Account(OWNER), Cost(5))
    room.budget.changed.emit(None)

    assert view.spending is before
