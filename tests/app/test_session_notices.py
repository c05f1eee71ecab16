"""What the user of a session is told."""

import pytest

from console.app.key_state import KeyState
from console.app.session_notices import HOSTS_ACCESS, HOSTS_KEY, KEPT, OTHER_KEY, SessionNotices
from console.app.view_model import Notice, Target, ViewModel
from console.client.happenings import ErrorReport
from console.errors import ConnectError, ConsoleError
from console.realtime.events import Event


@pytest.fixture
def view():
    return ViewModel(target=Target("simulator", "gpt-realtime", "marin", "", True))


def test_a_notice_takes_the_place_of_the_one_before(view):
    notices = SessionNotices(view)
    notices.tell("talk", "info", "Hold the button.")
    notices.tell("talk", "warning", "Hold it longer.", "retry")

    assert view.notices == [Notice("talk", "warning", "Hold it longer.", "retry")]
    notices.take_back("talk")
    assert view.notices == []
    notices.take_back("talk")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConsoleError("The line is busy."), "The line is busy."),
        (ValueError("7 is odd"), "Could not send the sound: 7 is odd"),
    ],
)
def test_a_failure_becomes_a_sentence(view, error, sentence):
    with SessionNotices(view).report("send the sound"):
        raise error

    assert [each.sentence for each in view.notices] == [sentence]


def test_what_nobody_expected_is_not_swallowed(view):
    with pytest.raises(KeyError), SessionNotices(view).report("send the sound"):
        raise KeyError("x")


def test_messages_that_cannot_be_read_are_counted_in_one_notice(view):
    notices = SessionNotices(view)
    notices.unreadable("A message is not JSON.")
    assert [each.sentence for each in view.notices] == ["A message is not JSON."]

    notices.unreadable("A message is not an object.")
    notices.unreadable("A message is not JSON.")

    (told,) = view.notices
    assert told.action == "show_errors"
    assert told.sentence.startswith("3 messages of the server could not be read")
    view.dismiss(told.notice_id)
    notices.unreadable("A message is not JSON.")
    assert [each.sentence for each in view.notices] == ["A message is not JSON."]


@pytest.mark.parametrize(
    ("cause", "may_change", "words", "action"),
    [
        ("unreachable", True, "No.", "retry"),
        ("key", True, "No.", "change_key"),
        ("key", False, f"No. {OTHER_KEY}", None),
    ],
)
def test_what_helps_against_a_refusal_is_offered(view, cause, may_change, words, action):
    view.set_key(KeyState(may_change=may_change))

    SessionNotices(view).refused(ConnectError("No.", cause=cause))

    assert view.notices == [Notice("connection", "error", words, action)]


@pytest.mark.parametrize(
    ("cause", "may_change", "words", "action"),
    [
        ("server", True, f"Gone. {KEPT}", "retry"),
        (None, True, f"Gone. {KEPT}", "retry"),
        ("key", True, f"Gone. {KEPT}", "change_key"),
        ("key", False, f"Gone. {OTHER_KEY} {KEPT}", None),
    ],
)
def test_what_helps_against_the_end_of_a_session_is_offered(view, cause, may_change, words, action):
    view.set_key(KeyState(may_change=may_change))

    SessionNotices(view).ended("Gone.", cause)

    assert view.notices == [Notice("connection", "error", words, action)]


@pytest.mark.parametrize(
    ("cause", "words", "action"), [("key", HOSTS_KEY, None), ("permission", HOSTS_ACCESS, "retry")]
)
def test_a_guest_hears_that_the_hosts_key_was_refused_and_nothing_of_it(view, cause, words, action):
    notices = SessionNotices(view, is_guest=True)
    error = ConnectError("It does not accept the API key ending in 4711.", cause=cause)

    notices.refused(error)
    assert view.notices == [Notice("connection", "error", words, action)]

    notices.ended(str(error), cause)
    assert view.notices == [Notice("connection", "error", f"{words} {KEPT}", action)]


@pytest.mark.parametrize(
    ("report", "action", "event_id", "field"),
    [
        (
            ErrorReport("Unknown.", "server", param="session.foo", event_id="event_1"),
            "show_event",
            "event_1",
            "session.foo",
        ),
        (
            ErrorReport("Bad.", "server", cause=Event("response.cancel", "event_2")),
            "show_event",
            "event_2",
            "",
        ),
        (ErrorReport("Bad.", "server", param="session.foo"), None, "", ""),
    ],
)
def test_an_error_leads_to_the_event_that_caused_it_if_that_is_known(
    view, report, action, event_id, field
):
    SessionNotices(view).wrong(report)

    assert view.notices == [Notice("event", "warning", report.message, action, event_id, field)]
