import datetime
from typing import Any

import pytest
import yaml

from console.errors import ConfigurationError
from console.realtime.prices import OWN_TABLE, SIMULATOR, Cost, PriceTable
from console.realtime.usage import TokenUsage, TranscriptionUsage

TABLE = PriceTable.read()


def about(dollars: float) -> Any:
    return pytest.approx(dollars)


def usage(**counts):
    return TokenUsage(n_responses=1, **counts)


def test_the_table_has_a_date_and_says_where_it_comes_from():
    assert TABLE.as_of >= datetime.date(2026, 11, 1)
    assert "model pages" in TABLE.source


@pytest.mark.parametrize(
    ("model", "counts", "dollars"),
    [
        ("gpt-realtime-2.1", {"input": 10**6, "input_audio": 10**6}, 32.0),
        ("gpt-realtime-2.1", {"output": 10**6, "output_text": 10**6}, 24.0),
        ("gpt-realtime", {"output": 10**6, "output_audio": 10**6}, 64.0),
        ("gpt-realtime", {"output": 10**6, "output_text": 10**6}, 16.0),
        ("gpt-realtime-mini", {"input": 10**6, "input_image": 10**6}, 0.8),
        ("gpt-4o-realtime-preview-2024-12-17", {"input": 10**6, "input_text": 10**6}, 5.0),
        ("gpt-4o-realtime-preview-2024-10-01", {"output": 10**6, "output_audio": 10**6}, 200.0),
    ],
)
def test_each_kind_of_token_has_its_price(model, counts, dollars):
    assert TABLE.of_response(model, usage(**counts)) == Cost(about(dollars))


def test_cached_tokens_are_part_of_the_input_and_cost_less():
    cost = TABLE.of_response(
        "gpt-realtime",
        usage(
            input=3000, input_text=1000, input_audio=2000,
            cached=1500, cached_text=500, cached_audio=1000,
        ),
    )  # fmt: skip

    assert cost.dollars == pytest.approx((500 * 4 + 500 * 0.4 + 1000 * 32 + 1000 * 0.4) / 1e6)
    assert not cost.is_estimate


def test_cached_tokens_never_make_the_input_negative():
    cost = TABLE.of_response("gpt-realtime", usage(input=10, input_text=10, cached_text=99))

    assert cost.dollars == pytest.approx(10 * 0.4 / 1e6)


def test_tokens_whose_kind_is_not_said_count_as_the_dearest():
    cost = TABLE.of_response("gpt-realtime", usage(input=100, output=100))

    assert cost.dollars == pytest.approx((100 * 32 + 100 * 64) / 1e6)


def test_a_dated_name_costs_what_the_name_without_the_date_costs():
    assert TABLE.knows("gpt-realtime-2025-08-28")
    assert not TABLE.knows("gpt-realtime-next")


def test_a_model_that_is_not_known_counts_as_more_than_any_that_is():
    counts = usage(input=1000, input_audio=1000, output=1000, output_audio=1000)
    cost = TABLE.of_response("gpt-realtime-next", counts)

    assert cost.is_estimate
    assert cost.dollars > TABLE.of_response("gpt-realtime-2.1", counts).dollars


def test_a_price_that_a_known_model_lacks_is_estimated_alone():
    cost = TABLE.of_response("gpt-4o-realtime-preview", usage(input=1000, input_image=1000))

    assert cost == Cost(about(1000 * 10 / 1e6), is_estimate=True)


def test_no_tokens_cost_nothing_and_are_no_estimate():
    assert TABLE.of_response("gpt-realtime-next", usage()) == Cost()


def test_the_simulator_costs_nothing():
    cost = TABLE.of_response(SIMULATOR, usage(input=10**6, output=10**6))

    assert cost == Cost(0.0)


@pytest.mark.parametrize(
    ("model", "counts", "cost"),
    [
        ("whisper-1", {"seconds": 60.0}, Cost(about(0.006))),
        ("gpt-live-transcribe", {"seconds": 30.0}, Cost(about(0.0085))),
        ("gpt-transcribe", {"seconds": 60.0}, Cost(about(0.034), is_estimate=True)),
        (
            "gpt-4o-mini-transcribe",
            {"input": 1000, "input_audio": 900, "input_text": 100, "output": 100},
            Cost(about((900 * 3 + 100 * 1.25 + 100 * 5) / 1e6)),
        ),
        ("gpt-4o-transcribe", {"input": 100}, Cost(about(100 * 6 / 1e6))),
    ],
)
def test_transcripts_cost_by_the_minute_or_by_the_token(model, counts, cost):
    assert TABLE.of_transcript(model, TranscriptionUsage(n_transcripts=1, **counts)) == cost


def test_a_table_of_ones_own_is_read(tmp_path):
    data = yaml.safe_load(OWN_TABLE.read_text())
    data["models"]["simulator"]["audio"]["output"] = 1000
    path = tmp_path / "prices.yaml"
    path.write_text(yaml.safe_dump(data))

    cost = PriceTable.read(path).of_response(SIMULATOR, usage(output=1000, output_audio=1000))

    assert cost.dollars == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"models": {"m": {"text": {"input": -1}}}}, "models.m.text.input"),
        ({"models": {"m": {"text": {"input": float("inf")}}}}, "models.m.text.input"),
        ({"models": {"m": {"txt": {"input": 1}}}}, "models.m.txt"),
        ({"unknown": {"minute": 1}}, "every price"),
        ({"as_of": "soon"}, "as_of"),
        ({"currency": "EUR"}, "currency"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused_with_the_place(tmp_path, change, words):
    path = tmp_path / "prices.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(OWN_TABLE.read_text()) | change))

    with pytest.raises(ConfigurationError, match=words) as caught:
        PriceTable.read(path)

    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"", b"x" * 2_000_000])
def test_a_file_that_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "prices.yaml"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match="--prices"):
        PriceTable.read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        PriceTable.read(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("gpt-realtime", 32_768),
        ("gpt-realtime-2025-08-28", 32_768),
        ("gpt-realtime-2.1", 128_000),
        ("gpt-realtime-2.1-mini", 128_000),
        ("gpt-realtime-mini", None),
        ("nobody's", None),
    ],
)
def test_how_much_fits_into_an_answer_is_told_where_it_is_known(model, tokens):
    assert TABLE.context_of(model) == tokens


def test_the_smaller_model_of_today_costs_what_the_smaller_one_before_it_did():
    counts = usage(input=10**6, input_audio=10**6)

    assert TABLE.of_response("gpt-realtime-2.1-mini", counts) == Cost(10.0)
    assert TABLE.of_response("gpt-realtime-mini", counts) == Cost(10.0)
