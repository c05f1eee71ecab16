"""What can be done with a call from outside."""

from collections.abc import AsyncIterator

import pytest

from console.client import calls, targets
from console.client.targets import Target
from console.errors import ConnectError
from tests.client.http_service import HttpService, reply, running


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    async with running() as played:
        yield played


@pytest.fixture
def call(service: HttpService) -> Target:
    return targets.call("rtc_1", api_key="sk-1", url=service.url)


@pytest.mark.parametrize(
    ("do", "path", "body"),
    [
        (calls.hang_up, "hangup", b""),
        (calls.reject, "reject", b""),
        (lambda call: calls.reject(call, 486), "reject", b'{"status_code":486}'),
        (
            lambda call: calls.accept(call, {"model": "m"}),
            "accept",
            b'{"type":"realtime","model":"m"}',
        ),
        (lambda call: calls.refer(call, "tel:+1"), "refer", b'{"target_uri":"tel:+1"}'),
    ],
)
async def test_each_is_asked_of_the_call(service, call, do, path, body):
    await do(call)

    asked = service.asked[0]
    assert (asked.method, asked.path, asked.body) == (
        "POST",
        f"/v1/realtime/calls/rtc_1/{path}",
        body,
    )
    assert asked.headers["authorization"] == "Bearer sk-1"


async def test_an_id_cannot_lead_elsewhere(service):
    await calls.hang_up(targets.call("../x?y=/", url=service.url))

    assert service.asked[0].path == "/v1/realtime/calls/..%2Fx%3Fy%3D%2F/hangup"


async def test_a_call_that_is_gone_is_told(service, call):
    service.answer = reply({}, "404 Gone")

    with pytest.raises(ConnectError, match="did not hang up call 'rtc_1': there is no such thing"):
        await calls.hang_up(call)


async def test_without_a_call_nothing_is_asked(service):
    with pytest.raises(ValueError, match=r"targets\.call"):
        await calls.hang_up(targets.openai("m", url=service.url))

    assert service.asked == []


@pytest.mark.parametrize("status_code", [200, 299, 700])
async def test_a_call_is_turned_away_with_a_refusal_only(service, call, status_code):
    with pytest.raises(ValueError, match="300 to 699"):
        await calls.reject(call, status_code)


@pytest.mark.parametrize("uri", ["", "tel", "tel:", "https://example.org"])
async def test_a_call_is_passed_on_to_a_phone_only(service, call, uri):
    with pytest.raises(ValueError, match="such as tel:"):
        await calls.refer(call, uri)

    assert service.asked == []
