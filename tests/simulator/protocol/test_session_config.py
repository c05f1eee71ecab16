import pytest
from openai.types.realtime import RealtimeTranscriptionSessionCreateResponse

from console.audio_format import AudioFormat
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.session_config import SessionConfig, TurnSettings

MODEL = "gpt-realtime-2.1"


def new(model=MODEL):
    return SessionConfig("sess_1", model, 1000)


def update(config, *, has_spoken=False, **session):
    config.update({"type": "realtime", **session}, has_spoken=has_spoken)
    return config.wire()


def set_input(config, **fields):
    return update(config, audio={"input": fields})["audio"]["input"]


def refusal(config, *, has_spoken=False, **session):
    before = config.wire()
    with pytest.raises(Refusal) as refused:
        config.update(session, has_spoken=has_spoken)
    assert config.wire() == before
    return refused.value.code, refused.value.param


@pytest.mark.parametrize(
    ("model", "voice", "silence_ms"),
    [
        ("gpt-realtime", "alloy", 200),
        ("gpt-realtime-mini", "alloy", 200),
        ("gpt-realtime-2025-08-28", "alloy", 200),
        ("gpt-realtime-2", "marin", 500),
        ("gpt-realtime-2.1-mini", "marin", 500),
    ],
)
def test_the_defaults_follow_the_model(model, voice, silence_ms):
    audio = new(model).wire()["audio"]

    assert audio["output"]["voice"] == voice
    assert audio["input"]["turn_detection"]["silence_duration_ms"] == silence_ms


def test_an_update_is_a_patch():
    config = new()
    update(config, instructions="Be brief.", audio={"output": {"speed": 1.2}})
    session = update(config, tool_choice="none")

    assert session["instructions"] == "Be brief."
    assert session["audio"]["output"] == {**new().output, "speed": 1.2}
    assert session["tool_choice"] == "none"


def test_null_and_empty_clear():
    config = new()
    update(config, instructions="x", tools=[{"type": "function", "name": "f"}], tracing="auto")
    session = update(config, instructions="", tools=[], max_output_tokens=None, prompt=None)

    assert (session["instructions"], session["tools"]) == ("", [])
    assert session["max_output_tokens"] == "inf"
    assert update(config, instructions=None)["instructions"] == new()["instructions"]


def test_a_partial_turn_detection_is_shown_filled_in():
    detection = set_input(new(), turn_detection={"type": "semantic_vad"})["turn_detection"]

    assert detection == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }


def test_turn_detection_keeps_its_siblings_while_the_type_stays():
    config = new()
    set_input(config, turn_detection={"type": "server_vad", "threshold": 0.9})
    kept = set_input(config, turn_detection={"type": "server_vad", "create_response": False})
    set_input(config, turn_detection={"type": "semantic_vad"})
    fresh = set_input(config, turn_detection={"type": "server_vad"})

    assert kept["turn_detection"]["threshold"] == 0.9
    assert fresh["turn_detection"]["threshold"] == 0.5


@pytest.mark.parametrize(
    ("eagerness", "ms", "longest_ms"),
    [("low", 1500, 8000), ("auto", 700, 4000), ("medium", 700, 4000), ("high", 400, 2000)],
)
def test_eagerness_decides_how_long_the_server_waits(eagerness, ms, longest_ms):
    config = new()
    set_input(config, turn_detection={"type": "semantic_vad", "eagerness": eagerness})

    assert config.turn_settings == TurnSettings(
        0.5, 300, ms, True, True, longest_silence_ms=longest_ms
    )


def test_the_idle_time_belongs_to_server_vad():
    config = new()
    set_input(config, turn_detection={"type": "server_vad", "idle_timeout_ms": 6000})

    assert config.turn_settings.idle_timeout_ms == 6000


def test_null_switches_turn_detection_off():
    config = new()
    set_input(config, turn_detection=None)

    assert config.turn_settings is None


def test_transcription_is_filled_in_and_patched():
    config = new()
    first = set_input(config, transcription={"model": "whisper-1"})["transcription"]
    second = set_input(config, transcription={"language": "en"})["transcription"]

    assert list(first.items()) == [("model", "whisper-1"), ("language", None), ("prompt", None)]
    assert second == {"model": "whisper-1", "language": "en", "prompt": None}
    assert set_input(config, transcription=None)["transcription"] is None


def test_another_transcription_model_begins_without_the_options_of_the_last():
    config = new()
    set_input(config, transcription={"model": "gpt-transcribe", "keywords": ["Ada"], "prompt": "x"})
    other = set_input(config, transcription={"model": "whisper-1"})["transcription"]

    assert other == {"model": "whisper-1", "language": None, "prompt": None}


def test_every_option_of_a_transcription_is_kept_and_shown():
    config = new()
    wanted = {
        "model": "gpt-transcribe",
        "language": "en",
        "prompt": "names",
        "keywords": ["Ada"],
        "languages": ["en", "de"],
    }

    assert set_input(config, transcription=wanted)["transcription"] == wanted


def test_noise_reduction_keeps_its_strength():
    config = new()
    set_input(config, noise_reduction={"type": "near_field", "strength": 0.4})
    kept = set_input(config, noise_reduction={"type": "far_field"})["noise_reduction"]

    assert kept == {"type": "far_field", "strength": 0.4}


def test_the_same_model_and_tracing_may_be_repeated():
    config = new()
    update(config, tracing="auto")

    assert update(config, model=MODEL, tracing="auto")["tracing"] == "auto"


def test_optional_settings_are_shown_once_they_are_set():
    config = new()
    shown = update(config, parallel_tool_calls=False, reasoning={"effort": "low"})
    hidden = update(config, parallel_tool_calls=None)

    assert (shown["parallel_tool_calls"], shown["reasoning"]) == (False, {"effort": "low"})
    assert "parallel_tool_calls" not in hidden


def test_reasoning_belongs_to_the_models_that_can():
    for name, value in (("reasoning", {"effort": "low"}), ("parallel_tool_calls", True)):
        config = new("gpt-realtime")
        fields = {"type": "realtime", name: value}

        assert refusal(config, **fields) == ("invalid_value", f"session.{name}")
        assert name not in update(config, **{name: None})
    assert update(new("my-deployment"), reasoning={"effort": "low"})["reasoning"]


def test_the_speed_changes_only_between_responses():
    config = new()
    session = {"type": "realtime", "audio": {"output": {"speed": 1.2}}}

    with pytest.raises(Refusal, match="while a response is in progress") as refused:
        config.update(session, has_spoken=True, is_responding=True)
    assert refused.value.param == "session.audio.output.speed"

    config.update(session, has_spoken=True)
    config.update(session, has_spoken=True, is_responding=True)
    assert config.output["speed"] == 1.2


def test_the_credentials_of_a_tool_server_are_not_kept():
    tool = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example"}
    config = new()
    shown = update(config, tools=[{**tool, "authorization": "hush", "headers": {"X": "hush"}}])

    assert shown["tools"] == [tool]
    assert config["tools"] == [tool]


@pytest.mark.parametrize(
    ("shown", "audio_format"),
    [({"type": "audio/pcmu"}, AudioFormat.PCMU), (None, AudioFormat.PCM)],
)
def test_the_input_format_is_what_the_client_has_chosen(shown, audio_format):
    config = new()
    set_input(config, format=shown)

    assert config.input_format is audio_format
    assert config.wire()["audio"]["input"]["format"] == audio_format.wire()


def test_the_voice_may_change_until_the_assistant_has_spoken():
    config = new()
    voice = {"output": {"voice": "cedar"}}
    assert update(config, audio=voice)["audio"]["output"]["voice"] == "cedar"

    assert update(config, has_spoken=True, audio=voice)
    other = {"output": {"voice": "ash"}}
    code, _ = refusal(config, has_spoken=True, type="realtime", audio=other)
    assert code == "cannot_update_voice"


def test_a_custom_voice_is_shown_by_its_id():
    audio = {"output": {"voice": {"id": "voice_1"}}}

    assert update(new(), audio=audio)["audio"]["output"]["voice"] == "voice_1"


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({}, "missing_required_parameter", "session.type"),
        ({"type": "session"}, "invalid_value", "session.type"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
        ({"modalities": ["text"]}, "unknown_parameter", "session.modalities"),
        ({"turn_detection": None}, "unknown_parameter", "session.turn_detection"),
        ({"temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"model": "gpt-4"}, "invalid_value", "session.model"),
        ({"output_modalities": ["text", "audio"]}, "invalid_value", "session.output_modalities"),
        ({"output_modalities": []}, "invalid_value", "session.output_modalities"),
        ({"max_output_tokens": 4097}, "invalid_value", "session.max_output_tokens"),
        ({"max_output_tokens": "all"}, "invalid_value", "session.max_output_tokens"),
        ({"tool_choice": "maybe"}, "invalid_value", "session.tool_choice"),
        ({"tool_choice": {"type": "function"}}, "missing_required_parameter", "session.tool_choice.name"),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        ({"tools": [{"type": "mcp"}]}, "missing_required_parameter", "session.tools[0].server_label"),
        ({"truncation": "some"}, "invalid_value", "session.truncation"),
        ({"audio": None}, "invalid_value", "session.audio"),
        ({"audio": {"output": {"speed": 1.6}}}, "invalid_value", "session.audio.output.speed"),
        ({"audio": {"output": {"voice": "robot"}}}, "invalid_value", "session.audio.output.voice"),
        ({"audio": {"input": {"format": {"type": "audio/opus"}}}}, "invalid_value", "session.audio.input.format.type"),
        ({"audio": {"input": {"transcription": {"model": "gpt-realtime-whisper", "prompt": "x"}}}}, "invalid_value", "session.audio.input.transcription.prompt"),
        ({"audio": {"input": {"transcription": {"model": "whisper-1", "keywords": ["x"]}}}}, "invalid_value", "session.audio.input.transcription.keywords"),
        ({"audio": {"input": {"transcription": {"model": "gpt-transcribe", "delay": "low"}}}}, "invalid_value", "session.audio.input.transcription.delay"),
        ({"audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}}, "invalid_value", "session.audio.input.format.rate"),
        ({"audio": {"input": {"turn_detection": {}}}}, "missing_required_parameter", "session.audio.input.turn_detection.type"),
        ({"audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 100}}}}, "invalid_value", "session.audio.input.turn_detection.idle_timeout_ms"),
        ({"audio": {"input": {"turn_detection": {"type": "semantic_vad", "threshold": 0.5}}}}, "unknown_parameter", "session.audio.input.turn_detection.threshold"),
        ({"audio": {"input": {"transcription": {}}}}, "missing_required_parameter", "session.audio.input.transcription.model"),
        ({"audio": {"input": {"noise_reduction": {"strength": 1}}}}, "missing_required_parameter", "session.audio.input.noise_reduction.type"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_used_refuses_the_whole_update(session, code, param):
    whole = session if "type" in session or not session else {"type": "realtime", **session}

    assert refusal(new(), **whole) == (code, param)


def test_one_bad_field_keeps_the_good_ones_from_being_set():
    config = new()
    fields = {"type": "realtime", "instructions": "x", "tool_choice": "maybe"}

    assert refusal(config, **fields)[1] == "session.tool_choice"


def test_tracing_cannot_be_changed_once_it_is_on():
    config = new()
    update(config, tracing="auto")

    assert refusal(config, type="realtime", tracing=None) == ("invalid_value", "session.tracing")


# ---------------------------------------------------------------- transcription sessions


def transcription_session():
    return SessionConfig("sess_1", "", 1000, kind="transcription")


def transcribe(config, **audio_input):
    session = {"type": "transcription", "audio": {"input": audio_input}}
    config.update(session, has_spoken=False)
    return config.wire()


def test_a_transcription_session_shows_its_input_alone():
    shown = transcription_session().wire()

    RealtimeTranscriptionSessionCreateResponse.model_validate(shown)
    assert list(shown) == ["type", "object", "id", "expires_at", "audio", "include"]
    assert shown["object"] == "realtime.transcription_session"
    assert shown["audio"] == {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24_000},
            "transcription": None,
            "noise_reduction": None,
            "turn_detection": {
                "type": "server_vad",
                "threshold": 0.5,
                "prefix_padding_ms": 300,
                "silence_duration_ms": 500,
            },
        }
    }


def test_a_transcription_session_never_answers():
    config = transcription_session()
    detection = {"type": "server_vad", "create_response": True, "idle_timeout_ms": 5000}
    shown = transcribe(config, turn_detection=detection)

    assert list(shown["audio"]["input"]["turn_detection"]) == [
        "type",
        "threshold",
        "prefix_padding_ms",
        "silence_duration_ms",
    ]
    assert config.turn_settings == TurnSettings(0.5, 300, 500, False, False)


def test_the_streaming_transcriber_needs_turns_made_by_the_client():
    config = transcription_session()
    with pytest.raises(Refusal, match="Turn detection is not supported") as refused:
        transcribe(config, transcription={"model": "gpt-realtime-whisper"})
    assert refused.value.param == "session.audio.input.turn_detection"

    shown = transcribe(
        config,
        transcription={"model": "gpt-realtime-whisper", "delay": "low"},
        turn_detection=None,
    )
    assert shown["audio"]["input"]["turn_detection"] is None


def test_in_a_conversation_the_streaming_transcriber_may_be_used_with_turn_detection():
    assert set_input(new(), transcription={"model": "gpt-realtime-whisper"})["turn_detection"]


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        (
            new(),
            "transcription",
            "Passing a transcription session update event to a realtime session is not allowed.",
        ),
        (
            transcription_session(),
            "realtime",
            "Passing a realtime session update event to a transcription session is not allowed.",
        ),
    ],
)
def test_the_kind_of_a_session_is_fixed(config, kind, message):
    with pytest.raises(Refusal) as refused:
        config.update({"type": kind}, has_spoken=False)

    assert (str(refused.value), refused.value.param) == (message, "session.type")


def test_logprobs_are_wanted_when_included():
    config = new()
    assert not config.wants_logprobs
    update(config, include=["item.input_audio_transcription.logprobs"])
    assert config.wants_logprobs
