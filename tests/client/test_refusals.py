"""Why a connection could not be made, in one sentence by cause."""

import errno
import socket
import ssl

import orjson
import pytest
import websockets
from websockets.datastructures import Headers
from websockets.http11 import Response

from console.client.credentials import Credentials
from console.client.refusals import Refusals
from console.realtime.events import Event
from console.transport import Closed

KEY = "sk-proj-0123456789-wxyz"


def refusals(key: str | None = KEY, url: str = "wss://server.test/v1") -> Refusals:
    return Refusals(url, "model 'gpt-x'", Credentials(key))


def status(
    code: int, body: object = None, headers: dict[str, str] | None = None
) -> websockets.InvalidStatus:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return websockets.InvalidStatus(Response(code, "", Headers(headers or {}), raw))


def error_body(code: str, message: str = "Words.") -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


@pytest.mark.parametrize(
    ("code", "cause", "words"),
    [
        (400, "model", "does not offer the model 'gpt-x' (HTTP 400)"),
        (401, "key", "did not accept the API key ending in wxyz"),
        (403, "permission", "does not give the API key ending in wxyz access (HTTP 403)"),
        (404, "model", "does not offer the model"),
        (402, "quota", "out of credit"),
        (407, "proxy", "did not let the connection through"),
        (413, "too_large", "too large"),
        (426, "version", "asks for another version of the protocol (HTTP 426)"),
        (429, "rate_limit", "asks to slow down: too many requests (HTTP 429)"),
        (451, "region", "does not serve this country or region"),
        (503, "server", "is having trouble (503)."),
        (301, "portal", "points to another address (HTTP 301), where no key is sent"),
        (418, "protocol", "does not speak the Realtime protocol as expected (HTTP 418)"),
    ],
)
def test_a_refused_handshake_is_told_by_its_status(code, cause, words):
    error = refusals().from_exception(status(code), 10)

    assert error.cause == cause
    assert "server.test:443 " in str(error)
    assert words in str(error)
    assert KEY not in str(error)


@pytest.mark.parametrize(
    ("code", "close_code", "cause"),
    [
        ("invalid_api_key", 3000, "key"),
        ("missing_model", 4000, "model"),
        ("invalid_model", 4000, "model"),
        ("insufficient_quota", 4000, "quota"),
        ("billing_hard_limit_reached", 4000, "quota"),
        ("rate_limit_exceeded", 4000, "rate_limit"),
        ("unsupported_country_region_territory", 4000, "region"),
        ("beta_api_shape_disabled", 4000, "beta"),
        ("missing_beta_header", 4000, "version"),
        ("session_expired", 1001, "expired"),
        ("anything_else", 4000, "server"),
        ("anything_else", 3000, "key"),
    ],
)
def test_an_error_inside_the_socket_is_told_by_its_code(code, close_code, cause):
    event = Event("error", None, {"error": {"code": code, "message": "Words."}})

    error = refusals().from_session(event, Closed(close_code, ""))

    assert error.cause == cause
    assert ("(Words)" in str(error)) == (cause != "key")


@pytest.mark.parametrize(
    ("error", "closed", "is_retryable"),
    [
        ({"code": "unlisted", "message": "No."}, Closed(4000, ""), False),
        ({"code": "rate_limit_exceeded"}, Closed(4000, ""), True),
        ({"code": "unlisted", "type": "invalid_request_error"}, Closed(1011, ""), False),
        ({"code": "unlisted", "type": "invalid_request_error"}, None, False),
        ({"type": "server_error"}, Closed(1011, ""), True),
        (None, Closed(4999, "Go away."), False),
        (None, Closed(1011, ""), True),
    ],
)
def test_a_refusal_inside_the_socket_is_final_when_what_was_asked_for_is_wrong(
    error, closed, is_retryable
):
    event = Event("error", None, {"error": error}) if error is not None else None

    assert refusals().from_session(event, closed).retryable is is_retryable


@pytest.mark.parametrize("code", [408, 409, 421, 425])
def test_a_status_that_a_server_gives_while_it_comes_up_is_trouble_that_passes(code):
    error = refusals().from_exception(status(code), 10)

    assert (error.cause, error.retryable) == ("server", True)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        BrokenPipeError(),
        ssl.SSLEOFError(8, "EOF"),
        ConnectionAbortedError(),
    ],
)
def test_a_line_that_breaks_on_the_way_to_a_server_that_let_us_in_before_is_its_trouble(error):
    again = Refusals("wss://server.test/v1", "model 'gpt-x'", Credentials(KEY), was_let_in=True)

    told = again.from_exception(error, 10)

    assert (told.cause, told.retryable) == ("server", True)


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


def test_a_header_of_ones_own_that_is_refused_is_named():
    own = Refusals("wss://server.test/v1", "model 'm'", Credentials(name="your X-Token header"))

    told = [str(own.from_exception(status(code), 10)) for code in (401, 403)]

    assert told == [
        "server.test:443 did not accept your X-Token header.",
        "server.test:443 does not give your X-Token header access (HTTP 403).",
    ]


def test_of_a_short_key_nothing_is_shown():
    assert str(refusals("abcd").from_exception(status(401), 1)) == (
        "server.test:443 did not accept the API key."
    )


@pytest.mark.parametrize("said", [f"Bad key {KEY}!", "Bad key sk-proj-0123***wxyz"])
def test_words_of_the_server_that_quote_the_key_stay_out(said):
    event = Event("error", None, {"error": {"code": "x", "message": said}})

    error = refusals().from_session(event, Closed(4000, ""))

    assert "sk-proj" not in str(error)


@pytest.mark.parametrize(
    ("code", "body", "cause", "is_retryable"),
    [
        (403, error_body("unsupported_country_region_territory"), "region", False),
        (429, error_body("insufficient_quota"), "quota", False),
        (429, error_body("billing_hard_limit_reached"), "quota", False),
        (429, error_body("rate_limit_exceeded"), "rate_limit", True),
        (400, error_body("OpperationNotSupported"), "model", False),
        (401, error_body("OpperationNotSupported"), "model", False),
        (400, {"code": "invalid_api_key", "message": "flat"}, "key", False),
        (403, b"not json", "permission", False),
        (500, [1], "server", True),
    ],
)
def test_the_body_of_a_refusal_tells_more_than_its_status(code, body, cause, is_retryable):
    error = refusals().from_exception(status(code, body), 10)

    assert (error.cause, error.retryable) == (cause, is_retryable)


def test_words_of_a_refusals_body_are_repeated_and_never_with_the_key():
    told = refusals().from_exception(status(403, error_body("x", "Not yours.")), 10)
    hidden = refusals().from_exception(status(403, error_body("x", f"Not {KEY}.")), 10)

    assert "(HTTP 403: Not yours)" in str(told)
    assert "(HTTP 403)" in str(hidden)
    assert KEY not in str(hidden)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        (
            {
                "Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT",
                "Date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            30.0,
        ),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("code", [429, 503])
def test_what_the_server_asks_to_wait_is_told(code, headers, seconds):
    error = refusals().from_exception(status(code, None, headers), 10)

    assert error.retry_after_s == seconds


@pytest.mark.parametrize("code", [400, 404])
@pytest.mark.parametrize(
    "body",
    [
        b"No such page.\n",
        {"error": {"message": "No such page."}},
        {"error": {"code": "unlisted", "message": "No such page."}},
        {"error": "No such page."},
        {"detail": "No such page."},
        "No such page.",
    ],
)
def test_a_refusal_that_does_not_name_the_model_is_told_in_the_servers_words(code, body):
    error = refusals(url="wss://server.test/wrong?model=gpt-x").from_exception(
        status(code, body), 10
    )

    assert str(error) == f"server.test:443 answered {code} at /wrong: No such page."
    assert (error.cause, error.retryable) == ("protocol", False)


def test_a_refusal_that_names_the_model_is_told_with_it():
    error = refusals().from_exception(status(404, error_body("model_not_found")), 10)

    assert str(error) == "server.test:443 does not offer the model 'gpt-x' (HTTP 404: Words)."


def test_a_server_that_asks_for_the_header_of_beta_without_a_code_is_understood():
    body = {"error": {"message": "Missing required header 'OpenAI-Beta: realtime=v1'."}}

    assert refusals().from_exception(status(400, body), 10).cause == "version"


@pytest.mark.parametrize(
    ("subject", "words"),
    [("call 'rtc_x'", "does not offer call 'rtc_x'"), ("transcription", "offer transcription (")],
)
def test_what_was_asked_for_is_named_as_what_it_is(subject, words):
    error = Refusals("wss://server.test/v1", subject, Credentials(KEY)).from_exception(
        status(404), 10
    )

    assert words in str(error)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_named_and_its_address_is_not_shown(code):
    answer = status(code, b"", {"Location": f"https://portal.test/?key={KEY}"})

    error = refusals().from_exception(answer, 10)

    assert (error.cause, error.retryable) == ("portal", False)
    assert f"points to another address (HTTP {code})" in str(error)
    assert "sign in with a browser first" in str(error)
    assert "portal.test" not in str(error)


@pytest.mark.parametrize("code", [200, 400, 404])
def test_a_web_page_in_place_of_the_server_is_told(code):
    page = status(code, b"<html>Sign in</html>", {"Content-Type": "text/html"})

    error = refusals().from_exception(page, 10)

    assert (error.cause, error.retryable) == ("portal", False)
    assert "sign in with a browser first" in str(error)


def test_a_name_that_cannot_be_found_is_told_as_a_matter_of_the_network():
    error = refusals().from_exception(socket.gaierror(-2, "Name or service not known"), 10)

    assert str(error) == "Can't find server.test. Check the internet connection."
    assert (error.cause, error.retryable) == ("dns", True)


def test_no_way_to_the_host_is_told_as_a_matter_of_the_network():
    error = refusals().from_exception(OSError(errno.ENETUNREACH, "Network is unreachable"), 10)

    assert str(error) == "There is no way to server.test. Check the internet connection."
    assert (error.cause, error.retryable) == ("offline", True)


def test_a_proxy_that_refuses_is_told():
    error = refusals().from_exception(websockets.ProxyError("no"), 10)

    assert error.cause == "proxy"


# The end of a session that had begun


@pytest.mark.parametrize(
    ("closed", "code", "cause", "is_retryable", "sentence"),
    [
        (Closed(1000, ""), "", "ended", False, "Session ended by the server."),
        (Closed(1006, ""), "", "lost", True, "The connection was lost."),
        (Closed(1001, ""), "", "server", True, "closed the connection (1001)."),
        (Closed(1011, "Oops."), "", "server", True, "closed the connection (1011: Oops)."),
        (Closed(1012, ""), "", "server", True, "(1012)"),
        (Closed(1013, ""), "", "server", True, "(1013)"),
        (Closed(1002, "x"), "", "garbage", True, "sent what is no event"),
        (Closed(1007, ""), "", "garbage", True, "sent what is no event"),
        (Closed(1008, "Too rude."), "", "policy", False, "by its policy (Too rude)"),
        (Closed(1009, ""), "", "too_large", False, "too large"),
        (Closed(3000, ""), "", "key", False, "did not accept the API key"),
        (Closed(4000, "x.invalid_model"), "", "model", False, "does not offer"),
        (Closed(4999, "Bye"), "", "server", False, "(4999: Bye)"),
        (Closed(1001, "Too old."), "session_expired", "expired", True, "it was too old"),
        (Closed(1006, ""), "session_expired", "expired", True, "it was too old"),
        (Closed(4000, ""), "insufficient_quota", "quota", False, "out of credit"),
        (Closed(1011, ""), "server_error", "server", True, "closed the connection"),
    ],
)
def test_the_end_of_a_session_is_told_by_close_and_error(
    closed, code, cause, is_retryable, sentence
):
    event = Event("error", None, error_body(code)) if code else None

    error = refusals().ended(event, closed)

    assert (error.cause, error.retryable) == (cause, is_retryable)
    assert sentence in str(error)
