"""What the user has said last, brought into the form that the assistant's rules match."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from console.simulator import gazetteer, manner, numbers, tool_slots, turn_view
from console.simulator.gazetteer import City
from console.simulator.manner import Manner
from console.simulator.senses import BrainTurn
from console.simulator.tool_slots import Tool

_CONTRACTIONS: Final = (
    (r"\b(what|how|who|where|that|it|when|here|there)['’]s\b", r"\1 is"),  # noqa: RUF001
    (r"\bi['’]m\b", "i am"),  # noqa: RUF001
    (r"\b(you|we|they)['’]re\b", r"\1 are"),  # noqa: RUF001
    (r"\b(i|you|we|they)['’]ve\b", r"\1 have"),  # noqa: RUF001
    (r"\b(i|you|we|they)['’]d\b", r"\1 would"),  # noqa: RUF001
    (r"\bdon['’]t\b", "do not"),  # noqa: RUF001
    (r"\b(whats|hows|whos|wheres)\b", lambda match: f"{match[1][:-1]} is"),
)
# What the recogniser writes for words that sound like ours.
_SOUNDS_LIKE: Final = (
    (r"\bwhether\b", "weather"),
    (r"\bwetter\b", "weather"),
    (r"\bfor cast\b", "forecast"),
    (r"\bfavourite\b", "favorite"),
    (r"\bcolour\b", "color"),
    (r"\b(say|repeat) that a game\b", r"\1 that again"),
    (r"\btell me (?:a|the|your) (?:job|choke)\b", "tell me a joke"),
    (r"\banother (?:job|choke)\b", "another joke"),
)
_POLITE_START: Final = re.compile(
    r"^(?:(?:please|hey|hi|hello|ok|okay|so|um|uh|well|and|now|can you|could you|would you|will you"
    r"|i want you to|i would like you to|do you know|can i ask|let us|lets) )+(?=\w)"
)
_POLITE_END: Final = re.compile(r"(?: (?:please|for me|thanks|thank you|will you|right now|now))+$")
_PREPOSITIONS: Final = frozenset({"in", "for", "at", "of", "about", "near", "over", "to", "from"})


@dataclass(frozen=True)
class Question:
    """A turn with the user's last words made ready for matching."""

    turn: BrainTurn
    text: str
    """As said or typed."""

    @cached_property
    def plain(self) -> str:
        """The words in lower case, without contractions, accents and punctuation."""
        text = self.text.lower()
        for pattern, words in _CONTRACTIONS:
            text = re.sub(pattern, words, text)
        text = gazetteer.fold(text)
        for pattern, words in _SOUNDS_LIKE:
            text = re.sub(pattern, words, text)
        return text

    @cached_property
    def core(self) -> str:
        """The same without "could you please" before and "please" after it."""
        return _POLITE_END.sub("", _POLITE_START.sub("", self.plain)).strip()

    @cached_property
    def words(self) -> list[str]:
        """The words of `plain`."""
        return self.plain.split()

    @cached_property
    def numbers(self) -> list[float]:
        """The numbers in it, in order."""
        return numbers.find(self.words)

    @cached_property
    def tools(self) -> Sequence[Tool]:
        """The tools that may be called now."""
        return [] if self.turn.tool_choice == "none" else tool_slots.usable(self.turn.tools)

    @cached_property
    def manner(self) -> Manner:
        """What the instructions ask of every answer."""
        return manner.read(turn_view.instructions(self.turn))

    @cached_property
    def city(self) -> City | None:
        """The city that is named after a preposition or anywhere; a similar one if need be."""
        table = gazetteer.load()
        phrases = [
            " ".join(self.words[at + 1 :])
            for at, word in enumerate(self.words)
            if word in _PREPOSITIONS
        ]
        for phrase in phrases:
            if city := table.find(phrase, may_guess=False):
                return city
        if place := table.scan(self.plain):
            return place.city
        return next(filter(None, map(table.find, phrases)), None)

    def says(self, pattern: str) -> re.Match[str] | None:
        """Return the match of `pattern` anywhere in the words."""
        return re.search(rf"\b(?:{pattern})\b", self.plain)

    def is_just(self, pattern: str) -> re.Match[str] | None:
        """Return the match of `pattern` with all that was said, politeness aside."""
        whole = re.compile(rf"(?:{pattern})")
        return whole.fullmatch(self.core) or whole.fullmatch(self.plain)
