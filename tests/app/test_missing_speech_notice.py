"""Speech that was lost on its way, told until the user was heard whole."""

import pytest

from console.app.missing_speech_notice import LATE_S, NOTICE, MissingSpeechNotice
from console.app.session_state import SessionState
from console.app.sound_choice import SoundChoice
from console.app.view_model import Phase, Target, ViewModel
from tests.fakes import ManualClock


class Rig:
    """A session whose user speaks and is answered."""

    def __init__(self):
        self.view = ViewModel(target=Target("simulator", "m", "v", "", True))
        self.view.set_connection(Phase.CONNECTED)
        self.view.set_turn("vad")
        self.clock = ManualClock()
        self.notice = MissingSpeechNotice(self.view, SoundChoice(self.view), self.clock)
        self.view.on_change = lambda part: self.notice.view_changed(frozenset({part}))

    async def wait(self):
        await self.clock.advance(LATE_S)

    def says(self, lost_ms=None):
        self.view.set_talking(True)
        if lost_ms is not None:
            self.notice.lost(lost_ms)
        self.view.set_talking(False)

    def is_answered(self):
        self.view.set_answering(True)
        self.view.set_answering(False)

    @property
    def told(self):
        return [each.sentence[:5] for each in self.view.notices if each.notice_id == NOTICE]


@pytest.fixture
def rig():
    return Rig()


async def test_what_was_lost_is_told_until_it_was_said_again_and_answered(rig):
    rig.says(lost_ms=1234.0)
    rig.is_answered()
    assert rig.told == ["1.2 s"]

    await rig.wait()
    rig.says()
    assert rig.told == ["1.2 s"]
    rig.is_answered()

    assert rig.told == []
    assert [each[:5] for each in rig.view.sound.remarks] == ["1.2 s"]


async def test_what_is_lost_later_is_told_without_what_was_said_again(rig):
    rig.says(lost_ms=1234.0)
    await rig.wait()
    rig.says()
    rig.is_answered()

    rig.notice.lost(2734.0)

    assert rig.told == ["1.5 s"]
    assert [each[:5] for each in rig.view.sound.remarks] == ["2.7 s"]


def test_speech_that_is_found_just_after_a_loss_may_lack_its_beginning(rig):
    rig.notice.lost(400.0)
    rig.says()
    rig.is_answered()

    assert rig.told == ["0.4 s"]


def test_a_button_says_exactly_when_speech_begins(rig):
    rig.view.set_turn("manual")
    rig.says(lost_ms=400.0)
    rig.says()
    rig.is_answered()

    assert rig.told == []


async def test_what_went_with_the_line_was_not_heard(rig):
    rig.notice.lost(400.0)
    await rig.wait()
    rig.says()
    rig.view.set_connection(Phase.RECONNECTING)
    rig.view.set_connection(Phase.CONNECTED)
    rig.is_answered()

    assert rig.told == ["0.4 s"]


async def test_a_typed_message_makes_up_for_nothing(rig):
    rig.notice.lost(400.0)
    await rig.wait()
    rig.is_answered()

    assert rig.told == ["0.4 s"]


async def test_where_nobody_answers_it_is_enough_to_be_heard(rig):
    rig.view.set_session(SessionState(requested={"type": "transcription"}))
    rig.notice.lost(400.0)
    await rig.wait()
    rig.says()

    assert rig.told == []
