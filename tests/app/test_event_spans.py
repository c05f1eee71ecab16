import pytest

from console.app.event_shelf import Entry
from console.app.event_spans import MAX_RUN_FRAMES, RunFold
from console.realtime.events import Event
from tests.app.log_rig import audio, words


def folded(*events, fold=None, step_ms=10.0):
    """Return to which row each event was put; an event of the client is a pair."""
    fold = fold or RunFold()
    found = []
    for number, each in enumerate(events):
        source, event = each if isinstance(each, tuple) else ("server", each)
        found.append(fold.take(number, Entry(number * step_ms, source, event, 100), 0.0))
    return found


CHUNK = ("client", audio(source="client"))


@pytest.mark.parametrize(
    ("events", "rows"),
    [
        ((words("a"), audio(), words("b"), audio()), [0, 1, 0, 1]),
        ((audio("a"), audio("b"), audio("a")), [0, 1, 0]),
        ((CHUNK, ("client", Event("input_audio_buffer.commit")), CHUNK), [0, 1, 2]),
        ((CHUNK, Event("input_audio_buffer.speech_started"), CHUNK), [0, 1, 2]),
        ((CHUNK, Event("response.created"), CHUNK), [0, 1, 0]),
        ((audio(), CHUNK, audio()), [0, 1, 0]),
        ((Event("error"), Event("error")), [0, 1]),
    ],
)
def test_only_other_runs_interrupt_a_run(events, rows):
    assert folded(*events) == rows


def test_a_silence_ends_a_run():
    assert folded(audio(), audio(), step_ms=1_999) == [0, 0]
    assert folded(audio(), audio(), step_ms=2_001) == [0, 1]


def test_a_run_that_goes_on_for_very_long_begins_again():
    fold = RunFold()
    entry = Entry(0.0, "client", audio(source="client"), 1)

    assert fold.take(0, entry, 0.0) == fold.take(MAX_RUN_FRAMES - 1, entry, 0.0) == 0
    assert fold.take(MAX_RUN_FRAMES, entry, 0.0) == MAX_RUN_FRAMES


def test_a_run_says_what_its_words_say_together_and_no_more_than_a_line():
    fold = RunFold()
    folded(words("Hello "), words("Ada"), fold=fold)
    assert fold.runs[0].summary == "Hello Ada"

    folded(*[words("x" * 100)] * 5, fold=fold)
    assert len(fold.runs[0].summary) <= 161
    assert fold.longest == 7


def test_what_began_too_long_ago_is_forgotten_and_begins_again():
    fold = RunFold()
    folded(words("a"), audio(), fold=fold)

    fold.forget_before(1)

    assert list(fold.runs) == [1]
    assert fold.take(2, Entry(20.0, "server", words("b"), 1), 0.0) == 2
    assert fold.take(3, Entry(20.0, "server", audio(), 1), 0.0) == 1
