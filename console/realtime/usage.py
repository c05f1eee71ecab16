"""What a session has cost so far, in tokens and seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from console.realtime.fields import mapping, number, text

MOST_TOKENS: Final = 100_000_000
"""More than any answer has: who tells of more has not counted tokens."""
MOST_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    """Tokens in and out, to be added up with what else is counted, each by its name."""

    total: int = 0
    input: int = 0
    input_text: int = 0
    input_audio: int = 0
    output: int = 0

    def __add__(self, other: Self) -> Self:
        names = [each.name for each in fields(self)]
        return type(self)(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUsage(_Tokens):
    """Tokens of responses. Cached ones are contained in the input, reasoning in the output text."""

    n_responses: int = 0
    input_image: int = 0
    cached: int = 0
    cached_text: int = 0
    cached_audio: int = 0
    cached_image: int = 0
    output_text: int = 0
    output_audio: int = 0
    reasoning: int = 0

    @classmethod
    def of_response(cls, usage: Mapping[str, Any]) -> TokenUsage:
        """Return the counts of one response's `usage`; what is missing or no count is 0."""
        read = mapping(usage, "input_token_details")
        cached = mapping(read, "cached_tokens_details")
        written = mapping(usage, "output_token_details")
        return cls(
            **_tokens(usage),
            n_responses=1,
            input_image=_count(read, "image_tokens"),
            cached=_count(read, "cached_tokens"),
            cached_text=_count(cached, "text_tokens"),
            cached_audio=_count(cached, "audio_tokens"),
            cached_image=_count(cached, "image_tokens"),
            output_text=_count(written, "text_tokens"),
            output_audio=_count(written, "audio_tokens"),
            reasoning=_count(written, "reasoning_tokens"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptionUsage(_Tokens):
    """What transcripts of the user's speech cost: tokens or seconds, as the model is billed."""

    n_transcripts: int = 0
    seconds: float = 0.0

    @classmethod
    def of_transcript(cls, usage: Mapping[str, Any]) -> TranscriptionUsage:
        """Return the counts of one transcript's `usage`; what is missing or no count is 0."""
        if text(usage, "type") == "duration":
            return cls(n_transcripts=1, seconds=_bounded(usage, "seconds", MOST_SECONDS) or 0.0)
        return cls(**_tokens(usage), n_transcripts=1)


@dataclass(frozen=True, slots=True)
class SessionUsage:
    """The sums of a session. Responses and transcripts are billed apart."""

    responses: TokenUsage = TokenUsage()
    transcripts: TranscriptionUsage = TranscriptionUsage()


def is_told(usage: Mapping[str, Any]) -> bool:
    """Return whether a `usage` says how much was used; nothing at all is an amount, too."""
    if _bounded(usage, "seconds", MOST_SECONDS) is not None and text(usage, "type") == "duration":
        return True
    names = ("total_tokens", "input_tokens", "output_tokens")
    return any(_bounded(usage, each, MOST_TOKENS) is not None for each in names)


def _tokens(usage: Mapping[str, Any]) -> dict[str, int]:
    """Return what every usage in tokens tells."""
    read = mapping(usage, "input_token_details")
    return {
        "total": _count(usage, "total_tokens"),
        "input": _count(usage, "input_tokens"),
        "input_text": _count(read, "text_tokens"),
        "input_audio": _count(read, "audio_tokens"),
        "output": _count(usage, "output_tokens"),
    }


def _count(fields: Mapping[str, Any], key: str) -> int:
    return int(_bounded(fields, key, MOST_TOKENS) or 0)


def _bounded(fields: Mapping[str, Any], key: str, most: float) -> float | None:
    """Return an amount that can be; a negative one is nothing, and one beyond `most` is none."""
    found = number(fields, key)
    return None if found is None or found > most else max(0.0, found)
