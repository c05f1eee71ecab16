import pytest

from console.app.microphone_watch import GO_ON, NOTICE, TROUBLES, MicrophoneWatch, refusal
from console.app.view_model import MicrophoneState, Phase, Target, ViewModel

HEARD = {MicrophoneState.OFF, MicrophoneState.ASKING, MicrophoneState.ON}
HEARD_LATER = {MicrophoneState.SILENCED, MicrophoneState.INTERRUPTED}


@pytest.fixture
def view():
    view = ViewModel(Target("simulator", "m", "v", "", True))
    view.set_connection(Phase.CONNECTED)
    return view


@pytest.fixture
def watch(view):
    return MicrophoneWatch(view)


def test_every_trouble_has_words_of_its_own():
    assert set(MicrophoneState) - HEARD == set(TROUBLES)
    for part in ("brief", "sentence", "remedy"):
        assert len({getattr(each, part) for each in TROUBLES.values()}) == len(TROUBLES)


def test_a_denied_microphone_says_where_to_allow_it():
    assert "Allow it in the address bar" in refusal(MicrophoneState.DENIED)


@pytest.mark.parametrize("state", sorted(set(TROUBLES) - {MicrophoneState.WAITING}))
def test_a_microphone_that_fails_within_a_session_is_told_with_a_way_out(view, watch, state):
    watch.changed(state)

    (notice,) = view.notices
    assert view.microphone is state
    assert notice.notice_id == NOTICE
    assert notice.sentence == f"{TROUBLES[state].sentence} {TROUBLES[state].remedy} {GO_ON}"
    no_click_helps = state in {MicrophoneState.INSECURE, MicrophoneState.SILENCED}
    assert notice.action == (None if no_click_helps else "use_microphone")


@pytest.mark.parametrize("state", sorted(HEARD))
def test_the_notice_goes_with_its_cause(view, watch, state):
    watch.changed(MicrophoneState.UNPLUGGED)
    watch.changed(state)

    assert view.notices == []
    assert view.microphone is state


def test_only_an_unknown_failure_quotes_the_browser(view, watch):
    watch.changed(MicrophoneState.FAILED, "TypeError: odd")
    assert "(TypeError: odd)" in view.notices[0].sentence

    watch.changed(MicrophoneState.BUSY, "NotReadableError: odd")
    assert "odd" not in view.notices[0].sentence


def test_a_question_that_stays_open_can_be_given_up(view, watch):
    view.set_connection(Phase.CONNECTING)
    watch.changed(MicrophoneState.ASKING)
    assert view.notices == []

    watch.changed(MicrophoneState.WAITING)

    assert view.notices[0].action == "cancel"
    assert GO_ON not in view.notices[0].sentence


def test_what_waits_for_an_answer_is_not_told_when_nothing_waits_any_more(view, watch):
    view.set_connection(Phase.CONNECTING)
    watch.changed(MicrophoneState.WAITING)

    view.set_connection(Phase.DISCONNECTED)
    watch.phase_changed()
    assert view.notices == []

    view.set_connection(Phase.CONNECTED)
    watch.phase_changed()
    assert view.notices == []


def test_who_goes_on_without_a_microphone_is_not_told_to_answer_an_earlier_question(view, watch):
    view.set_connection(Phase.CONNECTING)
    watch.changed(MicrophoneState.ASKING)
    watch.changed(MicrophoneState.WAITING)

    view.set_connection(Phase.CONNECTED)
    watch.phase_changed()
    assert view.notices == []

    watch.changed(MicrophoneState.WAITING)
    assert view.notices == []


def test_a_question_within_a_session_that_stays_open_is_told_and_cannot_be_cancelled(view, watch):
    watch.changed(MicrophoneState.ASKING)
    watch.changed(MicrophoneState.WAITING)

    (notice,) = view.notices
    assert notice.action is None
    assert notice.sentence.endswith(GO_ON)


@pytest.mark.parametrize("phase", [Phase.CONNECTING, Phase.DISCONNECTED])
def test_what_ends_an_attempt_is_told_by_its_end(view, watch, phase):
    view.set_connection(phase)
    watch.changed(MicrophoneState.DENIED)

    assert view.notices == []


@pytest.mark.parametrize("state", sorted(set(MicrophoneState)))
def test_a_session_begins_only_with_a_microphone_that_is_or_will_be_heard(state):
    assert bool(refusal(state)) is (state not in {MicrophoneState.ON} | HEARD_LATER)
