import pytest

from console.simulator.protocol.response_settings import ResponseSettings
from console.simulator.protocol.session_config import SessionConfig


def config(model="gpt-realtime-2.1", **session):
    made = SessionConfig("sess_1", model, 1000)
    made.update({"type": "realtime", **session}, has_spoken=False)
    return made


def test_without_overrides_the_session_decides():
    settings = ResponseSettings.of(config(), {})

    assert (settings.voice, settings.modality, settings.max_output_tokens) == (
        "marin",
        "audio",
        "inf",
    )
    assert (settings.parallel_tool_calls, settings.is_out_of_band) == (True, False)


def test_overrides_of_null_leave_the_sessions_choice():
    overrides = {"instructions": None, "audio": {"output": {"format": None}}, "metadata": None}
    settings = ResponseSettings.of(config(), overrides)

    assert settings.instructions == config()["instructions"]
    assert settings.format == {"type": "audio/pcm", "rate": 24_000}


def test_each_override_counts():
    overrides = {
        "instructions": "Hi.",
        "tools": [{"type": "function", "name": "f"}],
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "output_modalities": ["text"],
        "max_output_tokens": 7,
        "audio": {"output": {"voice": "echo", "format": {"type": "audio/pcmu"}}},
        "metadata": {"a": "b"},
        "reasoning": {"effort": "high"},
        "conversation": "none",
    }
    settings = ResponseSettings.of(config(), overrides)

    assert settings == ResponseSettings(
        model="gpt-realtime-2.1",
        instructions="Hi.",
        tools=[{"type": "function", "name": "f"}],
        tool_choice="required",
        parallel_tool_calls=False,
        modality="text",
        max_output_tokens=7,
        format={"type": "audio/pcmu"},
        voice="echo",
        speed=1.0,
        metadata={"a": "b"},
        reasoning_effort="high",
        is_out_of_band=True,
    )


@pytest.mark.parametrize(
    ("model", "wanted", "limit"),
    [
        ("gpt-realtime", "inf", 4096),
        ("gpt-realtime-2.1", "inf", 32_000),
        ("gpt-realtime-2.1", 100, 100),
    ],
)
def test_no_limit_is_the_models_own(model, wanted, limit):
    settings = ResponseSettings.of(config(model), {"max_output_tokens": wanted})

    assert settings.token_limit == limit


@pytest.mark.parametrize(
    ("model", "reasoning", "effort"),
    [
        ("gpt-realtime-2.1", None, None),
        ("gpt-realtime-2.1", {}, "low"),
        ("gpt-realtime-2.1", {"effort": "minimal"}, "minimal"),
        ("gpt-realtime", {"effort": "high"}, None),
    ],
)
def test_only_reasoning_models_reason_and_only_when_asked(model, reasoning, effort):
    settings = ResponseSettings.of(config(model), {"reasoning": reasoning})

    assert settings.reasoning_effort == effort


def test_the_sessions_reasoning_counts_for_its_responses():
    session = config(reasoning={"effort": "medium"}, parallel_tool_calls=False)
    settings = ResponseSettings.of(session, {})

    assert (settings.reasoning_effort, settings.parallel_tool_calls) == ("medium", False)
