import pytest

from console.app.answer_playback import AnswerPlayback
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.view_model import Target, ViewModel
from console.audio.ports import Heard
from console.realtime.events import Event
from console.realtime.items import ContentPart, Item
from tests.fakes import ManualClock

SECOND = 24_000


class Speaker:
    """An `AudioSink` that notes what is asked of it."""

    def __init__(self):
        self.asked = []
        self.heard = None

    async def start(self):
        self.asked.append("start")

    async def stop(self):
        self.asked.append("stop")

    def play(self, track, pcm):
        self.asked.append(("play", track, len(pcm)))

    def finish(self, track):
        self.asked.append(("finish", track))

    async def interrupt(self):
        self.asked.append("interrupt")
        return self.heard

    async def clear(self):
        self.asked.append("clear")


class Room:
    """An answer of two seconds on its way to the speaker."""

    def __init__(self):
        self.clock = ManualClock()
        self.log = EventLog()
        self.conversation = ConversationView()
        self.view = ViewModel(target=Target("simulator", "m", "v", "", True))
        self.speaker = Speaker()
        self.touched = 0
        self.playback = AnswerPlayback(
            self.speaker,
            log=self.log,
            conversation=self.conversation,
            touch=self._touch,
            view=self.view,
            clock=self.clock,
        )
        for name in ("a1", "a2"):
            self._answer(name)
        self.reader = self.conversation.reader()

    def _touch(self):
        self.touched += 1

    def _answer(self, name):
        response = {"id": f"r-{name}"}
        self._server("response.created", response=response)
        self._server("response.output_item.added", response_id=response["id"], item={"id": name})
        self._server("response.done", response=response | {"status": "completed"})
        part = ContentPart("output_audio", transcript="one two three four")
        part.received_bytes = 2 * 2 * SECOND
        item = Item(name, "message", "assistant", "completed", content=[part], is_done=True)
        self.conversation.update(item, lambda: ["a1", "a2"])

    def _server(self, event_type, **fields):
        self.log.add(self.clock.now_s(), "server", Event(event_type, "e", fields), 10)

    def places(self):
        return [
            place
            for message in self.reader.changes()
            if message["k"] == "playing"
            for place in message["places"]
        ]


@pytest.fixture
def room():
    return Room()


async def test_what_is_asked_of_the_speaker_passes_through(room):
    await room.playback.start()
    room.playback.play("a1", b"\0\0")
    room.playback.finish("a1")
    await room.playback.interrupt()
    await room.playback.clear()
    await room.playback.stop()

    assert room.speaker.asked == [
        "start", ("play", "a1", 2), ("finish", "a1"), "interrupt", "clear", "stop",
    ]  # fmt: skip


async def test_an_answer_that_sounds_is_said_to_speak_with_its_place(room):
    await room.clock.advance(1)
    room.playback.note_heard(Heard("a1", SECOND // 2))

    assert room.view.is_speaking
    assert room.places() == [{"id": "a1", "played": 7, "played_ms": 500, "speaking": True}]
    turn = room.log.turns.turn_of("a1")
    assert turn.first_heard_ms == pytest.approx(500)
    assert room.touched == 1


async def test_at_its_end_all_was_heard_and_nothing_sounds(room):
    await room.clock.advance(1)
    room.playback.note_heard(Heard("a1", SECOND))
    await room.clock.advance(1)
    room.playback.note_ended("a1")

    assert not room.view.is_speaking
    assert room.places() == [{"id": "a1", "played": None, "played_ms": None, "speaking": False}]
    assert room.log.turns.turn_of("a1").playback_ended_ms == pytest.approx(2_000)


async def test_an_answer_that_is_cut_off_keeps_how_far_it_was_heard(room):
    room.playback.note_heard(Heard("a1", SECOND))
    room.speaker.heard = Heard("a1", SECOND + 2_400)

    assert await room.playback.interrupt() == room.speaker.heard

    assert not room.view.is_speaking
    assert room.places() == [{"id": "a1", "played": 13, "played_ms": 1_100, "speaking": False}]
    assert room.log.turns.turn_of("a1").playback_ended_ms is not None


async def test_an_answer_that_was_cut_off_before_any_report_was_heard_all_the_same(room):
    room.speaker.heard = Heard("a1", 2_400)

    await room.playback.interrupt()

    assert room.log.turns.turn_of("a1").first_heard_ms is not None


async def test_the_next_answer_ends_the_one_before_it(room):
    room.playback.note_heard(Heard("a1", SECOND))
    room.playback.note_heard(Heard("a2", 240))

    speaking = {each["id"]: each["speaking"] for each in room.places()}
    assert speaking == {"a1": False, "a2": True}
    assert room.log.turns.turn_of("a1").playback_ended_ms is not None
    assert room.view.is_speaking


async def test_nothing_is_said_to_sound_when_nobody_is_there_to_hear(room):
    room.playback.note_heard(Heard("a1", SECOND))

    room.playback.note_away()
    room.playback.note_away()

    assert not room.view.is_speaking
    assert room.conversation.view("a1").played_ms == 1_000


@pytest.mark.parametrize("heard", [Heard("nobody knows", 10), Heard("a1", 0)])
async def test_sound_of_no_item_says_nothing(room, heard):
    room.playback.note_heard(heard)
    room.playback.note_ended(heard.track)

    assert not room.view.is_speaking
    assert room.places() == []
