"""Instructions about how to answer, as far as simple rules can follow them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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

    def shape(self, sentences: Sequence[str], *, is_whole: bool = False) -> list[str]:
        """Return the answer as the instructions want it.

        Args:
            sentences: The answer.
            is_whole: The user has asked for all of it (a story, counting): it is not cut.
        """
        said = list(sentences if is_whole or not self.is_brief else sentences[:1])
        spoken = " ".join(said).lower()
        absent = [each for each in self.mentions if each.lower() not in spoken]
        if absent:
            said.append(f"And I am to mention {' and '.join(absent)}.")
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


def _clean(words: str) -> str:
    plain = _TRAILING.sub("", words.strip())
    return _LEADING.sub("", plain).strip(" \"'“”")
