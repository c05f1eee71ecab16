import json
from contextlib import asynccontextmanager

import httpx
import pytest
from openai.types.realtime import ClientSecretCreateResponse
from websockets.asyncio.client import connect

from console.clock import SystemClock
from console.simulator.service.rest import DEFAULT_LIFETIME_S
from tests.simulator.serving import Talker, closing, open_session, running

OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"


class SteppedClock(SystemClock):
    """Wall time that a test moves."""

    def __init__(self):
        self.ahead_s = 0.0

    def wall_s(self):
        return super().wall_s() + self.ahead_s


@asynccontextmanager
async def served(**options):
    async with (
        running(**options) as server,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client,
    ):
        yield server, client


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


# ---------------------------------------------------------------- whoever asks


async def test_the_root_says_what_this_is_without_a_key():
    async with served(require_key="right") as (_, client):
        answer = await client.get("/")

    assert (answer.status_code, "/v1/realtime?model=" in answer.text) == (200, True)


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "HEAD", "OPTIONS"])
async def test_foreign_hosts_and_origins_are_turned_away_whatever_they_ask(method):
    async with served() as (_, client):
        host = await client.request(method, "/v1/models", headers={"Host": "evil.example"})
        origin = await client.request(
            method, "/v1/models", headers={"Origin": "https://evil.example"}
        )

    assert (host.status_code, origin.status_code) == (400, 403)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("POST", "/v1/realtime/client_secrets"),
        ("POST", "/v1/realtime/calls"),
    ],
)
@pytest.mark.parametrize("headers", [{}, bearer("wrong"), {"api-key": "wrong"}, bearer("ek_old")])
async def test_a_wrong_key_is_a_401_in_the_shape_of_the_service(method, path, headers):
    async with served(require_key="right") as (_, client):
        answer = await client.request(method, path, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1/models", "GET"),
        ("GET", "/v1/realtime/client_secrets", "POST"),
        ("DELETE", "/v1/realtime/calls/rtc_1/hangup", "POST"),
        ("POST", "/v1/realtime", "GET"),
    ],
)
async def test_a_wrong_method_is_a_405_that_names_the_right_one(method, path, allowed):
    async with served() as (_, client):
        answer = await client.request(method, path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert answer.json()["error"]["code"] == "method_not_supported"


@pytest.mark.parametrize("path", ["/v1/unknown", "/v1/realtime/calls/rtc_1/sing", "/v2/realtime"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_path_is_a_404(method, path):
    async with served() as (_, client):
        answer = await client.request(method, path)

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == f"Invalid URL ({method} {path})"


async def test_a_path_for_websockets_says_so():
    async with served() as (_, client):
        assert (await client.get("/v1/realtime?model=x")).status_code == 426


# ---------------------------------------------------------------- models


@pytest.mark.parametrize("page", ["http://localhost:3000", "http://127.0.0.1:5173"])
async def test_a_page_of_this_machine_may_ask_and_read(page):
    wanted = {
        "Origin": page,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    async with served(require_key="right") as (_, client):
        may = await client.options("/v1/realtime/client_secrets", headers=wanted)
        refused = await client.post("/v1/realtime/client_secrets", headers={"Origin": page})
        key = {"Origin": page, "Authorization": "Bearer right"}
        made = await client.post("/v1/realtime/client_secrets", headers=key, json={})

    assert (may.status_code, refused.status_code, made.status_code) == (204, 401, 200)
    for answer in (may, refused, made):
        assert answer.headers["Access-Control-Allow-Origin"] == page


@pytest.mark.parametrize(
    ("model", "status"),
    [
        ("nosuch", 200),
        ("whisper-1", 404),
        ("gpt-realtime-whisper", 200),
        ("gpt-realtime-translate", 200),
    ],
)
async def test_a_model_is_shown_if_there_are_sessions_with_it(model, status):
    async with served() as (_, client):
        answer = await client.get(f"/v1/models/{model}")

    assert answer.status_code == status


async def test_a_client_secret_that_nobody_made_opens_nothing():
    async with served() as (_, client):
        answer = await client.get("/v1/models", headers={"Authorization": "Bearer ek_unknown"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")


async def test_models_are_listed_and_shown():
    async with served(models=["gpt-realtime", "mine"]) as (_, client):
        listed = (await client.get("/v1/models")).json()
        shown = (await client.get("/v1/models/mine")).json()
        unknown = await client.get("/v1/models/gpt-4")
        head = await client.head("/v1/models")

    assert [model["id"] for model in listed["data"]] == ["gpt-realtime", "mine"]
    assert shown == {"id": "mine", "object": "model", "created": 0, "owned_by": "simulator"}
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
    assert (head.status_code, head.content) == (200, b"")


# ---------------------------------------------------------------- client secrets


async def test_a_secret_is_made_in_the_shape_of_the_service():
    clock = SteppedClock()
    async with served(clock=clock) as (_, client):
        before = clock.wall_s()
        answer = await client.post("/v1/realtime/client_secrets")

    made = answer.json()
    ClientSecretCreateResponse.model_validate(made, strict=True)
    assert answer.status_code == 200
    assert list(made) == ["value", "expires_at", "session"]
    assert made["value"].startswith("ek_")
    assert 0 <= made["expires_at"] - int(before) - DEFAULT_LIFETIME_S <= 5
    assert made["session"]["model"] == "gpt-realtime"


async def test_a_connection_with_a_secret_begins_with_its_session():
    body = {
        "expires_after": {"anchor": "created_at", "seconds": 10},
        "session": {
            "type": "realtime",
            "model": "gpt-realtime-2",
            "instructions": "Be brief.",
            "audio": {"input": {"turn_detection": None}},
        },
    }
    async with served(require_key="right") as (server, client):
        made = (
            await client.post("/v1/realtime/client_secrets", json=body, headers=bearer("right"))
        ).json()
        subprotocols = ["realtime", f"openai-insecure-api-key.{made['value']}"]
        async with open_session(server, "", subprotocols=subprotocols) as connection:
            session = json.loads(await connection.recv())["session"]
        async with open_session(server, additional_headers=bearer(made["value"])) as connection:
            again = json.loads(await connection.recv())["session"]

    assert session["instructions"] == again["instructions"] == "Be brief."
    assert session["audio"] == made["session"]["audio"]
    assert session["audio"]["input"]["turn_detection"] is None
    assert (session["model"], again["model"]) == ("gpt-realtime-2", "gpt-realtime-2")


async def test_a_secret_opens_nothing_once_it_has_expired():
    clock = SteppedClock()
    async with served(require_key="right", clock=clock) as (server, client):
        made = (await client.post("/v1/realtime/client_secrets", headers=bearer("right"))).json()
        clock.ahead_s = DEFAULT_LIFETIME_S + 1
        async with open_session(server, additional_headers=bearer(made["value"])) as connection:
            error = (await Talker(connection).until("error"))[-1]["error"]
            ending = await closing(connection)

    assert error["code"] == "invalid_api_key"
    assert ending == (3000, "invalid_request_error.invalid_api_key")


@pytest.mark.parametrize(
    "path",
    [
        "realtime/client_secrets",
        "realtime/translations/client_secrets",
        "realtime/sessions",
        "realtime/transcription_sessions",
    ],
)
@pytest.mark.parametrize("options", [{}, {"require_key": "right"}])
async def test_a_secret_makes_no_other_so_that_it_ends_when_it_should(path, options):
    async with served(**options) as (_, client):
        made = (await client.post("/v1/realtime/client_secrets", headers=bearer("right"))).json()
        answer = await client.post(f"/v1/{path}", headers=bearer(made["value"]))
        models = await client.get("/v1/models", headers=bearer(made["value"]))

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
    assert "makes no other secret" in answer.json()["error"]["message"]
    assert models.status_code == 200


async def test_a_secret_may_be_for_a_transcription():
    session = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}
    async with served() as (server, client):
        made = (await client.post("/v1/realtime/client_secrets", json={"session": session})).json()
        ClientSecretCreateResponse.model_validate(made, strict=True)
        async with open_session(server, "", additional_headers=bearer(made["value"])) as connection:
            begun = json.loads(await connection.recv())["session"]

    assert begun["type"] == "transcription"
    assert begun["audio"]["input"]["turn_detection"] is None


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"expires_after": {"seconds": 9}}, "integer_below_min_value", "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "integer_above_max_value", "expires_after.seconds"),
        ({"expires_after": {"anchor": "now"}}, "invalid_value", "expires_after.anchor"),
        ({"expires_after": 60}, None, "expires_after"),
        ({"session": {"type": "song"}}, "invalid_value", "session.type"),
        ({"session": {"type": []}}, "invalid_value", "session.type"),
        ({"session": {"model": 1}}, None, "session.model"),
        ({"session": {"model": "gpt-4"}}, "invalid_model", "session.model"),
        ({"session": {"voice": "alloy"}}, "unknown_parameter", "session.voice"),
        ({"session": "x"}, None, "session"),
        ({"sesion": {}}, "unknown_parameter", "sesion"),
        ([], None, "body"),
    ],
)
async def test_a_secret_that_makes_no_sense_is_a_400_that_names_the_parameter(body, code, param):
    async with served(models=["gpt-realtime"]) as (_, client):
        answer = await client.post("/v1/realtime/client_secrets", json=body)

    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param)
    assert code is None or error["code"] in {code, "invalid_value"}


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[1", b"NaN"])
async def test_a_body_that_is_no_json_is_a_400(body):
    async with served() as (_, client):
        answer = await client.post("/v1/realtime/client_secrets", content=body)

    assert answer.status_code == 400
    assert "parse the JSON body" in answer.json()["error"]["message"]


# ---------------------------------------------------------------- what the beta had


async def test_a_session_of_the_beta_is_made_over_rest_and_begun():
    async with served() as (server, client):
        body = {"model": "gpt-4o-realtime-preview", "voice": "echo", "temperature": 0.7}
        made = (await client.post("/v1/realtime/sessions", json=body)).json()
        headers = {**bearer(made["client_secret"]["value"]), "OpenAI-Beta": "realtime=v1"}
        async with open_session(server, "", additional_headers=headers) as connection:
            begun = json.loads(await connection.recv())["session"]
        todays = bearer(made["client_secret"]["value"])
        async with open_session(server, "", additional_headers=todays) as connection:
            today = json.loads(await connection.recv())["session"]

    assert (made["voice"], begun["voice"], begun["temperature"]) == ("echo", "echo", 0.7)
    assert begun["model"] == "gpt-4o-realtime-preview"
    assert today["audio"]["output"]["voice"] == "echo"


async def test_a_secret_of_today_opens_a_session_of_the_beta():
    session = {"type": "realtime", "audio": {"output": {"voice": "echo"}}}
    async with served() as (server, client):
        made = (await client.post("/v1/realtime/client_secrets", json={"session": session})).json()
        headers = {**bearer(made["value"]), "OpenAI-Beta": "realtime=v1"}
        async with open_session(server, "", additional_headers=headers) as connection:
            begun = json.loads(await connection.recv())["session"]

    assert begun["voice"] == "echo"


async def test_a_transcription_session_of_the_beta_is_made_over_rest():
    async with served() as (_, client):
        body = {"input_audio_format": "pcm16", "turn_detection": None}
        made = (await client.post("/v1/realtime/transcription_sessions", json=body)).json()

    assert made["turn_detection"] is None
    assert made["client_secret"]["value"].startswith("ek_")


@pytest.mark.parametrize("path", ["sessions", "transcription_sessions"])
async def test_the_beta_is_over_where_it_is_switched_off(path):
    async with served(serves_beta=False) as (_, client):
        answer = await client.post(f"/v1/realtime/{path}", json={})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "beta_api_shape_disabled")


# ---------------------------------------------------------------- calls


async def begin_call(client, **options):
    answer = await client.post("/v1/realtime/calls", **options)
    assert answer.status_code == 201, answer.text
    return answer, answer.headers["Location"].rpartition("/")[2]


async def test_a_call_is_begun_with_an_answer_that_declines_the_media():
    files = {
        "sdp": (None, OFFER, "application/sdp"),
        "session": (None, json.dumps({"type": "realtime", "model": "gpt-realtime"})),
    }
    async with served() as (_, client):
        answer, call_id = await begin_call(client, files=files)

    assert call_id.startswith("rtc_")
    assert answer.headers["Content-Type"] == "application/sdp"
    assert "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n" in answer.text


async def test_a_raw_offer_takes_its_session_from_the_secret():
    session = {"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."}
    async with served(require_key="right") as (server, client):
        made = (
            await client.post(
                "/v1/realtime/client_secrets", json={"session": session}, headers=bearer("right")
            )
        ).json()
        headers = {**bearer(made["value"]), "Content-Type": "application/sdp"}
        _, call_id = await begin_call(client, content=OFFER, headers=headers)
        url = f"{server.url}?call_id={call_id}"
        async with connect(url, additional_headers=bearer("right")) as connection:
            talker = Talker(connection)
            await talker.send(type="session.update", session={"type": "realtime"})
            updated = (await talker.until("session.updated"))[-1]

    assert updated["session"]["instructions"] == "Be brief."


@pytest.mark.parametrize(
    ("request_options", "param"),
    [
        ({"content": OFFER, "headers": {"Content-Type": "application/sdp"}}, "session.model"),
        ({"content": "hello", "headers": {"Content-Type": "application/sdp"}}, "sdp"),
        ({"json": {}}, "sdp"),
        ({"files": {"session": (None, "{}")}}, "sdp"),
        ({"files": {"sdp": (None, OFFER), "session": (None, "{")}}, "session"),
        (
            {"files": {"sdp": (None, OFFER), "session": (None, '{"model":"m","voice":"x"}')}},
            "session.voice",
        ),
    ],
)
async def test_a_call_that_makes_no_sense_is_a_400_that_names_the_parameter(request_options, param):
    async with served() as (_, client):
        answer = await client.post("/v1/realtime/calls", **request_options)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def asked_session(session):
    files = {"sdp": (None, OFFER, "application/sdp"), "session": (None, json.dumps(session))}
    return {"files": files}


CALL_OF_TRANSCRIPTION = (
    "A call carries a session of type 'realtime' only, not 'transcription': "
    "connect with a WebSocket for that."
)


async def test_a_call_of_another_type_is_told_that_calls_are_realtime_only():
    session = {
        "type": "transcription",
        "audio": {"input": {"transcription": {"model": "gpt-transcribe"}}},
    }
    async with served() as (server, client):
        begun = await client.post("/v1/realtime/calls", **asked_session(session))
        accepted = await client.post(
            f"/v1/realtime/calls/{server.ring()}/accept", json={"type": "transcription"}
        )
        secret = (
            await client.post("/v1/realtime/client_secrets", json={"session": session})
        ).json()["value"]
        headers = {**bearer(secret), "Content-Type": "application/sdp"}
        with_secret = await client.post("/v1/realtime/calls", content=OFFER, headers=headers)

    for answer, param in (
        (begun, "session.type"),
        (accepted, "type"),
        (with_secret, "session.type"),
    ):
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (400, "invalid_value", param)
        assert error["message"] == CALL_OF_TRANSCRIPTION


async def test_a_call_of_no_type_there_is_names_the_one_that_there_is():
    async with served() as (_, client):
        answer = await client.post("/v1/realtime/calls", **asked_session({"type": "song"}))

    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, "session.type")
    assert "'realtime'" in error["message"]
    assert "transcription" not in error["message"]


@pytest.mark.parametrize("model", ["gpt-realtime-whisper", "gpt-realtime-translate"])
async def test_a_model_for_one_thing_alone_has_no_call_and_no_secret_of_a_conversation(model):
    session = {"type": "realtime", "model": model}
    async with served() as (_, client):
        call = await client.post("/v1/realtime/calls", **asked_session(session))
        secret = await client.post("/v1/realtime/client_secrets", json={"session": session})

    for answer in (call, secret):
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (
            400, "invalid_model", "session.model",
        )  # fmt: skip


async def test_models_for_one_thing_alone_have_secrets_of_that():
    transcribing = {
        "type": "transcription",
        "audio": {
            "input": {
                "transcription": {"model": "gpt-realtime-whisper"},
                "turn_detection": None,
            }
        },
    }
    async with served() as (_, client):
        whisper = await client.post("/v1/realtime/client_secrets", json={"session": transcribing})
        translate = await client.post(
            "/v1/realtime/translations/client_secrets",
            json={"session": {"model": "gpt-realtime-translate"}},
        )

    assert (whisper.status_code, translate.status_code) == (200, 200)


async def test_a_call_that_comes_in_is_accepted_watched_and_hung_up():
    async with served() as (server, client):
        call_id = server.ring()
        early = await closed_with(server, call_id)
        accepted = await client.post(
            f"/v1/realtime/calls/{call_id}/accept", json={"type": "realtime", "model": "m"}
        )
        again = await client.post(f"/v1/realtime/calls/{call_id}/accept", json={"model": "m"})
        async with open_session(server, f"?call_id={call_id}") as connection:
            hung_up = await client.post(f"/v1/realtime/calls/{call_id}/hangup")
            ending = await closing(connection)
        late = await closed_with(server, call_id)
        gone = await client.post(f"/v1/realtime/calls/{call_id}/hangup")

    assert (accepted.status_code, again.status_code, hung_up.status_code) == (200, 400, 200)
    assert (early, late) == (4000, 4000)
    assert ending == (1000, "The call has ended.")
    assert (gone.status_code, gone.json()["error"]["param"]) == (404, "call_id")


async def closed_with(server, call_id):
    async with open_session(server, f"?call_id={call_id}") as connection:
        await Talker(connection).until("error")
        return (await closing(connection))[0]


async def test_a_call_that_comes_in_is_rejected_and_one_that_goes_on_is_not():
    async with served() as (server, client):
        rejected = await client.post(
            f"/v1/realtime/calls/{server.ring()}/reject", json={"status_code": 486}
        )
        wrong = await client.post(
            f"/v1/realtime/calls/{server.ring()}/reject", json={"status_code": "busy"}
        )
        call_id = server.ring()
        await client.post(f"/v1/realtime/calls/{call_id}/accept", json={"model": "m"})
        too_late = await client.post(f"/v1/realtime/calls/{call_id}/reject")

    assert (rejected.status_code, wrong.status_code, too_late.status_code) == (200, 400, 400)


async def test_a_call_that_is_referred_is_over_here():
    async with served() as (server, client):
        call_id = server.ring()
        nowhere = await client.post(f"/v1/realtime/calls/{call_id}/refer", json={})
        referred = await client.post(
            f"/v1/realtime/calls/{call_id}/refer", json={"target_uri": "tel:+14155550123"}
        )
        gone = await client.post(f"/v1/realtime/calls/{call_id}/hangup")

    assert nowhere.json()["error"]["param"] == "target_uri"
    assert (referred.status_code, gone.status_code) == (200, 404)


async def test_azure_s_paths_lead_to_the_same():
    async with served() as (_, client):
        made = await client.post("/openai/v1/realtime/client_secrets", json={})

    assert made.json()["value"].startswith("ek_")
