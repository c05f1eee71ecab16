"""The session's configuration."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from console.realtime import session

VAD = {"type": "server_vad", "threshold": 0.5, "create_response": False}


def with_detection(detection):
    return session.merge(session.defaults(), session.expand({"turn_detection": detection}))


def test_the_client_begins_with_the_user_ending_each_turn():
    config = session.defaults()

    assert config["type"] == "realtime"
    assert session.turn_detection(config) is None
    assert not session.has_transcription(config)


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
