"""OpenAI's Python SDK at the simulator's REST endpoints, and on a call's sideband."""

import openai
import pytest
import websockets
from openai import AsyncOpenAI

from tests.simulator.serving import running

OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
SESSION = {"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."}


@pytest.fixture
async def sdk():
    async with running(require_key="right") as server:
        base_url = f"http://127.0.0.1:{server.port}/v1"
        async with AsyncOpenAI(api_key="right", base_url=base_url, max_retries=0) as client:
            yield client


async def test_a_client_secret_opens_the_session_it_was_made_for(sdk):
    made = await sdk.realtime.client_secrets.create(session=SESSION)
    page = sdk.with_options(api_key=made.value)
    async with page.realtime.connect(model="gpt-realtime") as connection:
        created = await connection.recv()

    assert made.session.instructions == created.session.instructions == "Be brief."


async def test_a_call_is_begun_steered_and_hung_up(sdk):
    answer = await sdk.realtime.calls.with_raw_response.create(sdp=OFFER, session=SESSION)
    call_id = answer.headers["Location"].rpartition("/")[2]
    async with sdk.realtime.connect(call_id=call_id) as connection:
        await connection.session.update(session={"type": "realtime"})
        first = await connection.recv()
        await sdk.realtime.calls.hangup(call_id)
        with pytest.raises(websockets.ConnectionClosedOK):
            await connection.recv()

    assert (answer.status_code, first.type) == (201, "session.updated")
    assert first.session.instructions == "Be brief."


async def test_models_are_listed_and_shown(sdk):
    listed = [model.id async for model in await sdk.models.list()]
    shown = await sdk.models.retrieve("gpt-realtime")

    assert shown.id in listed
    with pytest.raises(openai.NotFoundError) as missing:
        await sdk.models.retrieve("gpt-4")
    assert missing.value.code == "model_not_found"


async def test_a_session_of_the_beta_is_made(sdk):
    made = await sdk.beta.realtime.sessions.create(model="gpt-realtime", voice="echo")

    assert (made.voice, made.client_secret.value[:3]) == ("echo", "ek_")


async def test_mistakes_reach_the_sdk_as_its_own_exceptions(sdk):
    with pytest.raises(openai.BadRequestError) as wrong:
        await sdk.realtime.client_secrets.create(session={"type": "realtime", "voice": "echo"})
    with pytest.raises(openai.AuthenticationError) as refused:
        await sdk.with_options(api_key="wrong").realtime.client_secrets.create()
    with pytest.raises(openai.NotFoundError):
        await sdk.realtime.calls.hangup("rtc_unknown")

    assert (wrong.value.code, wrong.value.param) == ("unknown_parameter", "session.voice")
    assert refused.value.code == "invalid_api_key"
