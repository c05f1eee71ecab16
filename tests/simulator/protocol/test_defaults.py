from typing import get_args

import pytest
from openai.types import AudioModel, ChatModel, EmbeddingModel, ImageModel, ModerationModel
from openai.types.audio import SpeechModel
from openai.types.realtime import RealtimeSessionCreateRequest, RealtimeSessionCreateResponse

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


SERVICE_MODELS = [
    *get_args(ChatModel),
    *get_args(AudioModel),
    *get_args(SpeechModel),
    *get_args(EmbeddingModel),
    *get_args(ImageModel),
    *get_args(ModerationModel),
    "gpt-live-transcribe",
]
REALTIME_MODELS = [
    name
    for choice in get_args(RealtimeSessionCreateRequest.model_fields["model"].annotation)
    for name in get_args(choice)
]


def test_every_realtime_model_of_the_sdk_is_one():
    assert "gpt-realtime" in REALTIME_MODELS
    assert [name for name in REALTIME_MODELS if not defaults.may_serve(name)] == []


def test_no_other_model_of_the_sdk_is_a_realtime_one():
    others = set(SERVICE_MODELS) - set(REALTIME_MODELS)

    assert sorted(name for name in others if defaults.may_serve(name)) == [
        name for name in sorted(others) if name.startswith("gpt-audio")
    ]


@pytest.mark.parametrize("model", ["my-deployment", "nosuch", "gpt", "gpt-x", "llama-3", "o"])
def test_a_name_that_nobody_knows_may_be_a_realtime_model(model):
    assert defaults.may_serve(model)


@pytest.mark.parametrize("dated", ["", "-2026-05-01"])
@pytest.mark.parametrize(
    ("model", "use"),
    [("gpt-realtime-whisper", "transcription"), ("gpt-realtime-translate", "translation")],
)
def test_a_realtime_model_for_one_thing_serves_that_alone(model, use, dated):
    uses: tuple[defaults.ModelUse, ...] = ("realtime", "transcription", "translation")

    assert [each for each in uses if defaults.may_serve(model + dated, each)] == [use]
