import pytest

from tests.ui.one_session import OneSession, guest_of


@pytest.fixture
def session():
    return OneSession()


@pytest.fixture
def client(session):
    return guest_of(session)


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


def test_a_channel_of_an_unknown_session_is_closed_for_good(client):
    with client.websocket_connect("/rt/wrong") as socket:
        assert socket.receive()["code"] == 4004
