import pytest

from console import pcm
from console.app.observed_session import ObservedSession
from console.realtime.items import ItemUpdate
from console.realtime.observed import ObservedEvent, ObservedGap

SOUND = b"\x01\x00" * 24_000
PCM = {"type": "audio/pcm", "rate": 24_000}


class Seen(ObservedSession):
    """An observed session with what it has told."""

    def __init__(self):
        self.items: list[ItemUpdate] = []
        self.responses: list[bool] = []
        self.speech: list[bool] = []
        super().__init__(
            on_item=self.items.append,
            on_response=lambda response: self.responses.append(response.is_done),
            on_speech=self.speech.append,
        )
        self.at_s = 0.0

    def server(self, event_type, **fields):
        self.at_s += 0.1
        self.take(ObservedEvent(self.at_s, "server", {"type": event_type, **fields}, 10))

    def client(self, event_type, refused="", **fields):
        self.at_s += 0.1
        self.take(ObservedEvent(self.at_s, "client", {"type": event_type, **fields}, 10, refused))

    def began(self, turn_detection=None, audio_format=PCM):
        heard = {"format": audio_format, "turn_detection": turn_detection}
        self.server("session.created", session={"type": "realtime", "audio": {"input": heard}})

    def said(self, sound=SOUND, **options):
        self.client("input_audio_buffer.append", audio=pcm.encode(sound), **options)

    def committed(self, item_id="u1"):
        content = [{"type": "input_audio", "transcript": None}]
        item = {"id": item_id, "type": "message", "role": "user", "content": content}
        self.server("input_audio_buffer.committed", item_id=item_id)
        self.server("conversation.item.added", item=item)

    def types(self):
        return [(entry.source, entry.event.type) for entry in self.log.entries()]


@pytest.fixture
def session():
    seen = Seen()
    seen.began()
    return seen


def answer(session):
    item = {"id": "a1", "type": "message", "role": "assistant", "content": []}
    part = {"type": "output_audio", "transcript": ""}
    about = {"response_id": "r1", "item_id": "a1", "content_index": 0}
    session.server("response.created", response={"id": "r1", "status": "in_progress"})
    session.server("conversation.item.added", item=item)
    session.server("response.content_part.added", part=part, **about)
    session.server("response.output_audio_transcript.delta", delta="Hello", **about)
    session.server("response.output_audio.delta", delta=pcm.encode(SOUND), **about)
    session.server("response.done", response={"id": "r1", "status": "completed"})


def test_events_of_both_sides_are_in_the_list_in_order(session):
    session.client("response.create")
    session.server("response.created", response={"id": "r1"})

    assert session.types() == [
        ("server", "session.created"),
        ("client", "response.create"),
        ("server", "response.created"),
    ]


def test_an_answer_fills_the_conversation_with_words_and_sound(session):
    answer(session)

    (view,) = session.view.views()
    assert (view.role, view.text, view.audio_ms, view.playable) == (
        "assistant",
        "Hello",
        1000,
        True,
    )
    assert session.view.item("a1").read_audio() == SOUND
    assert session.responses == [False, True]
    assert any(each.delta and each.delta.audio for each in session.items)


def test_what_the_user_said_is_heard_from_the_clients_own_events(session):
    session.said()
    session.client("input_audio_buffer.commit", event_id="e1")
    session.committed()

    assert session.view.item("u1").read_audio() == SOUND


def test_where_the_service_finds_the_turns_the_sound_is_cut_there(session):
    session.began(turn_detection={"type": "server_vad"})
    for _ in range(3):
        session.said()
    session.server("input_audio_buffer.speech_started", item_id="u1", audio_start_ms=500)
    session.server("input_audio_buffer.speech_stopped", item_id="u1", audio_end_ms=1700)
    session.committed()

    assert session.view.item("u1").audio_ms == 1200
    assert session.speech == [True, False]


def test_sound_that_the_relay_refused_never_came_to_the_service(session):
    session.said(refused="relay_too_fast")
    session.said(SOUND[:9600])
    session.client("input_audio_buffer.commit")
    session.committed()

    assert session.view.item("u1").audio_ms == 200
    assert len(session.types()) == 6


def test_telephone_sound_is_decoded(session):
    session.began(audio_format={"type": "audio/pcmu"})
    session.said(b"\xff" * 8000)
    session.client("input_audio_buffer.commit")
    session.committed()

    assert session.view.item("u1").audio_ms == pytest.approx(1000, abs=2)


@pytest.mark.parametrize(
    ("audio_format", "n_bytes"), [(PCM, 96_000), ({"type": "audio/pcmu"}, 16_000)]
)
def test_who_begins_to_watch_late_finds_later_turns_all_the_same(audio_format, n_bytes):
    session = Seen()
    session.take(ObservedGap(7, n_audio=n_bytes * 4 // 3))
    session.began({"type": "server_vad"}, audio_format)
    coded = SOUND if audio_format is PCM else b"\xff" * 8000
    session.said(coded)
    session.server("input_audio_buffer.speech_started", item_id="u1", audio_start_ms=2200)
    session.server("input_audio_buffer.speech_stopped", item_id="u1", audio_end_ms=2600)
    session.committed()

    item = session.view.item("u1")
    assert item is not None
    assert item.audio_ms == pytest.approx(400, abs=2)


def test_a_message_of_the_client_with_sound_has_its_sound(session):
    part = {"type": "input_audio", "audio": pcm.encode(SOUND)}
    item = {"id": "u1", "type": "message", "role": "user", "content": [part]}
    session.client("conversation.item.create", item=item)
    session.server("conversation.item.added", item=item | {"content": [{"type": "input_audio"}]})

    assert session.view.item("u1").read_audio() == SOUND


def test_an_item_that_is_deleted_goes(session):
    answer(session)
    session.server("conversation.item.deleted", item_id="a1")

    assert session.view.views() == []


def test_answers_beside_the_conversation_are_set_apart(session):
    session.server(
        "response.created",
        response={"id": "r9", "status": "in_progress", "conversation_id": None},
    )
    item = {"id": "o1", "type": "message", "role": "assistant", "content": []}
    session.server("response.output_item.added", response_id="r9", item=item)

    assert [(each.id, each.apart) for each in session.view.views()] == [("o1", True)]
    assert session.responses == []


def test_where_an_answer_failed_is_shown_with_why(session):
    session.committed("u1")
    error = {"message": "You exceeded your current quota."}
    failed = {"id": "r0", "status": "failed", "status_details": {"error": error}}
    session.server("response.created", response={"id": "r0", "status": "in_progress"})
    session.server("response.done", response=failed)
    session.committed("u2")
    answer(session)

    views = session.view.views()
    assert [each.id for each in views] == ["u1", "r0", "u2", "a1"]
    assert views[1].error == "The answer failed: You exceeded your current quota."
    assert session.responses == [False, True, False, True]


def test_the_end_leaves_nothing_waiting(session):
    item = {"id": "a1", "type": "message", "role": "assistant", "status": "in_progress"}
    session.server("conversation.item.added", item=item)

    session.end()

    (view,) = session.view.views()
    assert view.status == "incomplete"


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": 7},
        {"type": "input_audio_buffer.append"},
        {"type": "input_audio_buffer.append", "audio": "%%%"},
        {"type": "session.updated", "session": 7},
        {"type": "response.done", "response": []},
    ],
)
@pytest.mark.parametrize("source", ["client", "server"])
def test_nothing_that_is_told_makes_it_fail(session, source, event):
    session.take(ObservedEvent(9.0, source, event, 1))

    session.said()
