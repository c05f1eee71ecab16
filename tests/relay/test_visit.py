import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from console.relay import policy as policies
from console.relay import policy_file, visit
from console.relay.visit import Visit
from console.serving.caller import RefusedSession

MODEL = "gpt-realtime-2.1"
BETA = {"OpenAI-Beta": "realtime=v1"}


def read(path, policy=None, headers=None):
    request = Request(path, Headers(headers or {}))
    return visit.read(request, policy_file.parse(policy or {}), MODEL)


@pytest.mark.parametrize(
    ("path", "headers", "is_beta"),
    [
        ("/v1/realtime?model=anything", {}, False),
        ("/v1/realtime", BETA, True),
        ("/", {"Sec-WebSocket-Protocol": "realtime, openai-beta.realtime-v1"}, True),
        ("/openai/v1/realtime?model=deployment", {}, False),
        ("/openai/realtime?api-version=2025-04-01-preview&deployment=d", {}, True),
    ],
)
def test_all_forms_of_the_address_lead_to_the_relay_s_own_model(path, headers, is_beta):
    found = read(path, headers=headers)

    assert (found.kind, found.model, found.is_beta) == ("realtime", MODEL, is_beta)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/v1/realtime?model=mini", "mini"),
        ("/v1/realtime?model=mi%0Ani" + "x" * 99, "mini" + "x" * 60),
        (f"/v1/realtime?model={MODEL}", ""),
        ("/v1/realtime", ""),
    ],
)
def test_it_is_known_which_model_a_client_did_not_get(path, asked):
    assert read(path).asked_model == asked


@pytest.mark.parametrize(
    ("headers", "found"),
    [({}, Visit("realtime", "mini", False)), (BETA, Visit("realtime", MODEL, True, "mini"))],
)
def test_where_anything_may_be_asked_for_only_the_beta_does_not_get_it(headers, found):
    assert read("/v1/realtime?model=mini", policies.ANYTHING, headers) == found


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/realtime?model=mini", "mini"),
        ("/openai/realtime?deployment=mini", "mini"),
        ("/v1/realtime?deployment=mini", MODEL),
        ("/v1/realtime?model=large&model=mini", MODEL),
        ("/v1/realtime?model=", MODEL),
    ],
)
def test_a_client_chooses_among_the_models_of_the_policy(path, model):
    assert read(path, {"upstream": {"models": ["mini"]}}).model == model


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("/v1/realtime?call_id=rtc_1", "call_id"),
        ("/v1/realtime?model=m&call_id=", "call_id"),
        ("/v1/realtime?intent=transcription", "intent"),
        ("/v1/realtime?intent=conversation", "intent"),
        ("/v1/realtime/translations?model=m", None),
    ],
)
def test_calls_and_other_kinds_of_sessions_are_refused(path, param):
    with pytest.raises(RefusedSession) as refused:
        read(path)

    assert refused.value.refusal.code == "relay_session_not_allowed"
    assert refused.value.refusal.param == param
    assert refused.value.close_code == 4000


def test_transcriptions_pass_where_the_policy_lets_them():
    policy = {"session": {"kinds": ["transcription"]}}

    assert read("/v1/realtime?intent=transcription", policy).kind == "transcription"


def test_where_the_beta_is_not_served_its_clients_are_told_so():
    with pytest.raises(RefusedSession) as refused:
        read("/v1/realtime", {"beta": False}, BETA)

    assert refused.value.refusal.code == "beta_api_shape_disabled"
