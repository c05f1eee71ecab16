import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console import pcm
from console.app.turn_times import MAX_IDS, MAX_TURNS, TurnTimes
from console.realtime.events import Event
from console.realtime.prices import Cost

VAD = {"audio": {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}}}
SAMPLES_PER_MS = 24


class Played:
    """Turns, told what happens by the test."""

    def __init__(self):
        self.turns = TurnTimes()

    def client(self, t_ms, event_type, **fields):
        self.turns.take(t_ms, "client", Event(event_type, "c", fields))

    def server(self, t_ms, event_type, **fields):
        self.turns.take(t_ms, "server", Event(event_type, "s", fields))

    def speak(self, from_ms, to_ms, step_ms=100):
        audio = pcm.encode(bytes(step_ms * pcm.BYTES_PER_MS))
        for t_ms in range(from_ms + step_ms, to_ms + 1, step_ms):
            self.client(t_ms, "input_audio_buffer.append", audio=audio)

    def answer(self, t_ms, response_id="r1", item_id="a1", **response):
        """A spoken answer of which everything comes within 100 ms."""
        self.server(t_ms, "response.created", response={"id": response_id, **response})
        self.server(
            t_ms + 10, "response.output_item.added", response_id=response_id, item={"id": item_id}
        )
        ids = {"response_id": response_id, "item_id": item_id}
        self.server(t_ms + 20, "response.output_audio_transcript.delta", delta="It", **ids)
        self.server(t_ms + 30, "response.output_audio.delta", delta="AAAA", **ids)
        self.server(t_ms + 40, "response.output_audio.delta", delta="AAAA", **ids)

    def done(self, t_ms, response_id="r1", status="completed", tokens=10):
        usage = {"total_tokens": tokens, "input_tokens": tokens}
        response = {"id": response_id, "status": status, "usage": usage}
        self.server(t_ms, "response.done", response=response)

    def typed(self, t_ms, item_id="u1"):
        item = {"id": item_id, "type": "message", "role": "user"}
        self.client(t_ms, "conversation.item.create", item=item)
        self.client(t_ms + 1, "response.create")
        self.server(t_ms + 5, "conversation.item.added", item=item)

    @property
    def all(self):
        return self.turns.turns


@pytest.fixture
def played():
    return Played()


def test_a_spoken_turn_with_turn_detection_has_all_its_times(played):
    played.server(0, "session.created", session=VAD)
    played.speak(0, 2_000)
    # Speech from 400 to 1,300; the service waits for 500 ms of silence.
    played.server(700, "input_audio_buffer.speech_started", item_id="u1", audio_start_ms=400)
    played.server(1_900, "input_audio_buffer.speech_stopped", item_id="u1", audio_end_ms=1_800)
    played.server(1_910, "input_audio_buffer.committed", item_id="u1")
    played.answer(1_950)
    played.server(2_300, "conversation.item.input_audio_transcription.completed", item_id="u1")
    played.turns.heard(2_050, "a1", 20 * SAMPLES_PER_MS)
    played.done(2_500)
    played.turns.silent(4_000, "a1")

    (turn,) = played.all
    assert (turn.kind, turn.began_ms, turn.speech_ended_ms) == ("speech", 400, 1_300)
    assert (turn.committed_ms, turn.created_ms) == (1_910, 1_950)
    assert (turn.first_transcript_ms, turn.first_audio_ms, turn.first_heard_ms) == (
        1_970,
        1_980,
        2_030,
    )
    assert (turn.done_ms, turn.playback_ended_ms, turn.user_transcript_ms) == (2_500, 4_000, 2_300)
    assert turn.latency_ms == 730
    assert (turn.status, turn.item_ids, turn.response_ids) == ("completed", ["u1", "a1"], ["r1"])


def test_a_turn_by_the_button_ends_when_it_is_released(played):
    played.speak(0, 1_000)
    played.client(1_020, "input_audio_buffer.commit")
    played.client(1_021, "response.create")
    played.server(1_060, "input_audio_buffer.committed", item_id="u1")
    played.answer(1_100)

    (turn,) = played.all
    assert (turn.kind, turn.start_ms, turn.committed_ms) == ("speech", 1_020, 1_060)
    assert turn.latency_ms == 110, (
        "nothing was heard yet, so it counts to the first sound that came"
    )


def test_a_typed_turn_counts_from_when_it_was_sent(played):
    played.typed(100)
    played.server(150, "response.created", response={"id": "r1"})
    played.server(180, "response.output_text.delta", response_id="r1", item_id="a1", delta="Hi")

    (turn,) = played.all
    assert (turn.kind, turn.committed_ms, turn.latency_ms) == ("text", 105, 79)


def test_several_items_before_an_answer_are_one_turn(played):
    for item_id in ("u1", "u2"):
        item = {"id": item_id, "type": "message", "role": "user"}
        played.client(100, "conversation.item.create", item=item)
    played.client(120, "response.create")
    played.answer(150)

    (turn,) = played.all
    assert turn.item_ids == ["u1", "u2", "a1"]
    assert turn.start_ms == 120


def test_the_steps_of_a_tool_belong_to_the_turn_that_asked_for_them(played):
    played.typed(100)
    played.server(150, "response.created", response={"id": "r1"})
    call = {"id": "f1", "type": "function_call", "name": "get_weather"}
    played.server(160, "response.output_item.added", response_id="r1", item=call)
    played.done(200, tokens=7)
    output = {"id": "o1", "type": "function_call_output"}
    played.client(210, "conversation.item.create", item=output)
    played.client(211, "response.create")
    played.answer(250, "r2")
    played.done(300, "r2", tokens=5)

    (turn,) = played.all
    assert (turn.response_ids, turn.tools) == (["r1", "r2"], ["get_weather"])
    assert (turn.created_ms, turn.first_audio_ms, turn.done_ms) == (150, 280, 300)
    assert turn.tokens.total == 12
    assert turn.start_ms == 101, "the wait for the tool is a wait for the answer"


def test_a_call_of_the_server_is_answered_in_the_same_turn(played):
    played.typed(100)
    played.server(150, "response.created", response={"id": "r1"})
    call = {"id": "m1", "type": "mcp_call", "name": "add"}
    played.server(160, "response.output_item.added", response_id="r1", item=call)
    played.done(200)
    played.server(220, "response.mcp_call.completed", item_id="m1")
    played.client(221, "response.create")
    played.answer(250, "r2")

    assert [each.response_ids for each in played.all] == [["r1", "r2"]]


def test_who_speaks_into_an_answer_begins_another_turn_and_the_answer_stays_with_its_own(played):
    played.typed(100)
    played.answer(150)
    played.turns.heard(400, "a1", 100 * SAMPLES_PER_MS)
    played.server(1_000, "input_audio_buffer.speech_started", item_id="u2")
    played.turns.silent(1_010, "a1")
    played.done(1_020, status="cancelled")

    first, second = played.all
    assert (first.status, first.done_ms, first.playback_ended_ms) == ("cancelled", 1_020, 1_010)
    assert (second.kind, second.status, second.item_ids) == ("speech", None, ["u2"])


def test_an_answer_that_begins_while_the_user_speaks_is_one_to_the_turn_before(played):
    played.typed(100)
    played.server(120, "input_audio_buffer.speech_started", item_id="u2")
    played.answer(150)

    first, second = played.all
    assert (first.response_ids, second.response_ids) == (["r1"], [])


def test_an_answer_that_nothing_new_led_to_is_a_turn_of_its_own(played):
    played.typed(100)
    played.answer(150)
    played.done(200)
    played.client(5_000, "response.create")
    played.answer(5_040, "r2", "a2")

    assert [each.kind for each in played.all] == ["text", "request"]
    assert played.all[1].latency_ms == 70


def test_an_answer_outside_the_conversation_stands_beside_it(played):
    played.typed(100)
    played.client(120, "response.create", response={"conversation": "none"})
    played.server(130, "response.created", response={"id": "r9", "conversation_id": None})
    played.answer(150)

    assert [each.kind for each in played.all] == ["text", "out_of_band"]
    assert played.all[0].response_ids == ["r1"]
    assert played.turns.latest is played.all[0]


def test_a_silence_that_runs_out_is_no_speech_of_the_user(played):
    played.server(100, "input_audio_buffer.timeout_triggered", item_id="u1", audio_start_ms=0)
    played.server(110, "input_audio_buffer.committed", item_id="u1")
    played.answer(150)

    (turn,) = played.all
    assert (turn.kind, turn.speech_ended_ms, turn.response_ids) == ("request", None, ["r1"])


def test_items_that_are_told_again_to_a_new_session_begin_no_turns(played):
    played.typed(100)
    played.answer(150)
    played.done(200)
    item = {"id": "u1", "type": "message", "role": "user"}

    played.client(9_000, "conversation.item.create", item=item)

    assert len(played.all) == 1


def test_speech_in_a_new_session_is_placed_by_its_own_sound(played):
    played.server(0, "session.created", session=VAD)
    played.speak(0, 5_000)
    played.server(5_100, "session.created", session=VAD)
    played.speak(6_000, 7_000)

    played.server(6_500, "input_audio_buffer.speech_started", item_id="u1", audio_start_ms=300)

    assert played.all[0].began_ms == 6_300


@pytest.mark.parametrize(("kind", "n_bytes"), [("audio/pcmu", 800), ("audio/pcm", 4_800)])
def test_sound_is_measured_in_the_format_of_the_session(played, kind, n_bytes):
    session = {"audio": {"input": {"format": {"type": kind}}}}
    played.server(0, "session.updated", session=session)
    for t_ms in (100, 200, 300):
        played.client(t_ms, "input_audio_buffer.append", audio=pcm.encode(bytes(n_bytes)))

    played.server(300, "input_audio_buffer.speech_started", item_id="u1", audio_start_ms=150)

    assert played.all[0].began_ms == 150


def test_what_was_heard_is_never_earlier_than_what_came(played):
    played.typed(100)
    played.answer(150)

    played.turns.heard(200, "a1", 9_999 * SAMPLES_PER_MS)

    assert played.all[0].first_heard_ms == 180


def test_only_the_first_report_of_an_item_says_when_it_began(played):
    played.typed(100)
    played.answer(150)
    played.turns.heard(300, "a1", 50 * SAMPLES_PER_MS)
    version = played.turns.version

    played.turns.heard(500, "a1", 250 * SAMPLES_PER_MS)
    played.turns.heard(500, "of another session", 1)
    played.turns.heard(500, "u1", 0)

    assert played.all[0].first_heard_ms == 250
    assert played.turns.version == version


def test_each_item_has_the_time_in_which_it_was_spoken_or_heard(played):
    played.server(0, "session.created", session=VAD)
    played.speak(0, 2_000)
    played.server(700, "input_audio_buffer.speech_started", item_id="u1", audio_start_ms=400)
    played.server(1_900, "input_audio_buffer.speech_stopped", item_id="u1", audio_end_ms=1_800)
    played.server(1_910, "input_audio_buffer.committed", item_id="u1")
    played.answer(1_950)
    assert played.turns.span_of("a1") is None
    played.turns.heard(2_050, "a1", 20 * SAMPLES_PER_MS)
    played.turns.silent(4_000, "a1")

    spoken, heard = played.turns.span_of("u1"), played.turns.span_of("a1")
    assert (spoken.began_ms, spoken.ended_ms) == (400, 1_300)
    assert (heard.began_ms, heard.ended_ms) == (2_030, 4_000)
    assert played.turns.span_of("nobody") is None


def test_costs_of_a_turn_are_added_up_and_stay_unknown_once_one_is(played):
    played.typed(100)
    played.answer(150)
    assert played.all[0].cost is None

    played.turns.add_cost("r1", Cost(0.5))
    played.turns.add_cost("u1", Cost(0.25, is_estimate=True))
    played.turns.add_cost("of another session", Cost(9.0))

    assert played.all[0].cost == Cost(0.75, is_estimate=True)


def test_a_call_tells_itself_when_its_sound_begins_and_ends(played):
    played.typed(100)
    played.answer(150)
    played.server(300, "output_audio_buffer.started", response_id="r1")
    played.server(900, "output_audio_buffer.stopped", response_id="r1")

    turn = played.all[0]
    assert (turn.first_heard_ms, turn.playback_ended_ms) == (300, 900)


def test_turns_that_changed_are_found_by_version(played):
    played.typed(100)
    version = played.turns.version
    assert played.turns.changed_after(version) == []

    played.answer(150)

    assert played.turns.changed_after(version) == played.all
    assert played.turns.turn_of("r1") is played.turns.turn_of("u1") is played.all[0]


def test_old_turns_are_forgotten_with_all_that_belongs_to_them(played):
    for n in range(MAX_TURNS + 1):
        played.typed(n, f"u{n}")
        played.server(n, "response.created", response={"id": f"r{n}"})
        played.done(n, f"r{n}")

    assert len(played.all) == MAX_TURNS
    assert played.all[0].number == 2
    assert played.turns.turn_of("u0") is played.turns.turn_of("r0") is None
    assert played.turns.span_of("u0") is None


def test_a_peer_that_makes_items_without_end_fills_nothing(played):
    played.typed(100)
    played.answer(150)
    for n in range(2 * MAX_IDS):
        item = {"id": f"x{n}", "type": "function_call", "name": "f"}
        played.server(200, "response.output_item.added", response_id="r1", item=item)

    turn = played.all[0]
    assert len(turn.tools) == MAX_IDS
    assert len(turn.item_ids) == MAX_IDS


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "item", "response", "item_id", "response_id", "session", "audio", "usage"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
TYPES = sorted({each for table in TurnTimes()._handlers.values() for each in table})


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["client", "server"]),
            st.sampled_from(TYPES),
            st.dictionaries(
                st.sampled_from(
                    ["id", "item", "response", "item_id", "response_id", "session", "audio"]
                ),
                JUNK,
                max_size=3,
            ),
        ),
        max_size=12,
    )
)
def test_nothing_that_a_peer_sends_makes_it_fail(events):
    turns = TurnTimes()
    for n, (source, event_type, fields) in enumerate(events):
        turns.take(float(n), source, Event(event_type, "e", fields))

    assert [each.number for each in turns.turns] == list(range(1, len(turns.turns) + 1))
