import pytest
import pytest_asyncio

from console.app.spending.idle import IdleWatch
from console.app.view_model import Phase, Target, ViewModel
from tests.app.spending.fake_client import FakeClient
from tests.fakes import ManualClock


class Session:
    def __init__(self, minutes):
        self.clock = ManualClock()
        self.view = ViewModel(target=Target("simulator", "m", "v", "", True))
        self.client = FakeClient()
        self.ended: list[str] = []
        self.watch = IdleWatch(self.view, self.clock, minutes, hang_up=self.hang_up)
        self.watch.follow(self.client)  # type: ignore[arg-type]
        self.client.line("open")

    async def hang_up(self, sentence):
        self.view.set_connection(Phase.DISCONNECTED)
        self.client.line("closed")
        self.ended.append(sentence)

    @property
    def warnings(self):
        return [(each.sentence, each.action) for each in self.view.notices]


@pytest_asyncio.fixture
async def session():
    opened = []

    def begin(minutes=5.0):
        opened.append(Session(minutes))
        return opened[-1]

    yield begin
    for each in opened:
        await each.watch.close()


async def test_silence_is_warned_of_a_minute_before_it_ends_the_session(session):
    session = session(5)

    await session.clock.advance(239)
    assert session.warnings == []
    await session.clock.advance(1)
    assert session.warnings == [
        (
            "Nobody has spoken or written.",
            "stay",
        )
    ]
    assert session.view.notices[0].ends_at_s == session.clock.wall_s() + 60
    assert session.ended == []
    await session.clock.advance(60)

    assert session.ended == [
        "Hung up: nobody has spoken or written for 5 minutes. What you see stays until the next "
        "session begins."
    ]
    assert session.warnings == []


async def test_who_stays_has_the_whole_time_again(session):
    session = session(5)
    await session.clock.advance(290)

    session.watch.stay()

    assert session.warnings == []
    await session.clock.advance(299)
    assert session.ended == []
    await session.clock.advance(1)
    assert len(session.ended) == 1


@pytest.mark.parametrize(
    ("source", "event_type", "fields"),
    [
        ("server", "input_audio_buffer.speech_started", {}),
        ("server", "input_audio_buffer.speech_stopped", {}),
        ("client", "input_audio_buffer.commit", {}),
        ("client", "conversation.item.create", {"item": {"role": "user"}}),
    ],
)
async def test_speech_and_text_are_signs_of_life(session, source, event_type, fields):
    session = session(5)
    await session.clock.advance(299)

    getattr(session.client, source)(event_type, **fields)
    await session.clock.advance(299)

    assert session.ended == []


@pytest.mark.parametrize(
    ("source", "event_type", "fields"),
    [
        ("server", "response.created", {}),
        ("server", "response.done", {}),
        ("server", "input_audio_buffer.timeout_triggered", {}),
        ("client", "input_audio_buffer.append", {}),
        ("client", "conversation.item.create", {"item": {"type": "function_call_output"}}),
    ],
)
async def test_a_model_that_talks_to_itself_is_none(session, source, event_type, fields):
    session = session(5)
    await session.clock.advance(299)

    getattr(session.client, source)(event_type, **fields)
    await session.clock.advance(1)

    assert len(session.ended) == 1


async def test_a_short_time_is_warned_of_at_its_half(session):
    session = session(1)

    await session.clock.advance(30)

    ((sentence, _),) = session.warnings
    assert sentence == "Nobody has spoken or written."
    assert session.view.notices[0].ends_at_s == session.clock.wall_s() + 30


async def test_never_is_never(session):
    session = session(float("inf"))

    await session.clock.advance(10**6)

    assert session.ended == []


async def test_after_the_session_nobody_is_warned(session):
    session = session(5)
    await session.clock.advance(250)

    session.client.line("closed")
    await session.clock.advance(1000)

    assert session.warnings == []
    assert session.ended == []


async def test_a_line_that_comes_back_does_not_count_anew(session):
    session = session(5)
    await session.clock.advance(200)

    session.client.line("reconnecting")
    session.client.line("open")
    await session.clock.advance(100)

    assert len(session.ended) == 1


async def test_a_later_session_is_watched_as_well(session):
    session = session(5)
    await session.clock.advance(300)

    session.client.line("open")
    await session.clock.advance(300)

    assert len(session.ended) == 2
