from dataclasses import replace
from typing import Any, cast

import pytest

from console.app.sound_settings import (
    MAX_DEVICES,
    Device,
    Microphone,
    SoundSettings,
    Speaker,
    devices_of,
)

CHOSEN = SoundSettings(
    Microphone("device", "a1", "Desk microphone", echo_cancellation=False, chunk_ms=20),
    Speaker("b2", "Headphones; left", volume=0.4),
)


def test_what_was_chosen_is_remembered():
    assert SoundSettings.from_text(CHOSEN.to_text()) == CHOSEN


def test_what_was_muted_is_not_remembered():
    muted = SoundSettings(
        replace(CHOSEN.microphone, is_muted=True), replace(CHOSEN.speaker, is_muted=True)
    )

    assert SoundSettings.from_text(muted.to_text()) == CHOSEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"microphone": {}}',
        '{"microphone": {"chunk_ms": 7}, "speaker": {}}',
        '{"microphone": {"chunk_ms": true}, "speaker": {}}',
        '{"microphone": {"kind": "telepathy"}, "speaker": {}}',
        '{"microphone": {"auto_gain": "yes"}, "speaker": {}}',
        '{"microphone": {}, "speaker": {"volume": 2}}',
        '{"microphone": [], "speaker": {}}',
        '{"microphone": {}, "speaker": {"label": "' + "x" * 201 + '"}}',
        "9" * 4000,
    ],
)
def test_what_cannot_be_read_counts_as_not_set(text):
    assert SoundSettings.from_text(text) == SoundSettings()


def test_a_field_of_a_later_version_is_left_out():
    text = '{"microphone": {"chunk_ms": 40, "sparkle": 3}, "speaker": {}}'

    assert SoundSettings.from_text(text).microphone.chunk_ms == 40


@pytest.mark.parametrize("chunk_ms", [10, 30, 100])
def test_a_chunk_has_ten_to_a_hundred_milliseconds(chunk_ms):
    assert Microphone(chunk_ms=chunk_ms).chunk_ms == chunk_ms


@pytest.mark.parametrize("chunk_ms", [9, 0, -30, 101])
def test_a_chunk_of_another_length_is_refused(chunk_ms):
    with pytest.raises(ValueError, match=f"10 to 100 ms, not {chunk_ms}"):
        Microphone(chunk_ms=chunk_ms)


def test_an_unknown_kind_of_microphone_is_refused():
    with pytest.raises(ValueError, match="one of device, file"):
        Microphone(kind=cast(Any, "telepathy"))


@pytest.mark.parametrize("volume", [-0.1, 1.1, float("nan")])
def test_a_volume_beyond_its_limits_is_refused(volume):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Speaker(volume=volume)


def test_devices_are_what_the_browser_lists():
    listed = [
        {"id": "default", "label": "Default"},
        {"id": "a1", "label": "Desk"},
        {"id": "", "label": "nameless"},
        {"id": 3, "label": "odd"},
        "odd",
    ]

    assert devices_of(listed) == (Device("default", "Default"), Device("a1", "Desk"))


@pytest.mark.parametrize("listed", [None, {}, "default", 7])
def test_a_list_that_is_none_has_no_devices(listed):
    assert devices_of(listed) == ()


def test_the_list_is_bounded():
    listed = [{"id": f"d{n}", "label": "x" * 1000} for n in range(1000)]

    found = devices_of(listed)

    assert len(found) == MAX_DEVICES
    assert len(found[0].label) == 200
