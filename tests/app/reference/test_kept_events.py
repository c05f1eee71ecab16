import pytest

from console.app.reference import kept_events
from console.app.reference.kept_events import (
    MAX_EVENT_CHARACTERS,
    MAX_NAME_CHARACTERS,
    MAX_SAVED,
    MAX_SENT,
    KeptEvents,
)

EVENT = {"type": "response.create"}


def numbered(number):
    return {"type": "response.create", "number": number}


def test_what_is_kept_comes_back():
    kept = KeptEvents().with_saved("mine", EVENT).with_sent(numbered(1)).with_sent(numbered(2))

    assert KeptEvents.parse(kept.dump()) == kept
    assert kept.sent == (numbered(2), numbered(1))


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "[]", "3", '{"saved": [], "sent": {}}', '{"saved": {"a": 1}, "sent": [3, {}]}',
     '{"saved": {"": {"type": "x"}}}', '{"sent": [{"type": 3}]}', "[" * 100_000,
     " " * (kept_events.MAX_CHARACTERS + 1)],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out(text):
    assert KeptEvents.parse(text) == KeptEvents()


def test_an_event_that_is_sent_again_is_there_once():
    kept = KeptEvents().with_sent(numbered(1)).with_sent(numbered(2)).with_sent(numbered(1))

    assert kept.sent == (numbered(1), numbered(2))


def test_only_the_newest_that_were_sent_stay():
    kept = KeptEvents()
    for number in range(MAX_SENT + 5):
        kept = kept.with_sent(numbered(number))

    assert len(kept.sent) == MAX_SENT
    assert kept.sent[0] == numbered(MAX_SENT + 4)


def test_a_name_that_is_there_is_taken_over():
    kept = KeptEvents().with_saved("a", EVENT).with_saved("b", EVENT).with_saved("a", numbered(1))

    assert dict(kept.saved) == {"b": EVENT, "a": numbered(1)}
    assert dict(kept.without("b").saved) == {"a": numbered(1)}


def test_what_cannot_be_saved_is_told_why():
    full = KeptEvents({str(n): EVENT for n in range(MAX_SAVED)})
    large = {"type": "x", "audio": "A" * MAX_EVENT_CHARACTERS}

    with pytest.raises(ValueError, match="1 to 80 characters"):
        full.with_saved("", EVENT)
    with pytest.raises(ValueError, match="1 to 80 characters"):
        full.with_saved("n" * (MAX_NAME_CHARACTERS + 1), EVENT)
    with pytest.raises(ValueError, match="50,000 characters"):
        KeptEvents().with_saved("large", large)
    with pytest.raises(ValueError, match="100 are saved already"):
        full.with_saved("one more", EVENT)
    assert full.with_saved("3", numbered(3)).saved["3"] == numbered(3)
    assert KeptEvents().with_sent(large) == KeptEvents()


def test_the_oldest_goes_when_a_browser_could_not_hold_it(monkeypatch):
    monkeypatch.setattr(kept_events, "MAX_CHARACTERS", 110)
    kept = KeptEvents().with_saved("a", EVENT).with_saved("b", EVENT).with_sent(EVENT)

    assert KeptEvents.parse(kept.dump()) == KeptEvents({"a": EVENT, "b": EVENT})
