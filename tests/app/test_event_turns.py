from console.app.event_shelf import Entry
from console.app.event_turns import BEFORE, TurnFold
from console.app.turn_times import TurnTimes
from console.realtime.events import Event


class Folding:
    """A fold and the turns that it goes by."""

    def __init__(self):
        self.turns = TurnTimes()
        self.fold = TurnFold(self.turns)
        self.n = 0

    def take(self, event_type, *, at_ms=None, source="server", names=("", ""), **fields):
        """Take an event in; return the number of the first of its turn."""
        entry = Entry(
            self.n * 10.0 if at_ms is None else at_ms, source, Event(event_type, None, fields), 100
        )
        self.turns.take(entry.t_ms, source, entry.event)
        row = self.fold.take(self.n, entry, names, 20.0)
        self.n += 1
        return row.first


def spoken(folding, item, response):
    first = folding.take("input_audio_buffer.speech_started", item_id=item, names=(item, ""))
    folding.take("input_audio_buffer.speech_stopped", item_id=item, names=(item, ""))
    folding.take("input_audio_buffer.committed", item_id=item, names=(item, ""))
    folding.take("response.created", response={"id": response}, names=("", response))
    return first


def test_events_belong_to_the_turn_that_has_begun_and_before_it_to_none():
    folding = Folding()

    assert folding.take("session.created") == 0
    assert spoken(folding, "item_1", "resp_1") == 1
    assert folding.take("rate_limits.updated") == 1
    assert [row.name for row in folding.fold.rows.values()] == [BEFORE, "turn 1"]
    assert [row.count for row in folding.fold.rows.values()] == [1, 5]


def test_what_comes_late_of_an_interrupted_answer_belongs_to_its_turn():
    folding = Folding()
    first = spoken(folding, "item_1", "resp_1")
    second = spoken(folding, "item_2", "resp_2")

    late = folding.take(
        "response.done", response={"id": "resp_1", "status": "cancelled"}, names=("", "resp_1")
    )

    assert (late, second) == (first, 4)
    assert folding.fold.rows[first].summary.endswith("cancelled")


def test_a_turn_says_its_times_from_the_end_of_speech_on():
    folding = Folding()
    spoken(folding, "item_1", "resp_1")
    folding.take(
        "response.output_audio.delta", at_ms=1_510, response_id="resp_1", names=("", "resp_1")
    )

    row = folding.fold.rows[0]
    assert row.summary == "speech 10 ms, committed +10 ms, response +20 ms, first sound +1.5 s"
    told = row.as_json()
    assert (told["turn"], told["kind"], told["events"], told["bytes"]) == (1, "speech", 5, 500)
    assert told["times_ms"]["first_audio"] == 1_510
    assert told["audio_ms"] == 100


def test_rows_before_an_event_are_forgotten_but_the_latest():
    folding = Folding()
    spoken(folding, "item_1", "resp_1")
    spoken(folding, "item_2", "resp_2")

    folding.fold.forget_before(1_000)

    assert list(folding.fold.rows) == [4]
    gone, held = folding.turns.turns
    assert folding.fold.row_of(gone) is None
    assert folding.fold.row_of(held) is folding.fold.rows[4]
