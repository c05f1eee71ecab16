import pytest
from starlette.testclient import WebSocketDenialResponse

from console.ui.door.known_hosts import KnownHosts
from tests.ui.door.knock import HTML, application, browser


@pytest.fixture
def client():
    app = application()
    app.add_middleware(KnownHosts, hosts=("127.0.0.1", "[::1]", "box.local"))
    return browser(app, raise_server_exceptions=False)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "BOX.local", "box.local:1"])
def test_our_own_names_pass(client, host):
    # The page behind asks for its visitor, whom nobody has let in here.
    assert client.get("/", headers={"host": host}).status_code == 500


@pytest.mark.parametrize("host", ["evil.example", "www.box.local", "local", "box.local.", ""])
def test_another_name_is_refused_in_words_that_do_not_repeat_it(client, host):
    page = client.get("/", headers={"host": host, **HTML})
    words = client.get("/", headers={"host": host})

    assert page.status_code == words.status_code == 400
    assert "<h1>Not under this name</h1>" in page.text
    assert "Open the link as it was given to you." in words.text
    assert page.headers["x-frame-options"] == "DENY"
    assert not host or f">{host}" not in page.text


def test_a_socket_under_another_name_is_refused_in_its_handshake(client):
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        client.websocket_connect("ws://evil.example/rt/x"),
    ):
        pass

    assert caught.value.status_code == 400
