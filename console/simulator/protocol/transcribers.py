"""What the models for transcripts take and give; the recogniser behind all of them is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

_EVERY_OPTION: Final = frozenset({"language", "prompt", "keywords", "languages", "delay"})


@dataclass(frozen=True, slots=True)
class Transcriber:
    """One model."""

    options: frozenset[str] = _EVERY_OPTION
    """Fields of `transcription` that it takes, beside `model`."""
    told: Literal["words", "whole", "segments"] = "words"
    """How a transcript comes: word by word, in one delta, or as a segment for each speaker."""
    finds_turns: bool = True
    """Whether it may be used with turn detection in a transcription session."""
    is_live: bool = False
    """Whether words come while they are being spoken, before the turn is over."""
    has_logprobs: bool = True
    has_languages: bool = False
    """Whether it tells which languages it has heard."""


_FIRST: Final = frozenset({"language", "prompt"})
_GUIDED: Final = frozenset({"language", "prompt", "keywords", "languages"})
_GPT_4O: Final = Transcriber(_FIRST)
_KNOWN: Final = {
    "whisper-1": Transcriber(_FIRST, told="whole", has_logprobs=False),
    "gpt-4o-transcribe": _GPT_4O,
    "gpt-4o-mini-transcribe": _GPT_4O,
    "gpt-4o-mini-transcribe-2025-12-15": _GPT_4O,
    "gpt-4o-transcribe-diarize": Transcriber(
        frozenset({"language"}), told="segments", has_logprobs=False
    ),
    "gpt-transcribe": Transcriber(_GUIDED, has_languages=True),
    "gpt-live-transcribe": Transcriber(_GUIDED),
    "gpt-realtime-whisper": Transcriber(
        frozenset({"language", "delay"}), finds_turns=False, is_live=True
    ),
}
_UNKNOWN: Final = Transcriber()


def of_model(model: str) -> Transcriber:
    """Return what `model` takes and gives; a name that is not known (a deployment's) takes all."""
    return _KNOWN.get(model, _UNKNOWN)
