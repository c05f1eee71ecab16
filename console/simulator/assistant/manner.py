"""Wishes about how to answer, as far as simple rules can follow them.

They come with the instructions, or the user says one and it holds from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from console.simulator.assistant import gazetteer, phrases

_BRIEF: Final = re.compile(
    r"\b(?:answers?|reply|replies|respond|responses?|speak|talk|be|keep|stay)\b[^.;\n]{0,40}?"
    r"\b(?:short|shortly|brief|briefly|concise|concisely|terse|few words|(?:one|a single) sentence)\b",
    re.IGNORECASE,
)
_NOT_BRIEF: Final = re.compile(r"\b(?:not|never|don't|do not)\b[^.;\n]{0,20}$", re.IGNORECASE)
_EACH: Final = r"(?:each|every|all(?: your)?|any) (?:answers?|repl(?:y|ies)|responses?|sentences?)"
_MENTION: Final = re.compile(
    rf"\balways (?:mention|say|include|name|add)\s+(?P<always>[^.;\n]+)"
    rf"|\b(?:mention|include|name|add)\s+(?P<each>[^.;\n]+?),? (?:in|to|with) {_EACH}"
    rf"|\b(?:in|with) {_EACH},? (?:mention|include|name|add|say)\s+(?P<inverted>[^.;\n]+)",
    re.IGNORECASE,
)
_END: Final = re.compile(
    rf"\b(?:always end|end|finish|close) (?:{_EACH} )?with\s+(?P<end>[^.;\n]+)", re.IGNORECASE
)
_TRAILING: Final = re.compile(
    rf",? (?:in|to|with|at the end of) {_EACH}\s*$|,? somewhere$|,? when .*$", re.IGNORECASE
)
_LEADING: Final = re.compile(
    r"^(?:the )?(?:word|words|name|city|phrase|fact that)\s+", re.IGNORECASE
)
_PIRATE: Final = re.compile(r"\b(?:like|as) a pirate\b", re.IGNORECASE)
_NAME: Final = re.compile(r"(?i:\b(?:your name is|you are called|call yourself)\s+)([A-Z]\w*)")
# A message of the user is a wish only if it begins like one.
_WISH_START: Final = re.compile(
    r"(?i)^\W*(?:(?:please|and|ok|okay|now|from now on|(?:can|could|would|will) you"
    r"|i want you to|you (?:should|must)|remember to|in future|for now)[\s,:]+)*"
    r"(?:always|answer|reply|respond|speak|talk|be|keep|stay|mention|include|end|finish|close"
    r"|(?:in|with) (?:each|every|all|any)|your (?:name is|answers|replies)|call yourself"
    r"|you are called)\b"
)
_AT_LENGTH: Final = re.compile(
    r"(?i)^\W*(?:please )?(?:you (?:may|can) )?(?:(?:stop being|do not be|don't be) (?:so )?"
    r"(?:brief|short|terse)|(?:answer|speak|talk|reply) (?:at length|normally|fully|in full)"
    r"|(?:do not|don't|stop) (?:answer|answering|reply|replying) (?:so )?(?:shortly|briefly))\b"
)
_NO_MENTION: Final = re.compile(
    r"(?i)^\W*(?:please )?(?:stop|quit) (?:mentioning|saying|including|adding)\b|"
    r"^\W*(?:please )?(?:do not|don't|never) (?:always )?mention\b"
)


@dataclass(frozen=True, slots=True)
class Manner:
    """What the instructions ask of every answer."""

    is_brief: bool = False
    mentions: tuple[str, ...] = ()
    """Each answer has these words."""
    ending: str = ""
    """Each answer ends with it."""
    is_pirate: bool = False
    name: str = ""
    """What the assistant is called."""

    def shape(
        self, sentences: Sequence[str], *, is_whole: bool = False, turn_number: int = 0
    ) -> list[str]:
        """Return the answer as the instructions want it.

        Args:
            sentences: The answer.
            is_whole: The user has asked for all of it (counting): it is not cut.
            turn_number: How many answers there were before: the words around what is always to
                be mentioned change with it.
        """
        said = list(sentences if is_whole or not self.is_brief else sentences[:1])
        spoken = " ".join(said).lower()
        absent = [each for each in self.mentions if each.lower() not in spoken]
        if absent:
            said.append(_mention(absent, turn_number))
        if self.is_pirate:
            said = ["Arr, matey!", *said]
        if self.ending:
            said.append(self.ending if self.ending[-1] in ".!?" else f"{self.ending}.")
        return said


def read(instructions: str) -> Manner:
    """Return what `instructions` ask of every answer; what is not understood is left out."""
    end = _END.search(instructions)
    called = _NAME.search(instructions)
    return Manner(
        is_brief=any(
            not _NOT_BRIEF.search(instructions[: match.start()])
            for match in _BRIEF.finditer(instructions)
        ),
        mentions=tuple(
            words
            for match in _MENTION.finditer(instructions)
            if (words := _clean(next(filter(None, match.groups()))))
        ),
        ending=_clean(end.group("end")) if end else "",
        is_pirate=bool(_PIRATE.search(instructions)),
        name=called.group(1) if called else "",
    )


def follow(manner: Manner, wishes: Iterable[str]) -> Manner:
    """Return `manner` with what the user has said about it, oldest first."""
    for wish in wishes:
        manner = _followed(manner, wish)
    return manner


def acknowledge(wish: str) -> str | None:
    """Return what to say to a user's message that is a wish about the manner, else nothing."""
    if _AT_LENGTH.search(wish):
        return "All right, I will answer at length again."
    if _NO_MENTION.search(wish):
        return "All right, I will no longer mention it."
    wanted = _wanted(wish)
    promises = [
        f"always mention {' and '.join(wanted.mentions)}" if wanted.mentions else "",
        "answer shortly" if wanted.is_brief else "",
        "talk like a pirate" if wanted.is_pirate else "",
        f"end with: {wanted.ending}" if wanted.ending else "",
        f"be called {wanted.name}" if wanted.name else "",
    ]
    kept = [each for each in promises if each]
    return f"All right, I will {' and '.join(kept)}." if kept else None


def _followed(manner: Manner, wish: str) -> Manner:
    if _AT_LENGTH.search(wish):
        return replace(manner, is_brief=False)
    if _NO_MENTION.search(wish):
        return replace(manner, mentions=())
    wanted = _wanted(wish)
    return Manner(
        is_brief=manner.is_brief or wanted.is_brief,
        mentions=tuple(dict.fromkeys([*manner.mentions, *wanted.mentions])),
        ending=wanted.ending or manner.ending,
        is_pirate=manner.is_pirate or wanted.is_pirate,
        name=wanted.name or manner.name,
    )


def _wanted(wish: str) -> Manner:
    if wish.rstrip().endswith("?") or not _WISH_START.search(wish):
        return Manner()
    return read(wish)


def _mention(words: Sequence[str], turn_number: int) -> str:
    table = gazetteer.load()
    is_place = all(table.find(each, may_guess=False) for each in words)
    choices = phrases.MENTIONS_OF_PLACES if is_place else phrases.MENTIONS
    return choices[turn_number % len(choices)].format(words=" and ".join(words))


def _clean(words: str) -> str:
    plain = _TRAILING.sub("", words.strip())
    named = _LEADING.sub("", plain).strip(" \"'“”!?,")
    # What was heard is in lower case.
    place = gazetteer.load().find(named, may_guess=False) if named.islower() else None
    return place.name if place and gazetteer.fold(place.name) == named else named
