import orjson
import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from starlette.testclient import TestClient

from console import wav
from console.app.event_log import EventLog
from console.ui import event_routes
from tests.app.log_rig import add_talk
from tests.realtime.shelf import MemoryShelf


@pytest.fixture
def log():
    log = EventLog(shelf=MemoryShelf(), max_memory_bytes=0)
    add_talk(log, 3)
    return log


@pytest.fixture
def client(log, monkeypatch):
    def named(*names):
        def log_of(session_id, visitor):
            if session_id not in names:
                raise HTTPException(404, "There is no such session.")
            return log

        return log_of

    monkeypatch.setattr(event_routes, "Visitor", str)
    app, router = FastAPI(), APIRouter()
    event_routes.add(router, named("own", "watched"), named("own"))
    app.include_router(router)
    return TestClient(app)


def get(client, path):
    return client.get(path + ("&" if "?" in path else "?") + "visitor=x")


def test_a_frame_a_run_and_a_turn_are_told(client):
    frame = get(client, "/own/rows/2?zoom=frames").json()
    run = get(client, "/own/rows/3?zoom=spans&offset=38").json()
    turn = get(client, "/own/rows/123?zoom=turns").json()

    assert (frame["count"], len(frame["events"])) == (1, 1)
    assert (run["count"], len(run["events"])) == (40, 2)
    assert run["events"][0]["a"] == 100
    assert turn["events"][0]["event"]["turn"] == 2


@pytest.mark.parametrize(
    "path", ["rows/999", "rows/999.wav", "rows/4.wav?zoom=frames", "rows/2.wav?offset=40"]
)
def test_what_is_not_there_is_said_in_a_sentence(client, path):
    answer = get(client, f"/own/{path}")

    assert answer.status_code == 404
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=100000", "limit=x", "zoom=x"])
def test_what_makes_no_sense_is_refused(client, query):
    assert get(client, f"/own/rows/0?{query}").status_code == 422


@pytest.mark.parametrize(
    ("path", "n_ms"),
    [("3.wav", 4_000), ("3.wav?offset=5&limit=1", 100), ("6.wav?zoom=frames", 100)],
)
def test_the_sound_of_an_event_and_of_a_run_can_be_heard(client, path, n_ms):
    answer = get(client, f"/own/rows/{path}")

    assert answer.headers["content-type"] == "audio/wav"
    assert len(wav.unpack(answer.content)[0]) == n_ms * 48


def test_all_events_are_a_file_of_lines(client, log):
    answer = get(client, "/own/events.jsonl")

    assert answer.headers["content-disposition"] == 'attachment; filename="events.jsonl"'
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.text.splitlines()) == len(log)
    assert len(get(client, "/own/events.jsonl?first=3&last=9").text.splitlines()) == 6


def test_all_events_are_a_har_file(client, log):
    answer = get(client, "/own/events.har")

    (entry,) = orjson.loads(answer.content)["log"]["entries"]
    assert len(entry["_webSocketMessages"]) == len(log)


@pytest.mark.parametrize("name", ["events.jsonl", "events.har"])
def test_who_only_watches_takes_nothing_along(client, name):
    assert get(client, "/watched/rows/0").status_code == 200
    assert get(client, f"/watched/{name}").status_code == 404
