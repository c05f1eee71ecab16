"""Keys for one session."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from console.client import targets
from console.client.client_secrets import ClientSecret, create_client_secret
from console.client.targets import DEFAULT_MODEL, Target
from console.errors import ConnectError
from tests.client.http_service import HttpService, reply, running

KEY = "sk-secret-key-of-the-test-wxyz"
ANSWER = {"value": "ek_1234567890", "expires_at": 1_750_000_600, "session": {"type": "realtime"}}


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    async with running() as played:
        played.answer = reply(ANSWER)
        yield played


async def test_a_secret_is_made_for_the_targets_model(service):
    target = targets.openai("m", api_key=KEY, url=service.url)

    secret = await create_client_secret(target, session={"instructions": "Be brief."})

    assert secret == ClientSecret(SecretStr("ek_1234567890"), 1_750_000_600, {"type": "realtime"})
    assert service.asked[0].path == "/v1/realtime/client_secrets"
    assert service.asked[0].json == {
        "expires_after": {"anchor": "created_at", "seconds": 600},
        "session": {"type": "realtime", "model": "m", "instructions": "Be brief."},
    }


async def test_a_url_and_a_key_are_enough(service):
    await create_client_secret(service.url, KEY, expires_after_s=10)

    asked = service.asked[0]
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.json["session"] == {"type": "realtime", "model": DEFAULT_MODEL}
    assert asked.json["expires_after"]["seconds"] == 10


async def test_a_key_beside_a_target_is_the_one_that_is_sent(service):
    await create_client_secret(targets.openai("m", api_key="other", url=service.url), KEY)

    assert service.asked[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("aim", "session"),
    [
        (targets.transcription, None),
        (lambda url: url, {"type": "transcription"}),
        (targets.openai, {"type": "transcription"}),
    ],
)
async def test_a_secret_for_transcription_names_no_model(service, aim, session):
    await create_client_secret(aim(url=service.url), session=session)

    assert service.asked[0].json["session"] == {"type": "transcription"}


async def test_azure_is_asked_with_its_own_header(service):
    target = targets.azure(f"http://127.0.0.1:{service.port}", "d", api_key=KEY)

    await create_client_secret(target)

    assert service.asked[0].path == "/openai/v1/realtime/client_secrets"
    assert service.asked[0].headers["api-key"] == KEY
    assert service.asked[0].json["session"]["model"] == "d"


async def test_a_secret_is_a_key_that_shows_in_no_text(service):
    secret = await create_client_secret(service.url, KEY)

    target = targets.openai("m", api_key=secret)

    assert target.handshake_headers() == {"Authorization": "Bearer ek_1234567890"}
    assert "ek_" not in f"{secret!r} {secret} {target!r}"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        [],
        {},
        {"value": "", "expires_at": 1},
        {"value": 5, "expires_at": 1},
        {"value": "ek_1", "expires_at": "soon"},
        {"value": "ek_1"},
    ],
)
async def test_an_answer_without_a_secret_is_told(service, answer):
    service.answer = reply(answer)

    with pytest.raises(ConnectError, match="something else than a client secret") as caught:
        await create_client_secret(service.url, KEY)

    assert caught.value.cause == "protocol"


async def test_a_session_that_is_not_told_is_empty(service):
    service.answer = reply({**ANSWER, "session": None})

    assert (await create_client_secret(service.url, KEY)).session == {}


async def test_a_refusal_says_what_was_asked_for(service):
    service.answer = reply({}, "401 No")

    with pytest.raises(ConnectError, match="did not make a client secret: it did not accept"):
        await create_client_secret(service.url, KEY)


async def test_a_life_that_is_no_number_is_refused(service):
    life: Any = "60"
    with pytest.raises(TypeError, match="whole number of seconds, not of type str"):
        await create_client_secret(service.url, KEY, expires_after_s=life)

    assert service.asked == []


@pytest.mark.parametrize("expires_after_s", [9, 7201])
async def test_a_life_out_of_range_is_refused(service, expires_after_s):
    with pytest.raises(ValueError, match=f"10 to 7200 seconds, not {expires_after_s}"):
        await create_client_secret(service.url, KEY, expires_after_s=expires_after_s)

    assert service.asked == []


@pytest.mark.parametrize(
    "target",
    [
        Target(url="wss://h/v1/realtime", call_id="rtc_1"),
        targets.azure("https://h", "d", api_key="k", api_version="2025-04-01-preview"),
    ],
)
async def test_a_call_and_the_preview_have_no_secrets(target):
    with pytest.raises(ValueError, match="existing call or speaks beta"):
        await create_client_secret(target)
