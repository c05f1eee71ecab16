"""What an answer or a transcript is reckoned to cost as long as nobody has said it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console.realtime.fields import mapping, text
from console.realtime.prices import Cost, PriceTable
from console.realtime.usage import TranscriptionUsage

ANSWER_TOKENS: Final = 4096
"""Output that is set aside for an answer: more than three minutes of speech."""
FIRST_INPUT_TOKENS: Final = 2000
"""Input that is assumed beyond what the last answer had."""
UNTOLD_TRANSCRIPT_S: Final = 60.0
"""What a transcript that does not say its length counts as."""


def answer_input(prices: PriceTable, model: str, context_tokens: int = 0) -> Cost:
    """Return what an answer that begins has probably to read.

    Args:
        prices: Of models.
        model: Which of them answers.
        context_tokens: What the answer before it has read and written.
    """
    return prices.of_tokens(model, "audio", "input", context_tokens + FIRST_INPUT_TOKENS)


def answer_output(prices: PriceTable, model: str) -> Cost:
    """Return what is set aside for what an answer may say."""
    return prices.of_tokens(model, "audio", "output", ANSWER_TOKENS)


def untold_answer(prices: PriceTable, model: str) -> Cost:
    """Return what an answer counts as that was not seen to begin and does not say its cost."""
    return answer_input(prices, model).as_estimate()


def untold_transcript(prices: PriceTable, model: str) -> Cost:
    """Return what a transcript counts as that does not say its length."""
    usage = TranscriptionUsage(n_transcripts=1, seconds=UNTOLD_TRANSCRIPT_S)
    return prices.of_transcript(model, usage).as_estimate()


def transcriber(session: Mapping[str, Any]) -> str:
    """Return the model that writes down what the user says in a session; empty for none."""
    heard = mapping(mapping(session, "audio"), "input")
    return text(mapping(heard, "transcription"), "model")
