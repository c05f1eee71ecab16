"""What the user has said last, brought into the form that the assistant's rules match."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from console.simulator.assistant import gazetteer, manner, numbers, tool_slots, turn_view
from console.simulator.assistant.gazetteer import City
from console.simulator.assistant.manner import Manner
from console.simulator.assistant.tool_slots import Tool
from console.simulator.senses import BrainTurn

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
_PLACE: Final = re.compile(
    r"\b(?:in|for|at|near|over|(?:city|town) of)\s+(?!the (?:city|town) of)(?P<place>[^.,;?!\n]+)",
    re.IGNORECASE,
)
_SECOND_PLACE: Final = re.compile(
    r"\b(?:and|or)\s+(?:in\s+)?(?P<place>[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*)(?=\W*$)"
)
_PLACE_END: Final = re.compile(
    r"\s+(?:today|tonight|tomorrow|now|right|please|thanks|this|next|on|at|in|and|or|like|is|it)\b.*$",
    re.IGNORECASE,
)
_LONGEST_PLACE: Final = 3
_NO_PLACE_WORDS: Final = (
    "a an the this that these my your our his her their its me you us it them him here there "
    "general total degrees celsius fahrenheit today tonight tomorrow now once least all what "
    "monday tuesday wednesday thursday friday saturday sunday morning evening night noon "
    "spring summer autumn winter home work words german french spanish english short each every any some many seconds minutes hours"
)
_NO_PLACE: Final = frozenset(_NO_PLACE_WORDS.split())


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
        text = numbers.with_signs_in_words(text)
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
        """What the instructions, and the user since then, ask of every answer."""
        wishes = (each.text for each in turn_view.user_messages(self.turn) if each.text)
        return manner.follow(manner.read(turn_view.instructions(self.turn)), wishes)

    @property
    def city(self) -> City | None:
        """The city that is named after a preposition or anywhere; a similar one if need be."""
        return self.cities[0] if self.cities else None

    @cached_property
    def cities(self) -> Sequence[City]:
        """That city and those that are named along with it: "in Paris and Tokyo"."""
        table = gazetteer.load()
        for phrase in self._after_prepositions:
            if city := table.find(phrase, may_guess=False):
                return table.listed(phrase) or [city]
        if place := table.scan(self.plain):
            return table.listed(" ".join(self.words[place.start :]))
        for phrase in self._after_prepositions:
            if city := table.find(phrase):
                return table.listed(phrase, may_guess=True) or [city]
        return []

    @cached_property
    def unknown_city(self) -> str | None:
        """The name after "in" or "for" when it is no city of the gazetteer, as it was written.

        After a city that is known, one with a capital letter: "in Paris and Atlantis".
        """
        if self.cities:
            match = _SECOND_PLACE.search(self.text)
            name = match.group("place") if match else None
            return name if name and gazetteer.load().find(name) is None else None
        if (match := _PLACE.search(self.text)) is None:
            return None
        name = _PLACE_END.sub("", match.group("place")).strip(" .,!?'\"")
        words = gazetteer.fold(name).split()
        if not 0 < len(words) <= _LONGEST_PLACE or _NO_PLACE & set(words) or numbers.find(words):
            return None
        return name.title() if name.islower() else name

    @cached_property
    def _after_prepositions(self) -> Sequence[str]:
        return [
            " ".join(self.words[at + 1 :])
            for at, word in enumerate(self.words)
            if word in _PREPOSITIONS
        ]

    def says(self, pattern: str) -> re.Match[str] | None:
        """Return the match of `pattern` anywhere in the words."""
        return re.search(rf"\b(?:{pattern})\b", self.plain)

    def is_just(self, pattern: str) -> re.Match[str] | None:
        """Return the match of `pattern` with all that was said, politeness aside."""
        whole = re.compile(rf"(?:{pattern})")
        return whole.fullmatch(self.core) or whole.fullmatch(self.plain)
