from typing import Any

import pytest

from console.app.session_life import SessionLife
from console.app.view_model import Phase, Target, ViewModel
from console.client.happenings import ConnectionChanged, SessionExpiring, SessionMoved
from tests.fakes import ManualClock

LOST = "Connection lost - reconnecting (1/5)..."


class Client:
    """Only what is listened to."""

    def __init__(self):
        self.handlers = {}

    def on(self, name, handler):
        self.handlers[name] = handler

    def tell(self, name, value):
        self.handlers[name](value)


def followed(phase=Phase.CONNECTED):
    view = ViewModel(target=Target("simulator", "m", "v", "", True))
    view.set_connection(phase)
    client: Any = Client()
    life = SessionLife(view, ManualClock(), line_lost=lambda: view.set_talking(False))
    life.follow(client)
    return view, client, life


def lost(attempt=1):
    return ConnectionChanged("reconnecting", LOST, attempt, 5, 0.5, "unreachable")


def back():
    return ConnectionChanged("open", "", 1, 5, 0.0, None)


def told(view):
    return {each.notice_id: (each.sentence, each.action) for each in view.notices}


def test_a_lost_line_pauses_and_is_told_with_its_attempts():
    view, client, _ = followed()
    view.set_talking(True)

    client.tell("connection.changed", lost())
    client.tell("connection.changed", lost(2))

    assert (view.phase, view.step, view.is_talking) == (Phase.RECONNECTING, "2 of 5", False)
    assert told(view) == {"connection": (LOST, None)}


def test_a_line_that_is_back_goes_on_where_it_was():
    view, client, _ = followed()
    client.tell("connection.changed", lost())
    client.tell("connection.changed", back())

    assert (view.phase, told(view)) == (Phase.CONNECTED, {})
    assert view.connected_at_s == ManualClock().now_s(), "a wall clock can be set"


def test_an_answer_that_was_cut_off_can_be_gone_on_with():
    view, client, life = followed()
    life.answer_was_cut()
    client.tell("connection.changed", lost())
    client.tell("connection.changed", back())
    client.tell("session.moved", SessionMoved("lost", 4, "The conversation was carried over."))

    assert told(view) == {"moved": ("The conversation was carried over.", "continue")}


def test_speech_that_went_with_the_line_is_told_in_one_notice_that_changes_with_the_line():
    view, client, life = followed()
    client.tell("connection.changed", lost())
    life.speech_was_lost("2.9 s of speech was lost. Say it again when the line is back.")
    assert [each.sentence for each in view.notices][1:] == [
        "2.9 s of speech was lost. Say it again when the line is back."
    ]

    client.tell("connection.changed", back())
    moved = SessionMoved("lost", 0, "The connection is back. 2.9 s of speech was lost.")
    client.tell("session.moved", moved)
    (notice,) = view.notices
    assert notice.sentence == f"{moved.sentence} Say it again."
    assert notice.kind == "warning"

    client.tell("session.moved", SessionMoved("expiring", 4, "Moved on."))
    (notice,) = view.notices
    assert (notice.sentence, notice.kind) == ("Moved on.", "info")


def test_who_leaves_is_told_no_more_what_to_do_when_the_line_is_back():
    view, client, life = followed()
    client.tell("connection.changed", lost())
    life.speech_was_lost("2.9 s of speech was lost. Say it again when the line is back.")
    life.user_left()

    assert view.notices == []


def test_a_move_in_a_pause_offers_nothing_to_go_on_with():
    view, client, _ = followed()
    client.tell("session.expiring", SessionExpiring(300.0, "5 minutes are left."))
    assert told(view) == {"expiring": ("5 minutes are left.", None)}

    client.tell("session.moved", SessionMoved("expiring", 4, "Moved on."))
    assert told(view) == {"moved": ("Moved on.", None)}


def test_the_first_line_is_tried_again_while_connecting():
    view, client, _ = followed(Phase.CONNECTING)
    client.tell("connection.changed", ConnectionChanged("connecting", "Connecting...", 1, 1))
    assert (view.step, told(view)) == ("", {})

    client.tell("connection.changed", ConnectionChanged("connecting", "Trying again", 2, 3, 1.0))
    assert (view.phase, view.step) == (Phase.CONNECTING, "try 2 of 3")
    assert told(view) == {"connection": ("Trying again", None)}

    client.tell("connection.changed", back())
    assert told(view) == {}


def test_a_line_that_is_given_up_stays_given_up():
    view, client, _ = followed(Phase.DISCONNECTED)
    client.tell("connection.changed", lost())

    assert (view.phase, told(view)) == (Phase.DISCONNECTED, {})


def test_the_last_words_say_why_the_line_is_gone():
    _, client, life = followed()

    client.tell(
        "connection.changed", ConnectionChanged("closed", "The server is gone.", cause="server")
    )
    assert (life.last_words, life.last_cause) == ("The server is gone.", "server")

    client.tell("connection.changed", ConnectionChanged("connecting", "Connecting...", 1, 1))
    assert (life.last_words, life.last_cause) == ("", None)


@pytest.mark.parametrize("over", ["conversation_goes_on", "user_left"])
def test_what_a_slow_network_has_cost_is_told_until_it_is_over(over):
    view, _, life = followed()

    life.sound_was_skipped("Network too slow: 1.2 s skipped.")
    assert told(view) == {"skipped": ("Network too slow: 1.2 s skipped.", None)}

    getattr(life, over)()
    assert view.notices == []


def test_what_was_told_of_a_move_goes_when_the_conversation_goes_on():
    view, client, life = followed()
    client.tell("session.moved", SessionMoved("lost", 4, "The line is back."))
    life.conversation_goes_on()

    assert told(view) == {}


def test_that_a_line_is_back_is_not_told_of_one_that_is_lost_again():
    view, client, life = followed()
    client.tell("session.moved", SessionMoved("lost", 4, "The line is back."))
    client.tell("connection.changed", lost())
    assert told(view) == {"connection": (LOST, None)}

    client.tell("connection.changed", back())
    life.speech_was_lost("2 s of speech was lost.")
    client.tell("connection.changed", lost())
    assert told(view)["moved"] == ("2 s of speech was lost.", None)
