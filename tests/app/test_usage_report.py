import pytest

from console.app import usage_report
from console.app.spending.ledger import Spent
from console.app.turn import Turn
from console.app.usage_report import STAGES, percentile
from console.realtime.prices import Cost
from console.realtime.usage import SessionUsage, TokenUsage, TranscriptionUsage


def spoken(number, waited_ms, **changes):
    return Turn(
        number,
        "speech",
        0.0,
        speech_ended_ms=1_000.0,
        first_heard_ms=1_000.0 + waited_ms,
        **changes,
    )


@pytest.mark.parametrize(
    ("values", "p50", "p95"),
    [
        ([], None, None),
        ([7.0], 7.0, 7.0),
        ([3.0, 1.0], 1.0, 3.0),
        ([float(n) for n in range(1, 101)], 50.0, 95.0),
    ],
)
def test_a_percentile_is_a_value_that_there_was(values, p50, p95):
    assert (percentile(values, 0.5), percentile(values, 0.95)) == (p50, p95)


def test_stages_count_from_the_end_of_speech_and_those_not_reached_are_left_out():
    turn = spoken(1, 800.0, committed_ms=1_500.0, done_ms=900.0)

    found = usage_report.stages_of(turn)

    assert found == {"committed": 500.0, "first_heard": 800.0, "done": 0.0}
    assert list(found) == [each for each in STAGES if each in found]


def test_latency_counts_the_turns_of_the_conversation_alone():
    beside = spoken(3, 9_000.0)
    beside.kind = "out_of_band"
    unanswered = Turn(4, "text", 0.0)

    shown = usage_report.latency([spoken(1, 500.0), spoken(2, 700.0), beside, unanswered])

    assert shown["waited"] == {"n": 2, "p50": 500.0, "p95": 700.0}
    assert shown["plot"] == [[1, 500.0], [2, 700.0]]
    assert [each["number"] for each in shown["turns"]] == [1, 2, 3, 4]
    by_name = {each["name"]: each for each in shown["stages"]}
    assert by_name["first_heard"] == {
        "name": "first_heard", "label": "first sample heard", "n": 2, "p50": 500.0, "p95": 700.0,
    }  # fmt: skip
    assert by_name["done"]["p50"] is None


def test_only_the_newest_turns_are_shown_and_all_are_counted():
    turns = [spoken(n, float(n)) for n in range(1, 1_001)]

    shown = usage_report.latency(turns)

    assert [each["number"] for each in shown["turns"]] == list(range(901, 1_001))
    assert len(shown["plot"]) == usage_report.PLOTTED_TURNS
    assert (shown["total"], shown["waited"]["p50"]) == (1_000, 500.0)


def test_the_cost_of_a_turn_is_unknown_where_a_price_is_and_empty_until_it_is_told():
    turns = [spoken(1, 1.0), spoken(2, 1.0), spoken(3, 1.0)]
    turns[1].cost, turns[2].cost = Cost(0.0123), Cost(0.5, is_estimate=True)

    words = [each["cost"] for each in usage_report.latency(turns)["turns"]]

    assert [each["words"] for each in words] == ["", "$0.0123", "unknown"]
    assert words[2]["note"] == "counts as $0.50, rather too much"


def test_tokens_are_told_by_kind_with_those_whose_kind_nobody_said():
    responses = TokenUsage(
        total=1_150, input=1_000, input_text=600, input_audio=300, cached=500, cached_text=450,
        output=150, output_text=50, output_audio=100, reasoning=20, n_responses=2,
    )  # fmt: skip

    shown = usage_report.totals(SessionUsage(responses), Spent(dollars=0.25))

    assert shown["tokens"] == [
        {"kind": "text", "input": 600, "cached": 450, "output": 50},
        {"kind": "audio", "input": 300, "cached": 0, "output": 100},
        {"kind": "image", "input": 0, "cached": 0, "output": None},
        {"kind": "kind not told", "input": 100, "cached": 50, "output": 0},
        {"kind": "all", "input": 1_000, "cached": 500, "output": 150},
    ]
    assert (shown["cached_share"], shown["reasoning"], shown["transcripts"]) == (0.5, 20, None)
    assert shown["cost"] == {"words": "$0.25", "note": ""}


def test_nothing_used_has_no_share_of_anything():
    assert usage_report.totals(SessionUsage(), Spent())["cached_share"] is None


def test_transcripts_are_billed_apart_and_told_apart():
    usage = SessionUsage(transcripts=TranscriptionUsage(n_transcripts=2, seconds=12.5, total=40))

    shown = usage_report.totals(usage, Spent())

    assert shown["transcripts"] == {"count": 2, "seconds": 12.5, "tokens": 40}


def test_a_session_of_unknown_cost_says_what_is_known_of_it():
    cost = usage_report.session_cost(Spent(dollars=0.30, estimated=0.10))

    assert cost["words"] == "unknown"
    assert cost["note"].startswith("$0.20 are known; the rest is not, and counts as $0.10")
