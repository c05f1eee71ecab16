from typing import get_args

import pytest
from openai.types.realtime import RealtimeClientEvent

from console.simulator import schemas
from console.simulator.refusals import Refusal


def test_every_client_event_of_a_websocket_is_known():
    union = get_args(get_args(RealtimeClientEvent)[0])
    typed = {get_args(each.model_fields["type"].annotation)[0] for each in union}

    assert set(schemas.EVENTS) == typed - {"output_audio_buffer.clear"}


@pytest.mark.parametrize(
    "session",
    [
        {"truncation": {"type": "retention_ratio", "retention_ratio": 0.8}},
        {"tracing": {"workflow_name": "w", "group_id": "g", "metadata": {"a": 1}}},
        {"prompt": {"id": "pmpt_1", "version": "2", "variables": {"x": "y"}}},
        {"include": ["item.input_audio_transcription.logprobs"]},
        {"tool_choice": {"type": "function", "name": "f"}},
        {"reasoning": {"effort": "high"}},
        {"max_output_tokens": 1},
    ],
)
def test_the_less_usual_session_fields_are_accepted(session):
    assert schemas.SESSION(session, "session") == session


def test_a_format_without_a_rate_is_24_khz():
    check = schemas.SESSION({"audio": {"input": {"format": {"type": "audio/pcm"}}}}, "session")

    assert check["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24_000}


def test_what_is_not_simulated_says_what_to_use_instead():
    with pytest.raises(Refusal, match=r"G\.711 audio yet; use .*audio/pcm"):
        schemas.SESSION({"audio": {"output": {"format": {"type": "audio/pcma"}}}}, "session")
