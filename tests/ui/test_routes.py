import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console import wav
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.realtime.events import Event
from console.realtime.items import ContentPart, Item
from console.ui import routes
from tests.ui.let_in import GUEST, LetIn


class OneSession:
    """A registry with one session, as far as the routes look at it."""

    def __init__(self):
        self.log = EventLog()
        self.conversation = ConversationView()

    def own(self, session_id, person):
        return self if session_id == "right" and person == GUEST else None

    def watched(self, watch_id, person):
        return self if watch_id == "watched" and person == GUEST else None

    def shown(self, name, person):
        return self.own(name, person) or self.watched(name, person)


@pytest.fixture
def session():
    return OneSession()


@pytest.fixture
def client(session):
    app = FastAPI()
    app.add_middleware(LetIn)
    routes.install(app, session)
    return TestClient(app)


def add_sound(session, pcm):
    part = ContentPart("output_audio", audio=bytearray(pcm))
    item = Item("item_1", "message", "assistant", content=[part])
    session.conversation.update(item, lambda: ["item_1"])


def test_the_events_of_a_row_come_in_portions(client, session):
    for n in range(5):
        fields = {"item_id": "i", "delta": str(n)}
        session.log.add(n / 100, "server", Event("response.output_text.delta", "e", fields), 10)

    answer = client.get("/rt/right/rows/0?offset=1&limit=2").json()

    assert answer["count"] == 5
    assert [each["event"]["delta"] for each in answer["events"]] == ["1", "2"]
    assert answer["events"][0]["event"]["type"] == "response.output_text.delta"


@pytest.mark.parametrize(
    "path",
    [
        "/rt/wrong/rows/0",
        "/rt/right/rows/7",
        "/rt/wrong/items/a.wav",
        "/rt/right/items/a.wav",
        "/rt/wrong/items/a.peaks",
        "/rt/right/items/a.peaks",
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=100000", "limit=x"])
def test_numbers_out_of_range_are_refused(client, query):
    assert client.get(f"/rt/right/rows/0?{query}").status_code == 422


def test_the_sound_of_an_item_is_a_wav_file(client, session):
    add_sound(session, b"\x01\x02" * 100)

    answer = client.get("/rt/right/items/item_1.wav")

    assert answer.headers["content-type"] == "audio/wav"
    assert wav.unpack(answer.content) == (b"\x01\x02" * 100, 24_000)


@pytest.mark.parametrize(
    ("asked", "status", "content_range", "length"),
    [
        ("bytes=0-", 206, "bytes 0-243/244", 244),
        ("bytes=44-143", 206, "bytes 44-143/244", 100),
        ("bytes=200-9999", 206, "bytes 200-243/244", 44),
        ("bytes=-4", 206, "bytes 240-243/244", 4),
        ("bytes=244-", 416, "bytes */244", 0),
        ("bytes=9-4", 416, "bytes */244", 0),
        ("bytes=-", 200, None, 244),
        ("lines=1-2", 200, None, 244),
    ],
)
def test_a_player_can_seek(client, session, asked, status, content_range, length):
    add_sound(session, bytes(200))

    answer = client.get("/rt/right/items/item_1.wav", headers={"range": asked})

    assert answer.status_code == status
    assert answer.headers.get("content-range") == content_range
    assert len(answer.content) == length
    assert answer.headers["accept-ranges"] == "bytes"


def test_the_waveform_of_an_item_has_peaks_from_0_to_1_and_its_length(client, session):
    add_sound(session, bytes(960) + b"\x00\x40" * 480)

    answer = client.get("/rt/right/items/item_1.peaks")

    assert answer.json() == {"peaks": [0.0, 0.5], "ms": 40}
    assert answer.headers["cache-control"] == "no-store"


def test_an_item_without_sound_has_no_waveform(client, session):
    add_sound(session, b"")

    answer = client.get("/rt/right/items/item_1.peaks")

    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no sound for this item."


def test_the_waveform_of_a_long_item_is_bounded(client, session):
    add_sound(session, b"\x00\x20" * 24_000 * 60)

    answer = client.get("/rt/right/items/item_1.peaks")

    assert answer.json() == {"peaks": [0.25] * 600, "ms": 60_000}
    assert len(answer.content) < 4_000


def test_a_channel_of_an_unknown_session_is_closed_for_good(client):
    with client.websocket_connect("/rt/wrong") as socket:
        assert socket.receive()["code"] == 4004
