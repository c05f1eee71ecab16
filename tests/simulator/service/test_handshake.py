import json

import httpx
import pytest
import websockets
from websockets.asyncio.client import connect

from tests.simulator.serving import Talker, closing, handshake_status, open_session, running


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["realtime", "openai-insecure-api-key.k"], "realtime"),
        (["openai-insecure-api-key.k"], None),
        (None, None),
    ],
)
async def test_realtime_is_the_only_subprotocol_ever_answered(offered, chosen):
    async with running() as server, open_session(server, subprotocols=offered) as connection:
        assert connection.subprotocol == chosen


async def told_and_closed(connection):
    error = (await Talker(connection).until("error"))[-1]["error"]
    return (error["code"], *await closing(connection))


@pytest.mark.parametrize(
    "offer",
    [
        {},
        {"additional_headers": {"authorization": "Bearer wrong"}},
        {"additional_headers": {"api-key": "wrong"}},
        {"subprotocols": ["realtime", "openai-insecure-api-key.wrong"]},
    ],
)
async def test_a_wrong_key_is_told_inside_the_socket_and_closed_with_3000(offer):
    async with running(require_key="right") as server, open_session(server, **offer) as connection:
        ending = await told_and_closed(connection)

    assert ending == ("invalid_api_key", 3000, "invalid_request_error.invalid_api_key")


@pytest.mark.parametrize(
    "offer",
    [
        {"additional_headers": {"AUTHORIZATION": "Bearer right"}},
        {"additional_headers": {"api-key": "right"}},
        {"subprotocols": ["realtime", "openai-insecure-api-key.right"]},
    ],
)
async def test_the_right_key_is_found_in_any_header_and_in_the_subprotocols(offer):
    async with running(require_key="right") as server, open_session(server, **offer) as connection:
        first = json.loads(await connection.recv())

    assert first["type"] == "session.created"


@pytest.mark.parametrize(
    ("query", "headers", "code"),
    [
        ("", {}, "missing_model"),
        ("?model=gpt-4", {}, "invalid_model"),
        ("?model=", {}, "missing_model"),
        ("?model=gpt-realtime", {"OpenAI-Beta": "realtime=v1"}, "beta_api_shape_disabled"),
        ("?model=gpt-realtime", {"openai-beta": "x, realtime=v1"}, "beta_api_shape_disabled"),
        ("?intent=conversation", {}, "invalid_value"),
        ("?call_id=rtc_unknown", {}, "invalid_value"),
        ("?model=gpt-realtime&intent=transcription", {}, "invalid_value"),
        ("?model=gpt-realtime&call_id=rtc_1", {}, "invalid_value"),
        ("?call_id=rtc_1&intent=transcription", {}, "invalid_value"),
    ],
)
async def test_what_cannot_be_served_is_told_and_closed_with_4000(query, headers, code):
    async with (
        running(models=["gpt-realtime"], serves_beta=False) as server,
        open_session(server, query, additional_headers=headers) as connection,
    ):
        ending = await told_and_closed(connection)

    assert ending == (code, 4000, f"invalid_request_error.{code}")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:{port}",
        "localhost:x",
        "::1",
    ],
)
async def test_only_loopback_names_are_served(host):
    async with running() as server, httpx.AsyncClient() as browser:
        headers = {"Host": host.format(port=server.port)}
        answer = await browser.get(f"http://127.0.0.1:{server.port}/", headers=headers)

    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:443"])
async def test_tunnels_and_mapped_ports_lead_here(host):
    async with running() as server, httpx.AsyncClient() as browser:
        answer = await browser.get(f"http://127.0.0.1:{server.port}/", headers={"Host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:3000", "http://127.0.0.1:5173", "https://localhost", "http://[::1]:1"],
)
async def test_pages_of_this_machine_may_connect_at_whatever_port(origin):
    async with running() as server, open_session(server, origin=origin) as connection:
        assert json.loads(await connection.recv())["type"] == "session.created"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1:{port}.evil.example",
        "http://localhost.evil.example:3000",
        "file://localhost",
        "http://evil@localhost:3000",
    ],
)
async def test_pages_of_foreign_origins_may_not_connect(origin):
    async with running(allowed_origins=["http://good.example"]) as server:
        foreign = origin.format(port=server.port)
        status = await handshake_status(server, origin=foreign)
        async with open_session(server, origin="http://good.example"):
            pass
        async with open_session(server, origin=f"http://localhost:{server.port}"):
            pass

    assert status == 403


async def test_unknown_paths_are_404():
    async with running() as server:
        assert await handshake_status(server, "/v1/realtime/unknown?model=x") == 404


async def first_event(server, path="/v1/realtime?model=gpt-realtime", **options):
    url = f"ws://127.0.0.1:{server.port}{path}"
    async with connect(url, compression=None, **options) as connection:
        return json.loads(await connection.recv())


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/v1/realtime?model=m", {"additional_headers": {"OpenAI-Beta": "realtime=v1"}}),
        ("/v1/realtime?model=m", {"additional_headers": {"openai-beta": "realtime=v1"}}),
        (
            "/v1/realtime?model=m",
            {"subprotocols": ["realtime", "openai-insecure-api-key.k", "openai-beta.realtime-v1"]},
        ),
        ("/openai/realtime?api-version=2025-04-01-preview&deployment=m", {}),
    ],
)
async def test_the_beta_is_spoken_with_who_asks_for_it(path, options):
    async with running() as server:
        session = (await first_event(server, path, **options))["session"]

    assert (session["model"], session["modalities"]) == ("m", ["text", "audio"])


@pytest.mark.parametrize("value", ["assistants=v2", ""])
async def test_another_beta_is_none_of_ours(value):
    async with running() as server:
        event = await first_event(server, additional_headers={"OpenAI-Beta": value})

    assert event["session"]["type"] == "realtime"


async def test_azure_s_path_of_today_is_served():
    async with running() as server:
        event = await first_event(server, "/openai/v1/realtime?model=deployment")

    assert event["session"]["model"] == "deployment"


@pytest.mark.parametrize(
    ("path", "options", "status", "code"),
    [
        ("/openai/v1/realtime?model=m", {}, 401, "401"),
        ("/openai/realtime?deployment=m", {}, 401, "401"),
        (
            "/openai/v1/realtime?model=x",
            {"additional_headers": {"api-key": "right"}},
            400,
            "OpperationNotSupported",
        ),
    ],
)
async def test_azure_refuses_in_the_handshake(path, options, status, code):
    async with running(require_key="right", models=["m"]) as server:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await first_event(server, path, **options)

    answer = refused.value.response
    assert answer.status_code == status
    assert json.loads(answer.body)["error"]["code"] == code


async def test_headers_that_say_who_asks_are_ignored():
    headers = {
        "OpenAI-Organization": "org",
        "OpenAI-Project": "project",
        "X-Stainless-Lang": "python",
        "Content-Type": "application/json",
    }
    async with running() as server:
        event = await first_event(server, additional_headers=headers, user_agent_header="x/1")

    assert event["type"] == "session.created"


async def test_a_transcription_session_needs_no_model():
    async with running() as server:
        session = (await first_event(server, "/v1/realtime?intent=transcription"))["session"]

    assert session["type"] == "transcription"


async def test_the_models_are_listed_over_http():
    async with running() as server, httpx.AsyncClient() as browser:
        listed = (await browser.get(f"http://127.0.0.1:{server.port}/v1/models")).json()

    assert "gpt-realtime-2.1" in [model["id"] for model in listed["data"]]


@pytest.mark.parametrize(
    "model",
    [
        "whisper-1",
        "gpt-4o",
        "gpt-transcribe",
        "gpt-4o-mini-tts",
        "gpt-realtime-whisper",
        "gpt-realtime-translate",
    ],
)
async def test_a_model_of_another_kind_is_told_so_and_closed_with_4000(model):
    async with running() as server, open_session(server, f"?model={model}") as connection:
        told = json.loads(await connection.recv())
        ending = await closing(connection)

    assert told["error"]["code"] == "invalid_model"
    assert ending == (4000, "invalid_request_error.invalid_model")


async def test_a_model_that_nobody_knows_is_served():
    async with running() as server, open_session(server, "?model=my-deployment") as connection:
        assert json.loads(await connection.recv())["type"] == "session.created"


async def test_a_client_secret_that_nobody_made_is_refused_even_where_any_key_will_do():
    headers = {"Authorization": "Bearer ek_unknown"}
    async with running() as server, open_session(server, additional_headers=headers) as connection:
        told = json.loads(await connection.recv())
        ending = await closing(connection)

    assert told["error"]["code"] == "invalid_api_key"
    assert told["error"]["message"] == (
        "Incorrect API key provided: ek_***. It is no client secret of this simulator, or has "
        "expired: make one with POST /v1/realtime/client_secrets."
    )
    assert ending == (3000, "invalid_request_error.invalid_api_key")


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("", "none was given"),
        ("wrong", "***"),
        ("sk-shorter-than-20", "sk-***"),
        ("sk-proj-0123456789abcdef", "sk-***cdef"),
        ("0123456789abcdef01234567", "***4567"),
    ],
)
async def test_a_wrong_key_is_told_with_most_of_it_hidden(key, shown):
    headers = {"api-key": key} if key else {}
    async with (
        running(require_key="right") as server,
        open_session(server, additional_headers=headers) as connection,
    ):
        told = json.loads(await connection.recv())

    assert told["error"]["message"] == (
        f"Incorrect API key provided: {shown}. Use the key that this simulator was started with."
    )
