"""What people tell about themselves, as a key and a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from console.simulator.assistant import gazetteer, numbers

_REMEMBER: Final = re.compile(
    r"^(?:(?:please|and|also|can you|could you|would you|will you) )*(?:remember|note|memorize|do not forget|keep in mind)(?: that)?\b[:,]? *(.*)$",
    re.IGNORECASE,
)
_LONGEST_NAME: Final = 3
_NO_NAME_WORDS: Final = "a an the my your not for of to and is it that"
_NO_NAME: Final = frozenset(_NO_NAME_WORDS.split())
_LONGEST_KEY: Final = 4
_LONGEST_UNASKED: Final = 5
"""A longer value is a sentence that only happens to begin with "my"."""
_UNSAID: Final = ("what", "who", "when", "where", "why", "how", "do", "does", "is", "are", "can")

# Pattern, key (`{0}` is the first group), which group is the value, and what it must be.
_PATTERNS: Final = (
    (r"(?:my name is|my name's|call me|you can call me) (.+)", "name", "name"),
    (r"(?:i live in|my home is in|my city is|i am based in) (.+)", "city", "text"),
    (r"(?:i am from|i come from|i was born in) (.+)", "origin", "text"),
    (r"i am (.+?) years old|my age is (.+)", "age", "number"),
    (r"my (favou?rite .+?|[\w' ]{2,40}?) (?:is|are) (.+)", "", "text"),
    (r"i work (?:as|at|for|in) (.+)", "work", "text"),
    (r"i (?:really )?(?:like|love|enjoy) (.+)", "likes", "text"),
    (r"i (?:do not like|dislike|hate) (.+)", "dislikes", "text"),
    (r"i prefer (.+)", "prefers", "text"),
    (r"i (?:have got|have|own) (.+)", "has", "text"),
    (r"i am allergic to (.+)", "allergy", "text"),
)
_ASKED_TO_REMEMBER_ONLY: Final = frozenset({"likes", "dislikes", "prefers", "has", "work"})


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to remember."""

    key: str
    """Lower case with underscores."""
    value: str


def parse(text: str) -> Fact | None:
    """Return the fact that `text` tells, or nothing.

    "My name is Ada" is one by itself; "I like tea" only after "remember that".
    """
    plain = text.strip().rstrip(".!?").strip()
    asked = _REMEMBER.match(plain)
    told = asked.group(1) if asked else plain
    matched, fact = _patterns(told, is_asked=asked is not None)
    if matched:
        return fact
    if asked and told and not told.lower().startswith(_UNSAID):
        return Fact("note", re.sub(r"^to ", "", told))
    return None


def is_doubtful(fact: Fact) -> bool:
    """Return whether the value looks misheard: a colour of several words."""
    return fact.key.endswith("color") and len(fact.value.split()) > 1


def snake(words: str) -> str:
    """Return words as a key: "favorite color" becomes "favorite_color"."""
    plain = gazetteer.fold(words).replace("favourite", "favorite").replace("colour", "color")
    return "_".join(plain.split()[:_LONGEST_KEY])


def sentence(fact: Fact) -> str:
    """Return a fact as something to say to whom it is about."""
    told = {
        "note": f"you asked me to note: {fact.value}",
        "age": f"you are {fact.value} years old",
        "city": f"you live in {fact.value}",
        "origin": f"you are from {fact.value}",
        "likes": f"you like {fact.value}",
        "dislikes": f"you do not like {fact.value}",
        "prefers": f"you prefer {fact.value}",
        "has": f"you have {fact.value}",
        "work": f"your work is {fact.value}",
        "allergy": f"you are allergic to {fact.value}",
    }
    return told.get(fact.key, f"your {fact.key.replace('_', ' ')} is {fact.value}")


def _patterns(told: str, *, is_asked: bool) -> tuple[bool, Fact | None]:
    """Return whether a pattern has matched, and the fact unless its value is unusable."""
    for pattern, key, kind in _PATTERNS:
        match = re.match(f"^(?:{pattern})$", told, re.IGNORECASE)
        if match is None or (key in _ASKED_TO_REMEMBER_ONLY and not is_asked):
            continue
        groups = [each for each in match.groups() if each]
        if not key and not is_asked and len(groups[-1].split()) > _LONGEST_UNASKED:
            continue
        value = _value(groups[-1], kind)
        return True, None if value is None else Fact(key or snake(groups[0]), value)
    return False, None


def _value(said: str, kind: str) -> str | None:
    said = said.strip(" \"'")
    if kind == "name":
        words = said.split()
        folded = gazetteer.fold(said).split()
        if len(words) > _LONGEST_NAME or _NO_NAME & set(folded) or numbers.find(folded):
            return None
        return " ".join(each[0].upper() + each[1:] for each in words)
    if kind == "number":
        found = numbers.find(gazetteer.fold(said).split())
        return f"{found[0]:g}" if found else None
    place = gazetteer.load().find(said, may_guess=False) if said.islower() else None
    return place.name if place is not None else said
