"""Why a connection could not be made, in one sentence by cause."""

import ssl

import pytest
import websockets
from websockets.datastructures import Headers
from websockets.http11 import Response

from console.client.refusals import Refusals
from console.realtime.events import Event
from console.transport import Closed

KEY = "sk-proj-0123456789-wxyz"


def refusals(key: str | None = KEY, url: str = "wss://server.test/v1") -> Refusals:
    return Refusals(url, "gpt-x", key)


def status(code: int) -> websockets.InvalidStatus:
    return websockets.InvalidStatus(Response(code, "", Headers()))


@pytest.mark.parametrize(
    ("code", "cause", "words"),
    [
        (400, "model", "does not offer the model 'gpt-x' (HTTP 400)"),
        (401, "key", "did not accept the API key ending in wxyz"),
        (403, "permission", "does not give the API key ending in wxyz access (HTTP 403)"),
        (404, "model", "does not offer the model"),
        (429, "quota", "quota or rate limit is used up (HTTP 429)"),
        (503, "server", "ended the connection before a session began (HTTP 503)"),
        (301, "protocol", "does not speak the Realtime protocol as expected (HTTP 301)"),
    ],
)
def test_a_refused_handshake_is_told_by_its_status(code, cause, words):
    error = refusals().from_exception(status(code), 10)

    assert error.cause == cause
    assert str(error).startswith("server.test:443 ")
    assert words in str(error)
    assert KEY not in str(error)


@pytest.mark.parametrize(
    ("code", "close_code", "cause"),
    [
        ("invalid_api_key", 3000, "key"),
        ("missing_model", 4000, "model"),
        ("invalid_model", 4000, "model"),
        ("insufficient_quota", 4000, "quota"),
        ("beta_api_shape_disabled", 4000, "protocol"),
        ("anything_else", 4000, "server"),
        ("anything_else", 3000, "key"),
    ],
)
def test_an_error_inside_the_socket_is_told_by_its_code(code, close_code, cause):
    event = Event("error", None, {"error": {"code": code, "message": "Words."}})

    error = refusals().from_session(event, Closed(close_code, ""))

    assert error.cause == cause
    assert ("(Words)" in str(error)) == (cause != "key")


def test_a_bare_close_is_told_by_its_reason_or_its_code():
    by_reason = refusals().from_session(None, Closed(3000, "invalid_request_error.invalid_api_key"))
    by_code = refusals().from_session(None, Closed(1011, ""))

    assert by_reason.cause == "key"
    assert by_code.cause == "server"
    assert "(close code 1011)" in str(by_code)


def test_nothing_at_all_is_the_servers_doing_too():
    assert refusals().from_session(None, None).cause == "server"


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("ws://localhost:1/x", "localhost:1"),
        ("ws://localhost/x", "localhost:80"),
        ("wss://[::1]/x", "[::1]:443"),
        ("nonsense", "the given URL"),
        ("ws://h:99999999", "the given URL"),
    ],
)
def test_a_host_that_cannot_be_reached_is_named_with_its_port(url, where):
    error = refusals(url=url).from_exception(ConnectionRefusedError(), 10)

    assert str(error) == f"Nothing answers at {where}; check the address and the network."
    assert (error.cause, error.retryable) == ("unreachable", True)


def test_a_certificate_that_is_not_accepted_is_told():
    problem = ssl.SSLCertVerificationError("x")
    problem.verify_message = "self-signed certificate"

    error = refusals().from_exception(problem, 10)

    assert error.cause == "tls"
    assert "(its certificate was not accepted: self-signed certificate)" in str(error)


def test_tls_that_fails_inside_the_handshake_is_told_too():
    problem = websockets.InvalidHandshake("x")
    problem.__cause__ = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")

    assert refusals().from_exception(problem, 10).cause == "tls"


@pytest.mark.parametrize(("url", "cause"), [("wss://h", "tls"), ("ws://h", "server")])
def test_a_server_that_hangs_up_while_being_greeted_is_told(url, cause):
    error = refusals(url=url).from_exception(ConnectionResetError(), 10)

    assert error.cause == cause
    assert "(it hung up)" in str(error)


def test_a_timeout_says_how_long_was_waited():
    error = refusals().from_exception(TimeoutError(), 2.5)

    assert str(error) == "server.test:443 did not begin a session in time (2.5 s)."
    assert refusals().timed_out(2.5).cause == "timeout"


def test_a_url_that_is_no_websocket_is_told():
    error = refusals(url="http://x").from_exception(websockets.InvalidURI("http://x", "no"), 1)

    assert error.cause == "protocol"


def test_without_a_key_the_sentence_asks_for_one():
    error = refusals(None).from_exception(status(401), 10)

    assert str(error) == "server.test:443 asks for an API key, and none was given."
    assert "without an API key" in str(refusals(None).from_exception(status(403), 10))


def test_of_a_short_key_nothing_is_shown():
    assert str(refusals("abcd").from_exception(status(401), 1)) == (
        "server.test:443 did not accept the API key."
    )


@pytest.mark.parametrize("said", [f"Bad key {KEY}!", "Bad key sk-proj-0123***wxyz"])
def test_words_of_the_server_that_quote_the_key_stay_out(said):
    event = Event("error", None, {"error": {"code": "x", "message": said}})

    error = refusals().from_session(event, Closed(4000, ""))

    assert "sk-proj" not in str(error)
