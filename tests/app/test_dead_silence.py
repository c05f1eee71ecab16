"""A microphone without any sound; 100 ms of it at a time."""

import pytest

from console.app.dead_silence import GATE_MS, LISTENING_MS, NOTICE, PRESSED_MS, DeadSilence
from console.app.session_notices import SessionNotices
from console.app.sound_settings import Microphone, SoundSettings
from console.app.view_model import MicrophoneState, Target, ViewModel

CHUNK_MS = 100
NOTHING = bytes(48 * CHUNK_MS)
ROOM = NOTHING[:-2] + b"\1\0"
"""As quiet as can be, and not silent."""


class Rig:
    def __init__(self, turn="manual", *, may_be_held_back=False):
        self.view = ViewModel(Target("simulator", "m", "v", "", True), turn=turn)
        self.view.set_microphone(MicrophoneState.ON)
        self.silence = DeadSilence(
            self.view, SessionNotices(self.view), may_be_held_back=may_be_held_back
        )

    def hear(self, duration_ms, chunk=NOTHING):
        for _ in range(duration_ms // CHUNK_MS):
            self.silence.heard(chunk)

    @property
    def told(self):
        return [(each.notice_id, each.action) for each in self.view.notices]


TOLD = [(NOTICE, "use_microphone")]


@pytest.mark.parametrize(("turn", "most_ms"), [("manual", PRESSED_MS), ("vad", LISTENING_MS)])
def test_silence_that_no_room_makes_is_told_until_there_is_sound(turn, most_ms):
    rig = Rig(turn)
    rig.hear(most_ms - CHUNK_MS)
    assert rig.told == []

    rig.hear(CHUNK_MS)
    assert rig.told == TOLD
    assert f"for {most_ms // 1000} s" in rig.view.notices[0].sentence

    rig.hear(CHUNK_MS, ROOM)
    assert rig.told == []


def test_who_was_heard_may_hold_the_button_on_for_longer_without_a_sound():
    rig = Rig()
    rig.hear(CHUNK_MS, ROOM)
    rig.hear(LISTENING_MS - CHUNK_MS)
    assert rig.told == []

    rig.hear(CHUNK_MS)
    assert rig.told == TOLD
    assert f"for {LISTENING_MS // 1000} s" in rig.view.notices[0].sentence


def test_a_press_without_any_sound_is_odd_soon_though_one_was_heard_before():
    rig = Rig()
    rig.hear(CHUNK_MS, ROOM)
    rig.hear(LISTENING_MS - CHUNK_MS)
    rig.silence.press()
    rig.hear(PRESSED_MS - CHUNK_MS)
    assert rig.told == []

    rig.hear(CHUNK_MS)
    assert rig.told == TOLD


def test_a_device_that_was_heard_says_nothing_of_one_that_is_chosen_after_it():
    rig = Rig()
    rig.hear(CHUNK_MS, ROOM)
    rig.hear(PRESSED_MS)
    rig.view.set_sound(settings=SoundSettings(Microphone(device_id="other")))
    rig.hear(PRESSED_MS - CHUNK_MS)
    assert rig.told == []

    rig.hear(CHUNK_MS)
    assert rig.told == TOLD


def test_a_microphone_that_was_opened_anew_has_to_be_heard_anew():
    rig = Rig()
    rig.hear(CHUNK_MS, ROOM)
    rig.silence.begin()
    rig.hear(PRESSED_MS)

    assert rig.told == TOLD


@pytest.mark.parametrize("turn", ["manual", "vad"])
def test_a_quiet_room_is_not_silent(turn):
    rig = Rig(turn)
    for _ in range(20):
        rig.hear(PRESSED_MS - CHUNK_MS)
        rig.hear(CHUNK_MS, ROOM)

    assert rig.told == []


def test_silence_adds_up_over_several_presses():
    rig = Rig()
    for _ in range(3):
        rig.hear(PRESSED_MS // 3)

    assert rig.told == TOLD


def test_a_microphone_that_silences_pauses_is_told_only_while_a_button_is_held():
    rig = Rig("vad")
    rig.hear(GATE_MS)
    rig.hear(CHUNK_MS, ROOM)
    rig.hear(3 * LISTENING_MS)
    assert rig.told == []

    rig.view.set_turn("manual")
    rig.hear(CHUNK_MS)
    assert rig.told == TOLD


def test_a_notice_that_was_dismissed_does_not_come_again_before_there_was_sound():
    rig = Rig()
    rig.hear(PRESSED_MS)
    rig.view.dismiss(NOTICE)
    rig.hear(PRESSED_MS)
    assert rig.told == []

    rig.silence.begin()
    rig.hear(PRESSED_MS)
    assert rig.told == TOLD


def test_a_source_that_is_held_back_while_the_assistant_speaks_is_told_only_of_a_press():
    rig = Rig("vad", may_be_held_back=True)
    rig.hear(3 * LISTENING_MS)
    assert rig.told == []

    rig.view.set_turn("manual")
    rig.hear(PRESSED_MS)
    assert rig.told == TOLD


def test_what_stands_in_for_a_microphone_may_be_silent():
    rig = Rig()
    rig.view.set_sound(settings=SoundSettings(Microphone(kind="silence")))
    rig.hear(2 * PRESSED_MS)

    assert rig.told == []


def test_a_microphone_that_is_known_to_be_off_is_told_elsewhere():
    rig = Rig()
    rig.hear(PRESSED_MS)
    rig.view.set_microphone(MicrophoneState.SILENCED)
    rig.hear(2 * PRESSED_MS)

    assert rig.told == []
