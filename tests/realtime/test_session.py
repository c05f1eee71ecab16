"""The session's configuration."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.realtime import RealtimeClientEvent
from pydantic import TypeAdapter

from console.realtime import session

STRICT: TypeAdapter[Any] = TypeAdapter(RealtimeClientEvent)
VAD = {"type": "server_vad", "threshold": 0.5, "create_response": False}


def with_detection(detection):
    return session.merge(session.defaults(), session.expand({"turn_detection": detection}))


def test_the_client_begins_with_the_user_ending_each_turn():
    config = session.defaults()

    assert config["type"] == "realtime"
    assert session.turn_detection(config) is None
    assert not session.has_transcription(config)


def test_a_session_that_only_transcribes_begins_with_a_recogniser_and_no_model():
    config = session.defaults("transcription")

    assert config == {
        "type": "transcription",
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24_000},
                "transcription": {"model": session.TRANSCRIPTION_MODEL},
                "noise_reduction": None,
                "turn_detection": None,
            }
        },
    }
    assert session.has_transcription(config)


@pytest.mark.parametrize("kind", ["realtime", "transcription"])
def test_what_the_client_begins_with_is_a_session_to_the_letter(kind):
    config = session.defaults(kind)

    STRICT.validate_python({"type": "session.update", "session": config})
    assert session.session_type(config) == kind


EVERYTHING: dict[str, Any] = {
    "type": "realtime",
    "output_modalities": ["text"],
    "instructions": "Be brief.",
    "audio": {
        "input": {
            "format": {"type": "audio/pcmu"},
            "transcription": {"model": "m", "language": "en", "prompt": "names"},
            "noise_reduction": {"type": "near_field"},
            "turn_detection": {"type": "semantic_vad", "eagerness": "low"},
        },
        "output": {"format": {"type": "audio/pcma"}, "voice": {"id": "voice_1"}, "speed": 1.1},
    },
    "tools": [{"type": "mcp", "server_label": "files", "server_url": "https://127.0.0.1"}],
    "tool_choice": {"type": "mcp", "server_label": "files", "name": "read"},
    "parallel_tool_calls": True,
    "max_output_tokens": 100,
    "reasoning": {"effort": "high"},
    "tracing": {"workflow_name": "w", "group_id": "g", "metadata": {"a": "b"}},
    "truncation": {"type": "retention_ratio", "retention_ratio": 0.5},
    "prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Paris"}},
    "include": ["item.input_audio_transcription.logprobs"],
}


def test_every_field_that_can_be_set_is_taken_over():
    STRICT.validate_python({"type": "session.update", "session": EVERYTHING})

    assert session.merge(session.defaults(), EVERYTHING) == EVERYTHING


def test_absent_fields_keep_their_value():
    config = session.merge(session.defaults(), {"instructions": "Be brief."})

    changed = session.merge(config, session.expand({"voice": "cedar"}))

    assert changed["instructions"] == "Be brief."
    assert changed["audio"]["output"]["voice"] == "cedar"
    assert changed["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24_000}


def test_null_and_empty_are_values():
    config = session.merge(with_detection(VAD), {"instructions": "x", "tools": [{"name": "t"}]})

    changed = session.merge(
        config, {"instructions": "", "tools": [], "audio": {"input": {"turn_detection": None}}}
    )

    assert changed["instructions"] == ""
    assert changed["tools"] == []
    assert session.turn_detection(changed) is None


def test_a_part_of_turn_detection_changes_that_part():
    changed = session.merge(
        with_detection(VAD), session.expand({"turn_detection": {"threshold": 0.9}})
    )

    assert session.turn_detection(changed) == {**VAD, "threshold": 0.9}


def test_turn_detection_of_another_type_starts_afresh():
    changed = session.merge(
        with_detection(VAD), session.expand({"turn_detection": {"type": "semantic_vad"}})
    )

    assert session.turn_detection(changed) == {"type": "semantic_vad"}


def test_noise_reduction_of_another_type_keeps_its_strength():
    config = session.merge(
        session.defaults(),
        session.expand({"noise_reduction": {"type": "near_field", "strength": 0.5}}),
    )

    changed = session.merge(config, session.expand({"noise_reduction": {"type": "far_field"}}))

    assert changed["audio"]["input"]["noise_reduction"] == {"type": "far_field", "strength": 0.5}


def test_an_audio_format_is_replaced_as_a_whole():
    changed = session.merge(
        session.defaults(), session.expand({"input_format": {"type": "audio/pcmu"}})
    )

    assert changed["audio"]["input"]["format"] == {"type": "audio/pcmu"}


def test_lists_and_choices_are_replaced_as_a_whole():
    config = session.merge(session.defaults(), {"tool_choice": {"type": "function", "name": "f"}})

    changed = session.merge(config, {"tool_choice": {"type": "mcp"}, "tools": [{"name": "b"}]})

    assert changed["tool_choice"] == {"type": "mcp"}
    assert changed["tools"] == [{"name": "b"}]


def test_short_names_stand_where_the_wire_has_them_and_win():
    patch = session.expand(
        {
            "voice": "cedar",
            "speed": 1.2,
            "transcription": {"model": "m"},
            "noise_reduction": None,
            "audio": {"output": {"voice": "marin", "format": {"type": "audio/pcmu"}}},
            "instructions": "x",
        }
    )

    assert patch == {
        "instructions": "x",
        "audio": {
            "output": {"voice": "cedar", "speed": 1.2, "format": {"type": "audio/pcmu"}},
            "input": {"transcription": {"model": "m"}, "noise_reduction": None},
        },
    }


def test_the_servers_interruption_counts_unless_it_is_switched_off():
    assert not session.is_interrupting(session.defaults())
    assert session.is_interrupting(with_detection({"type": "server_vad"}))
    assert session.is_interrupting(with_detection({"type": "x", "interrupt_response": None}))
    assert not session.is_interrupting(
        with_detection({"type": "server_vad", "interrupt_response": False})
    )


def test_where_nobody_answers_nobody_is_interrupted():
    config = {"type": "transcription", "audio": {"input": {"turn_detection": VAD}}}

    assert not session.is_interrupting(config)


def test_a_session_of_any_shape_can_be_asked():
    shapes: list[dict[str, Any]] = [
        {},
        {"audio": None},
        {"audio": {"input": []}},
        {"audio": {"input": {}}},
    ]
    for odd in shapes:
        assert session.turn_detection(odd) is None
        assert not session.has_transcription(odd)
        assert not session.is_interrupting(odd)


PATCH = st.fixed_dictionaries(
    {},
    optional={
        "instructions": st.text(max_size=3),
        "voice": st.sampled_from(["a", "b"]),
        "turn_detection": st.none()
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["server_vad", "semantic_vad"])},
            optional={"threshold": st.floats(0, 1)},
        ),
        "tools": st.lists(st.just({"name": "t"}), max_size=1),
    },
)


@given(PATCH, PATCH)
def test_merging_touches_neither_side_and_twice_is_once(first, second):
    config = session.merge(session.defaults(), session.expand(first))
    patch = session.expand(second)
    config_before, patch_before = copy.deepcopy(config), copy.deepcopy(patch)

    once = session.merge(config, patch)

    assert session.merge(once, patch) == once
    assert (config, patch) == (config_before, patch_before)


@given(PATCH, PATCH)
def test_a_difference_leads_from_one_session_to_the_other(first, second):
    old = session.merge(session.defaults(), session.expand(first))
    new = session.merge(session.defaults(), session.expand(second))

    made = session.merge(old, session.difference(old, new))
    for name in session.left_out(old, new):
        made = session.without(made, name)

    assert made == new
    assert bool(session.changed(old, new)) == bool(session.difference(old, new))
    assert session.difference(new, new) == {}


def test_a_part_that_only_lacks_something_is_no_difference():
    old = {"audio": {"output": {"voice": "marin", "speed": 1.5}}}

    assert session.difference(old, {"audio": {"output": {"voice": "marin"}}}) == {}


def test_a_difference_holds_what_has_changed_and_the_type_of_what_it_is_in():
    old = with_detection(VAD)
    new = session.merge(old, {"audio": {"input": {"turn_detection": {"threshold": 0.7}}}})

    assert session.difference(old, new) == {
        "audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 0.7}}}
    }
    assert session.changed(old, new) == ["audio.input.turn_detection.threshold"]


def test_turn_detection_of_another_type_is_told_as_a_whole():
    new = with_detection({"type": "semantic_vad"})

    assert session.difference(with_detection(VAD), new) == {
        "audio": {"input": {"turn_detection": {"type": "semantic_vad"}}}
    }
    assert session.left_out(with_detection(VAD), new) == []


def test_what_is_left_out_is_named_and_can_be_taken_away():
    old = session.merge(session.defaults(), session.expand({"voice": "cedar", "speed": 1.2}))
    new = session.without(session.without(old, "audio.output.speed"), "tool_choice")

    assert session.left_out(old, new) == ["tool_choice", "audio.output.speed"]
    assert new["audio"]["output"]["voice"] == "cedar"
    assert session.without(new, "audio.nothing.here") == new
    assert "speed" in old["audio"]["output"]
