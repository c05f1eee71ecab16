"""Counts of tokens and seconds, and their sums."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.realtime.usage import (
    MOST_TOKENS,
    SessionUsage,
    TokenUsage,
    TranscriptionUsage,
    is_told,
)

WIRE: dict[str, Any] = {
    "total_tokens": 253,
    "input_tokens": 220,
    "output_tokens": 33,
    "input_token_details": {
        "text_tokens": 119,
        "audio_tokens": 96,
        "image_tokens": 5,
        "cached_tokens": 128,
        "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 60, "image_tokens": 4},
    },
    "output_token_details": {"text_tokens": 33, "audio_tokens": 0, "reasoning_tokens": 17},
}
COUNTED = TokenUsage(
    n_responses=1,
    total=253,
    input=220,
    input_text=119,
    input_audio=96,
    input_image=5,
    cached=128,
    cached_text=64,
    cached_audio=60,
    cached_image=4,
    output=33,
    output_text=33,
    output_audio=0,
    reasoning=17,
)


def test_every_kind_of_token_of_a_response_is_counted():
    assert TokenUsage.of_response(WIRE) == COUNTED


def test_responses_add_up():
    twice = COUNTED + COUNTED

    assert (twice.n_responses, twice.total, twice.cached_audio, twice.reasoning) == (
        2,
        506,
        120,
        34,
    )
    assert TokenUsage() + COUNTED == COUNTED


def test_a_transcript_is_billed_in_tokens():
    usage = TranscriptionUsage.of_transcript({
        "type": "tokens",
        "total_tokens": 32,
        "input_tokens": 25,
        "input_token_details": {"text_tokens": 1, "audio_tokens": 24},
        "output_tokens": 7,
    })  # fmt: skip

    assert usage == TranscriptionUsage(
        n_transcripts=1, total=32, input=25, input_text=1, input_audio=24, output=7
    )


@pytest.mark.parametrize(("said", "seconds"), [(3, 3.0), (2.5, 2.5), (-1, 0.0), ("long", 0.0)])
def test_or_in_seconds(said, seconds):
    usage = TranscriptionUsage.of_transcript({"type": "duration", "seconds": said})

    assert usage == TranscriptionUsage(n_transcripts=1, seconds=seconds)
    assert (usage + usage).seconds == 2 * seconds


def test_a_session_begins_with_nothing():
    assert SessionUsage() == SessionUsage(TokenUsage(), TranscriptionUsage())
    assert SessionUsage().responses.total == 0


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["text_tokens", "cached_tokens", "cached_tokens_details", "seconds"]),
            inner,
            max_size=5,
        )
    ),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*WIRE, "type", "seconds"]), JUNK))
def test_no_count_is_ever_negative_whatever_comes(raw):
    for usage in (TokenUsage.of_response(raw), TranscriptionUsage.of_transcript(raw)):
        counts = {name: getattr(usage, name) for name in usage.__dataclass_fields__}
        assert all(count >= 0 for count in counts.values())


@pytest.mark.parametrize("amount", [1e308, 10**400, MOST_TOKENS + 1, "1000", True, None, [], {}])
def test_what_nobody_can_have_used_is_not_told_and_counts_nothing(amount):
    usage = dict.fromkeys(("total_tokens", "input_tokens", "output_tokens"), amount)

    assert not is_told(usage)
    assert TokenUsage.of_response(usage) == TokenUsage(n_responses=1)


def test_a_transcript_of_more_than_a_day_is_not_told():
    usage = {"type": "duration", "seconds": 1e308}

    assert not is_told(usage)
    assert TranscriptionUsage.of_transcript(usage).seconds == 0


@pytest.mark.parametrize(
    "usage",
    [{"output_tokens": 0}, {"total_tokens": MOST_TOKENS}, {"type": "duration", "seconds": 0}],
)
def test_nothing_at_all_is_an_amount_too(usage):
    assert is_told(usage)
