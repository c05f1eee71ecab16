"""Questions over HTTP, to a service on this machine that the test plays."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from console.client import rest
from console.client.credentials import MAX_SAID
from console.client.rest import MAX_BODY_BYTES
from console.client.targets import Target
from console.errors import ConnectError
from tests.client.http_service import HttpService, reply, running

KEY = "sk-secret-key-of-the-test-wxyz"


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    async with running() as played:
        yield played


def target(service: HttpService, **options) -> Target:
    return Target(**{"url": service.url, "model": "m", "api_key": KEY, **options})


async def ask(target: Target, *, timeout_s: float = 5.0, body=None) -> bytes:
    return await rest.post(
        target, "things", "a/b", body=body, action="make a thing", timeout_s=timeout_s
    )


async def refusal(target: Target, **options) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await ask(target, **options)
    assert KEY[-6:] not in str(caught.value)
    return caught.value


async def test_the_question_goes_below_the_path_of_the_socket_with_key_and_json(service):
    service.answer = reply(b"yes")

    answer = await ask(target(service, headers={"X-Own": "1"}), body={"n": 1})

    asked = service.asked[0]
    assert answer == b"yes"
    assert (asked.method, asked.path, asked.json) == (
        "POST",
        "/v1/realtime/things/a%2Fb",
        {"n": 1},
    )
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["x-own"] == "1"


async def test_a_question_without_a_body_has_none(service):
    await ask(target(service))

    assert service.asked[0].body == b""
    assert "content-type" not in service.asked[0].headers


@pytest.mark.parametrize(
    ("status", "cause", "why", "retryable"),
    [
        ("401 No", "key", "it did not accept the key", False),
        ("403 No", "permission", "the key has no access to it", False),
        ("404 No", "model", "there is no such thing", False),
        ("429 No", "rate_limit", "it asks to slow down", True),
        ("451 No", "region", "it does not serve this country or region", False),
        ("407 No", "proxy", "a proxy on the way refused", False),
        ("500 No", "server", "it is in trouble", True),
        ("503 No", "server", "it is in trouble", True),
        ("422 No", "protocol", "it refused", False),
    ],
)
async def test_a_refusal_is_told_by_its_cause(service, status, cause, why, retryable):
    service.answer = reply({"error": {"message": "Because."}}, status)

    error = await refusal(target(service))

    assert str(error) == (
        f"127.0.0.1:{service.port} did not make a thing: {why} (HTTP {status[:3]}: Because)."
    )
    assert (error.cause, error.retryable) == (cause, retryable)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        [],
        {"error": None},
        {"error": {"message": 5}},
        {"error": {"message": f"Incorrect API key provided: {KEY}"}},
        {"error": {"message": "Incorrect API key provided: sk-sec***********wxyz"}},
    ],
)
async def test_words_that_are_none_or_that_quote_the_key_stay_out(service, body):
    service.answer = reply(body, "401 No")

    error = await refusal(target(service))

    assert str(error).endswith("it did not accept the key (HTTP 401).")


async def test_long_words_of_the_server_are_cut_and_plain_ones_are_told_too(service):
    service.answer = reply({"error": "no\n" * 1000}, "400 No")

    error = await refusal(target(service))

    assert "no no" in str(error)
    assert len(str(error)) < MAX_SAID + 100


async def test_without_a_key_the_sentence_says_that_one_is_needed(service):
    service.answer = reply({"error": {"message": "Missing bearer."}}, "401 No")

    error = await refusal(target(service, api_key=None))

    assert "it asks for an API key, and none was given (HTTP 401: Missing bearer)." in str(error)


@pytest.mark.parametrize(
    ("status", "words"),
    [("401 No", "it did not accept your Authorization header"), ("403 No", "has no access to it")],
)
async def test_a_header_of_ones_own_that_is_refused_is_named_and_not_shown(service, status, words):
    service.answer = reply({"error": {"message": "Wrong: token-of-ones-own."}}, status)
    headers = {"Authorization": "Bearer token-of-ones-own"}

    error = await refusal(target(service, api_key=None, headers=headers))

    assert words in str(error)
    assert str(error).endswith(f"(HTTP {status[:3]}).")


async def test_a_redirect_is_not_followed_with_the_key(service):
    async with running() as elsewhere:
        service.answer = reply(b"", "307 There", f"Location: {elsewhere.url}\r\n")

        error = await refusal(target(service))

    assert error.cause == "protocol"
    assert "it points elsewhere (HTTP 307), where no key is sent" in str(error)
    assert elsewhere.asked == []


async def test_more_than_can_be_used_is_not_read(service):
    service.answer = reply(bytes(MAX_BODY_BYTES + 1))

    error = await refusal(target(service))

    assert error.cause == "protocol"
    assert "more than can be used" in str(error)


async def test_a_server_that_does_not_answer_is_given_up(service):
    service.answer = None

    error = await refusal(target(service), timeout_s=0.05)

    assert (error.cause, error.retryable) == ("timeout", True)
    assert "it did not answer within 0.05 s" in str(error)


async def test_a_server_that_hangs_up_is_told(service):
    service.answer = b""

    error = await refusal(target(service))

    assert error.cause == "server"
    assert "it broke the connection off" in str(error)


async def test_an_account_without_credit_need_not_come_again(service):
    service.answer = reply({"error": {"code": "insufficient_quota", "message": "Pay."}}, "429 No")

    error = await refusal(target(service))

    assert (error.cause, error.retryable) == ("quota", False)
    assert "the account is out of credit (HTTP 429: Pay)." in str(error)


async def test_a_host_that_does_not_exist_is_told():
    error = await refusal(Target(url="wss://nowhere.invalid/v1/realtime", model="m"))

    assert (error.cause, error.retryable) == ("dns", True)
    assert str(error).startswith("nowhere.invalid did not make a thing: it cannot be found")


async def test_nobody_there_is_told(unused_tcp_port):
    error = await refusal(Target(url=f"ws://127.0.0.1:{unused_tcp_port}/v1/realtime", model="m"))

    assert (error.cause, error.retryable) == ("unreachable", True)


async def test_a_server_without_tls_is_told():
    async def answer_plainly(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Plain\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer_plainly, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await refusal(Target(url=f"wss://127.0.0.1:{port}/v1/realtime", model="m"))

    assert error.cause == "tls"
    assert "no secure connection could be made (" in str(error)


def test_a_certificate_that_is_not_trusted_is_told():
    certificate = ssl.SSLCertVerificationError(1, "x")
    certificate.verify_message = "self-signed certificate"
    error = httpx.ConnectError("x")
    error.__cause__ = certificate

    told = rest._Question(Target(url="wss://h/v1", model="m"), "do it").unanswered(error)

    assert told.cause == "tls"
    assert "its certificate was not accepted: self-signed certificate" in str(told)


async def test_what_json_cannot_carry_is_refused_before_anything_is_sent(service):
    with pytest.raises(ValueError, match="cannot be sent as JSON"):
        await ask(target(service), body={"x": object()})

    assert service.asked == []


async def test_a_key_is_not_sent_to_another_host_in_the_clear():
    error = await refusal(Target(url="ws://example.org/v1/realtime", model="m", api_key=KEY))

    assert "would travel to example.org unencrypted" in str(error)


async def test_the_key_is_in_no_log(service, caplog):
    caplog.set_level("DEBUG")
    service.answer = reply({"error": {"message": f"Bad {KEY}"}}, "401 No")

    await refusal(target(service))

    assert caplog.records
    assert KEY not in caplog.text


async def test_what_is_at_an_address_is_asked_for_without_a_body(service):
    service.answer = reply(b"all of it")

    answer = await rest.get(target(service), action="show it", timeout_s=5.0)

    assert answer == b"all of it"
    assert (service.asked[0].method, service.asked[0].path) == ("GET", "/v1/realtime")
    assert service.asked[0].headers["authorization"] == f"Bearer {KEY}"
