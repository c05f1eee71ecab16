import io
import json
import logging

import pytest

from console.realtime.prices import Cost
from console.relay import journal
from console.relay.journal import Journal
from console.relay.observer import Spending
from console.scrubber import scrubber
from tests.fakes import ManualClock
from tests.relay.facts import FACTS, facts, passed


@pytest.fixture
def lines(monkeypatch):
    """What the journal writes, as the relay's log has it."""
    handler = logging.StreamHandler(io.StringIO())
    root = logging.getLogger("root of a test")
    root.addHandler(handler)
    handler.addFilter(scrubber)
    before = journal.logger.level
    journal.begin(root)
    journal.logger.addHandler(handler)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    journal.logger.removeHandler(handler)
    journal.logger.setLevel(before)


async def test_a_session_is_one_line_at_its_beginning_and_one_at_its_end(lines):
    clock = ManualClock()
    told = Journal(clock)
    told.session_opened(FACTS)
    told.event_passed(passed("up", {"type": "x", "text": "a secret"}, 20))
    told.event_passed(passed("down", {"type": "y"}, 200))
    told.event_refused(FACTS.id, {"type": "z"}, "relay_event_not_allowed")
    told.audio_dropped(FACTS.id, "up", 3, 300)
    told.session_spent(FACTS.id, Spending(Cost(0.5)))
    await clock.advance(61.5)
    told.session_closed(FACTS.id, 1008, "used up", "relay")

    begin, end = lines()

    assert (begin["message"], begin["level"]) == ("session opened", "INFO")
    assert begin["time"].startswith("20")
    assert begin["logger"] == "console.relay.journal"
    assert (end["message"], end["token"], end["model"]) == ("session closed", "shop", FACTS.model)
    assert (end["seconds"], end["code"], end["side"], end["dollars"]) == (61.5, 1008, "relay", 0.5)
    assert (end["up_events"], end["down_bytes"]) == (1, 200)
    assert (end["refused"], end["dropped"]) == ({"relay_event_not_allowed": 1}, {"up": 3})
    assert "a secret" not in json.dumps(lines())


def test_who_gets_another_model_than_they_asked_for_is_in_the_log(lines):
    told = Journal(ManualClock())
    told.session_opened(facts("one", asked_model="mini"))
    told.session_opened(facts("other"))

    one, other = lines()

    assert one["asked_model"] == "mini"
    assert "asked_model" not in other


def test_who_got_no_session_is_a_line_without_what_they_showed(lines):
    Journal(ManualClock()).client_turned_away("invalid_api_key")

    (line,) = lines()
    assert (line["message"], line["code"]) == ("client turned away", "invalid_api_key")


def test_what_clients_call_themselves_writes_no_lines_and_no_keys(lines):
    told = Journal(ManualClock())
    told.session_opened(
        facts("x" * 40, agent='evil\n{"level": "INFO"}\u202e Bearer sk-planted-key')
    )
    told.session_closed("x" * 40, 1000, "bye\nsk-planted-key", "client")

    text = json.dumps(lines())
    assert len(lines()) == 2
    assert "planted" not in text
    assert "\\u202e" not in text.replace("\\\\u202e", "")


def test_the_name_that_lets_one_watch_is_not_in_the_log(lines):
    told = Journal(ManualClock())
    told.session_opened(FACTS)
    told.session_closed(FACTS.id, 1000, "", "client")

    assert FACTS.id not in json.dumps(lines())


def test_what_is_told_of_unknown_sessions_is_ignored(lines):
    told = Journal(ManualClock())
    told.event_passed(passed("up", {}, 1, session_id="x"))
    told.event_refused("x", {}, "no")
    told.audio_dropped("x", "up", 1, 1)
    told.session_spent("x", Spending(Cost(1)))
    told.session_closed("x", 1000, "", "client")

    assert lines() == []


def test_who_wants_errors_alone_gets_no_journal():
    before = journal.logger.level
    root = logging.getLogger("root of another test")
    root.setLevel(logging.ERROR)
    journal.begin(root)
    is_quiet = not journal.logger.isEnabledFor(logging.INFO)
    journal.logger.setLevel(before)

    assert is_quiet
