from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.realtime import (
    RealtimeClientEvent,
    RealtimeResponseCreateParamsParam,
    RealtimeSessionCreateRequestParam,
    RealtimeTranscriptionSessionCreateRequestParam,
)
from openai.types.realtime.realtime_response_create_params_with_references_param import (
    RealtimeResponseCreateParamsWithReferencesParam,
)

from console.simulator.protocol import schemas
from console.simulator.protocol import validation as v
from console.simulator.protocol.refusals import Refusal
from tests.simulator.sdk_fields import unknown_fields

WORDS = (
    *("type", "audio", "input", "output", "format", "turn_detection", "transcription", "tools"),
    *("server_vad", "function", "mcp", "message", "role", "user", "content", "item", "response"),
    *("input_text", "input_image", "text", "name", "model", "prompt", "id", "variables", "tracing"),
)
"""Words that lead a random value further into the checks."""


def refusal_of(check, value):
    try:
        check(value, "p")
    except Refusal as refused:
        return refused
    return None


def refusal(check, value):
    with pytest.raises(Refusal) as refused:
        check(value, "p")
    return refused.value.code, refused.value.param


def test_every_client_event_is_known():
    union = get_args(get_args(RealtimeClientEvent)[0])
    typed = {get_args(each.model_fields["type"].annotation)[0] for each in union}

    assert set(schemas.EVENTS) == typed


@pytest.mark.parametrize(
    ("check", "typed"),
    [
        (schemas.SESSION, RealtimeSessionCreateRequestParam),
        (schemas.TRANSCRIPTION_SESSION, RealtimeTranscriptionSessionCreateRequestParam),
        (schemas.RESPONSE, RealtimeResponseCreateParamsParam),
        (schemas.RESPONSE, RealtimeResponseCreateParamsWithReferencesParam),
    ],
)
def test_every_field_of_the_strict_types_is_known_and_no_other(check, typed):
    unknown = unknown_fields(check, typed)
    # The variables of a prompt are the parts of another API: they are taken as they come.
    foreign = ("ResponseInput", "PromptCacheBreakpoint")
    assert {each for each in unknown if not each.startswith(foreign)} == set()


def test_a_field_that_is_missing_would_be_found():
    shortened = v.record({"type": v.anything, "audio": v.record({"input": v.json_object})})

    unknown = unknown_fields(shortened, RealtimeTranscriptionSessionCreateRequestParam)

    assert "RealtimeTranscriptionSessionCreateRequestParam.include" in unknown
    assert "RealtimeTranscriptionSessionAudioInputParam.x_invented?" in unknown


@pytest.mark.parametrize("event_type", sorted(schemas.EVENTS))
def test_an_invented_field_of_an_event_is_refused(event_type):
    event = {"type": event_type, "invented": 1}

    with pytest.raises(Refusal) as refused:
        schemas.EVENTS[event_type](event, "")

    assert (refused.value.code, refused.value.param) == ("unknown_parameter", "invented")


@pytest.mark.parametrize(
    "session",
    [
        {"truncation": {"type": "retention_ratio", "retention_ratio": 0.8}},
        {
            "truncation": {
                "type": "retention_ratio",
                "retention_ratio": 1.0,
                "token_limits": {"post_instructions": 100},
            }
        },
        {"truncation": "disabled"},
        {"tracing": {"workflow_name": "w", "group_id": "g", "metadata": {"a": 1}}},
        {"prompt": {"id": "pmpt_1", "version": "2", "variables": {"x": "y"}}},
        {"prompt": {"id": "pmpt_1", "variables": {"x": {"type": "input_text", "text": "y"}}}},
        {"include": ["item.input_audio_transcription.logprobs"]},
        {"tool_choice": {"type": "function", "name": "f"}},
        {"tool_choice": {"type": "mcp", "server_label": "docs"}},
        {"tool_choice": {"type": "mcp", "server_label": "docs", "name": "ask"}},
        {"reasoning": {"effort": "high"}},
        {"parallel_tool_calls": False},
        {"max_output_tokens": 1},
        {"audio": {"output": {"format": {"type": "audio/pcmu"}}}},
        {"audio": {"input": {"format": {"type": "audio/pcma"}}}},
        {"audio": {"output": {"voice": "voice_1"}}},
    ],
)
def test_the_less_usual_session_fields_are_accepted(session):
    assert schemas.SESSION(session, "session") == session


def test_a_format_without_a_rate_is_24_khz():
    check = schemas.SESSION({"audio": {"input": {"format": {"type": "audio/pcm"}}}}, "session")

    assert check["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24_000}


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"prompt": {}}, "missing_required_parameter", "p.prompt.id"),
        ({"prompt": {"id": "x", "variables": {"x": 1}}}, "invalid_value", "p.prompt.variables.x"),
        (
            {"prompt": {"id": "x", "variables": {"x": {"type": "y"}}}},
            "invalid_value",
            "p.prompt.variables.x.type",
        ),
        ({"tracing": 1}, "invalid_value", "p.tracing"),
        ({"tracing": "on"}, "invalid_value", "p.tracing"),
        ({"include": ["x"]}, "invalid_value", "p.include[0]"),
        (
            {"audio": {"input": {"format": {"type": "audio/pcmu", "rate": 8000}}}},
            "unknown_parameter",
            "p.audio.input.format.rate",
        ),
        (
            {"audio": {"output": {"voice": {"id": ""}}}},
            "string_below_min_length",
            "p.audio.output.voice.id",
        ),
        (
            {"truncation": {"type": "retention_ratio"}},
            "missing_required_parameter",
            "p.truncation.retention_ratio",
        ),
        (
            {"truncation": {"type": "retention_ratio", "retention_ratio": 2}},
            "invalid_value",
            "p.truncation.retention_ratio",
        ),
    ],
)
def test_what_cannot_be_used_is_named(session, code, param):
    assert refusal(schemas.SESSION, session) == (code, param)


def test_a_transcription_session_has_nothing_of_an_assistant():
    for name in ("model", "instructions", "tools", "output_modalities"):
        assert refusal(schemas.TRANSCRIPTION_SESSION, {name: None})[0] == "unknown_parameter"
    assert refusal(schemas.TRANSCRIPTION_SESSION, {"audio": {"output": {}}}) == (
        "unknown_parameter",
        "p.audio.output",
    )


def test_a_response_may_stand_outside_the_conversation_with_items_of_its_own():
    response = {
        "conversation": "none",
        "metadata": {"topic": "x"},
        "input": [
            {"type": "item_reference", "id": "item_1"},
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "hello"}],
            },
        ],
    }

    assert schemas.RESPONSE(response, "response") == response


@pytest.mark.parametrize(
    ("response", "code", "param"),
    [
        ({"conversation": "other"}, "invalid_value", "p.conversation"),
        ({"input": {}}, "invalid_value", "p.input"),
        ({"input": [{"type": "item_reference"}]}, "missing_required_parameter", "p.input[0].id"),
        ({"input": [{"type": "thing"}]}, "invalid_value", "p.input[0].type"),
        ({"audio": {"output": {"speed": 1}}}, "unknown_parameter", "p.audio.output.speed"),
        ({"modalities": ["text"]}, "unknown_parameter", "p.modalities"),
    ],
)
def test_what_a_response_cannot_use_is_named(response, code, param):
    assert refusal(schemas.RESPONSE, response) == (code, param)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*WORDS, "x"]), inner | st.sampled_from(WORDS), max_size=4
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "check",
    [schemas.SESSION, schemas.TRANSCRIPTION_SESSION, schemas.RESPONSE, *schemas.EVENTS.values()],
)
@given(value=JSON)
@settings(max_examples=25, deadline=None)
def test_any_json_is_taken_or_refused_by_name(check, value):
    refused = refusal_of(check, value)

    assert refused is None or str(refused.param).startswith("p")
    assert refused is None or len(refused.message) < 500


def test_a_huge_value_is_not_repeated():
    refused = refusal_of(schemas.SESSION, {"output_modalities": ["x" * 10_000]})

    assert refused is not None
    assert len(refused.message) < 200
