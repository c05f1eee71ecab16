from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from console.errors import AudioDeviceError
from console.ui import uploads
from tests.ui.let_in import GUEST, LetIn


class OneSession:
    """A registry with one session, as far as the route looks at it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.refused: list[str] = []
        self.files: list[object] = []
        self.error: AudioDeviceError | None = None

    def own(self, session_id, person):
        return self if session_id == "right" and person == GUEST else None

    async def use_file(self, name, file):
        file.seek(0)
        self.taken.append((name, file.read()))
        self.files.append(file)
        if self.error is not None:
            raise self.error

    async def file_refused(self, sentence):
        self.refused.append(sentence)


@pytest.fixture
def session():
    return OneSession()


@pytest.fixture
def client(session):
    app = FastAPI()
    app.add_middleware(LetIn)
    uploads.install(app, session)
    return TestClient(app)


def test_a_file_reaches_the_session_and_nothing_of_it_stays(client, session):
    answer = client.post("/rt/right/microphone?name=a%20question.wav", content=b"sound" * 500_000)

    assert answer.status_code == 204
    assert session.taken == [("a question.wav", b"sound" * 500_000)]
    assert session.files[0].closed


def test_a_file_beyond_the_limit_is_read_no_further(client, session, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 1024 * 1024)
    n_read = 0

    def endless():
        nonlocal n_read
        for _ in range(64):
            n_read += 1
            yield bytes(256 * 1024)

    answer = client.post("/rt/right/microphone?name=hours.wav", content=endless())

    assert answer.status_code == 413
    assert session.refused == ["hours.wav is too large: 1 MiB is the most."]
    assert session.taken == []
    assert client.post("/rt/right/microphone", content=b"x").status_code == 204


def test_a_file_that_says_it_is_too_large_is_not_read_at_all(client, session):
    n_read = 0

    def body():
        nonlocal n_read
        n_read += 1
        yield b"x"

    answer = client.post(
        "/rt/right/microphone?name=hours.wav",
        content=body(),
        headers={"content-length": "100000000"},
    )

    assert (answer.status_code, n_read) == (413, 0)
    assert session.refused == ["hours.wav is too large: 50 MiB is the most."]


def test_what_is_wrong_with_a_file_is_the_answer(client, session):
    session.error = AudioDeviceError("letter.txt cannot be the microphone: it is empty.")

    answer = client.post("/rt/right/microphone?name=letter.txt", content=b"")

    assert answer.status_code == 422
    assert answer.json() == {"detail": "letter.txt cannot be the microphone: it is empty."}


def test_a_session_that_has_ended_takes_no_file(client):
    answer = client.post("/rt/wrong/microphone?name=a.wav", content=b"x")

    assert answer.status_code == 404
    assert "Reload the page" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("question.wav", "question.wav"),
        ("../../etc/passwd", "passwd"),
        ("C:\\sounds\\question.wav", "question.wav"),
        ("a\nb\0c.wav", "abc.wav"),
        ("", "The file"),
        ("/", "The file"),
        ("..\\..\\x", "x"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
        (".bashrc", ".bashrc"),
        ("CON", "CON"),
        ("\u202egpj.\x1b[31mexe", "gpj.[31mexe"),
        ("..", ".."),
        ("x" * 300, "x" * 119 + "…"),
    ],
)
def test_a_file_is_called_by_its_own_name(name, shown):
    assert uploads.shown_name(name) == shown
