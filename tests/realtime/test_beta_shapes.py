import pytest

from console.realtime import beta_shapes as beta
from tests.realtime.wire_examples import (
    beta_response,
    beta_session,
    beta_transcription,
    ga_response,
    ga_session,
    message,
)

PCM = {"type": "audio/pcm", "rate": 24_000}


# ---------------------------------------------------------------- sessions


def test_every_field_of_a_session_has_its_place_in_both():
    temperature = {"temperature": 0.9}

    assert beta.session_to_ga(beta_session()) == {**ga_session(), **temperature}
    assert beta.session_to_beta({**ga_session(), **temperature}) == beta_session()


def test_a_patch_holds_only_what_it_changes():
    assert beta.session_to_ga({"turn_detection": None}) == {
        "type": "realtime",
        "audio": {"input": {"turn_detection": None}},
    }
    assert beta.session_to_beta({"type": "realtime", "instructions": ""}) == {"instructions": ""}


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("pcm16", PCM),
        ("g711_ulaw", {"type": "audio/pcmu"}),
        ("g711_alaw", {"type": "audio/pcma"}),
        (None, None),
        ("pcm_f32", "pcm_f32"),
        (["pcm16"], ["pcm16"]),
    ],
)
def test_audio_formats_are_words_in_beta(word, known):
    deep = beta.session_to_ga({"input_audio_format": word})

    assert deep["audio"]["input"]["format"] == known
    assert beta.session_to_beta(deep) == {"input_audio_format": word}


def test_a_format_without_its_rate_is_the_usual_one():
    deep = {"audio": {"output": {"format": {"type": "audio/pcm"}}}}

    assert beta.session_to_beta(deep) == {"output_audio_format": "pcm16"}


@pytest.mark.parametrize(
    "unknown", [{"type": "audio/pcm", "rate": 16_000}, {"type": "audio/opus"}, {"type": 7}]
)
def test_a_format_for_which_beta_has_no_word_stays_as_it_is(unknown):
    deep = {"audio": {"output": {"format": unknown}}}

    assert beta.session_to_beta(deep) == {"output_audio_format": unknown}


def test_what_beta_has_no_place_for_stays_where_it_was():
    deep = {
        "audio": {
            "input": {"format": PCM, "echo_cancellation": True},
            "output": "junk",
            "volume": 3,
        }
    }

    assert beta.session_to_beta(deep) == {
        "input_audio_format": "pcm16",
        "audio": {"input": {"echo_cancellation": True}, "output": "junk", "volume": 3},
    }
    assert beta.session_to_beta({"audio": None}) == {"audio": None}


def test_a_session_of_both_shapes_becomes_one():
    mixed = {"voice": "echo", "audio": {"output": {"speed": 1.1}, "volume": 3}}

    assert beta.session_to_ga(mixed) == {
        "type": "realtime",
        "audio": {"output": {"speed": 1.1, "voice": "echo"}, "volume": 3},
    }
    assert mixed == {"voice": "echo", "audio": {"output": {"speed": 1.1}, "volume": 3}}


def test_turn_detection_and_noise_reduction_that_are_set_stay_whole():
    turns = {"type": "server_vad", "idle_timeout_ms": 5000}
    noise = {"type": "far_field", "strength": 0.5}
    deep = {"audio": {"input": {"turn_detection": turns, "noise_reduction": noise}}}

    assert beta.session_to_beta(deep) == {
        "turn_detection": turns,
        "input_audio_noise_reduction": noise,
    }


def test_a_transcription_says_what_it_is():
    deep = beta.transcription_to_ga(beta_transcription())

    assert deep["type"] == "transcription"
    assert beta.shown_session(deep) == beta_transcription()


@pytest.mark.parametrize(
    ("session", "is_beta"),
    [
        (beta_session(), True),
        (beta_transcription(), True),
        ({"id": "s", "temperature": 0.8}, True),
        (ga_session(), False),
        (ga_session(temperature=0.8), False),
        ({"output_modalities": ["text"], "temperature": 0.8}, False),
        ({"id": "s"}, False),
        ({}, False),
    ],
)
def test_a_beta_session_is_told_by_its_fields(session, is_beta):
    assert beta.is_beta_session(session) is is_beta


# ---------------------------------------------------------------- items and responses


@pytest.mark.parametrize(("deep", "flat"), [("output_text", "text"), ("output_audio", "audio")])
def test_the_assistants_content_has_another_name(deep, flat):
    said, known = message("assistant", flat), message("assistant", deep)

    assert beta.item_to_ga(said) == known
    assert beta.item_to_beta(known) == said


@pytest.mark.parametrize("role", ["user", "system"])
@pytest.mark.parametrize("part", ["input_text", "input_audio", "input_image", "text"])
def test_content_of_others_keeps_its_name(role, part):
    item = message(role, part)

    assert beta.item_to_ga(item) == item
    assert beta.item_to_beta(item) == item


def test_an_item_is_shown_with_its_object_after_its_id():
    item = message("assistant", "output_text")
    del item["object"]

    assert beta.shown_item(item) == message("assistant", "text")
    assert list(beta.shown_item(item))[:2] == ["id", "object"]
    assert beta.shown_item({"type": "message"}) == {"object": "realtime.item", "type": "message"}


def test_every_field_of_a_response_has_its_place_in_both():
    assert beta.response_to_ga(beta_response()) == {**ga_response(), "temperature": 0.9}
    assert beta.response_to_beta(ga_response(temperature=0.9)) == beta_response()


def test_a_response_may_hold_items_of_another_kind():
    response = {"output": [None, "item", {"type": "later"}]}

    assert beta.response_to_ga(response) == response
    assert beta.create_to_ga({"input": "none"}) == {"input": "none"}


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("flat", "deep"),
    [
        ("session.modalities", "session.output_modalities"),
        ("session.voice", "session.audio.output.voice"),
        ("session.speed", "session.audio.output.speed"),
        ("session.input_audio_format", "session.audio.input.format"),
        ("session.output_audio_format", "session.audio.output.format"),
        ("session.input_audio_transcription", "session.audio.input.transcription"),
        ("session.input_audio_transcription.model", "session.audio.input.transcription.model"),
        ("session.input_audio_noise_reduction.type", "session.audio.input.noise_reduction.type"),
        ("session.turn_detection.threshold", "session.audio.input.turn_detection.threshold"),
        ("session.max_response_output_tokens", "session.max_output_tokens"),
        ("response.modalities[0]", "response.output_modalities[0]"),
        ("response.voice", "response.audio.output.voice"),
        ("response.output_audio_format", "response.audio.output.format"),
        ("response.max_response_output_tokens", "response.max_output_tokens"),
        ("session.voices", "session.voices"),
        ("session.tools[0].name", "session.tools[0].name"),
        ("item.content[0].text", "item.content[0].text"),
        ("type", "type"),
        (None, None),
    ],
)
def test_a_parameter_has_a_path_in_each(flat, deep):
    assert beta.param_to_ga(flat) == deep
    assert beta.param_to_beta(deep) == flat


def test_the_parts_of_a_format_are_one_word_in_beta():
    assert beta.param_to_beta("session.audio.input.format.rate") == "session.input_audio_format"
    assert beta.param_to_beta("response.audio.output.format.type") == "response.output_audio_format"


def test_the_kind_of_a_session_is_in_the_type_of_its_event():
    assert beta.param_to_beta("session.type") == "type"
    assert beta.param_to_ga("type") == "type"


def test_the_message_of_an_error_follows_its_parameter():
    error = {
        "message": "Invalid type for 'session.voice': no.",
        "param": "session.voice",
        "code": 1,
    }
    renamed = beta.error_to_ga(error)

    assert renamed["message"] == "Invalid type for 'session.audio.output.voice': no."
    assert beta.error_to_beta(renamed) == error


@pytest.mark.parametrize("error", [{}, {"param": None}, {"param": 7}, {"param": "item.id"}])
def test_an_error_about_nothing_that_moved_stays_as_it_is(error):
    assert beta.error_to_ga(error) is error
    assert beta.error_to_beta(error) is error
