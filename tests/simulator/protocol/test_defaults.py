from openai.types.realtime import RealtimeSessionCreateResponse

from console.simulator.protocol import defaults


def test_a_new_session_has_the_strict_type_whatever_the_model():
    for model in (*defaults.MODELS, "something-else"):
        session = defaults.session("sess_1", model, 1000)

        assert RealtimeSessionCreateResponse.model_validate(session).model == model


def test_two_sessions_share_nothing_that_can_be_changed():
    one, other = (defaults.session("sess_1", "gpt-realtime", 1000) for _ in range(2))
    one["audio"]["input"]["format"]["rate"] = 8000

    assert other["audio"]["input"]["format"]["rate"] == 24_000
    assert other["audio"]["output"]["format"]["rate"] == 24_000


def test_semantic_detection_waits_less_than_the_protocol_allows():
    most = {"low": 8000, "medium": 4000, "high": 2000, "auto": 4000}

    assert all(ms < most[name] for name, ms in defaults.SEMANTIC_SILENCE_MS.items())
