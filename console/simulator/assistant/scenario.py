"""A scenario: what the simulator hears, and what it does when the user says something."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from console.simulator.assistant import turn_view
from console.simulator.senses import BrainTurn, StopReason

# ---------------------------------------------------------------- what is done


@dataclass(frozen=True, slots=True)
class Say:
    """Say sentences, one after the other."""

    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """Call a tool."""

    name: str
    arguments: Mapping[str, Any] | str
    """A string stands on the wire as it is, even if it is no JSON."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Give out the next step later; what was said before goes on being spoken meanwhile.

    Counted from when the step before was given out, not from the end of its sound; the waits of
    one answer add up from when it was asked for, so that they are exact.
    """

    duration_ms: int


@dataclass(frozen=True, slots=True)
class Fail:
    """End the response as `failed`."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Halt:
    """End the response as `incomplete`."""

    reason: StopReason


@dataclass(frozen=True, slots=True)
class Break:
    """Switch faults of the connection on."""

    faults: str
    """In their text form."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Let the assistant that stands behind the scenario answer."""


Step = Say | Call | Wait | Fail | Halt | Break | Ask

# ---------------------------------------------------------------- when


@dataclass(frozen=True, slots=True)
class When:
    """Conditions on a turn; those that are given must all hold."""

    says: frozenset[str] | None = None
    """Plain texts (`plain`); the last message of the user is one of them."""
    matches: re.Pattern[str] | None = None
    """Found in the last message of the user."""
    turn: int | None = None
    """So many messages of the user are in the conversation."""
    output_of: str | None = None
    """A tool of this name has just answered."""
    unasked: bool = False
    """A response is wanted though nobody has said anything new."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """The response's metadata has these entries."""
    out_of_band: bool | None = None

    def holds(self, turn: BrainTurn) -> bool:
        """Return whether the conditions hold for `turn`."""
        return (
            self._is_asked_so(turn)
            and (self.turn is None or self.turn == _n_user_messages(turn))
            and self.metadata.items() <= turn.metadata.items()
            and self.out_of_band in (None, turn.is_out_of_band)
        )

    def _is_asked_so(self, turn: BrainTurn) -> bool:
        asked_by = _asked_by(turn)
        if self.output_of is not None:
            names = [each.name for each in turn_view.new_results(turn)]
            return asked_by == "output" and self.output_of in names
        if self.unasked:
            return asked_by == "nobody"
        if self.says is None and self.matches is None:
            # A turn's number alone means the user's message, not the tools' answers after it.
            return self.turn is None or asked_by == "user"
        return asked_by == "user" and self._is_said(_last_text(turn))

    def _is_said(self, text: str) -> bool:
        is_one = self.says is None or plain(text) in self.says
        return is_one and (self.matches is None or self.matches.search(text) is not None)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done when."""

    when: When
    steps: tuple[Step, ...]


# ---------------------------------------------------------------- all of it


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the recogniser reports of one spoken turn."""

    text: str | None = ""
    """None: what it really hears."""
    after_ms: int = 0
    failure: str = ""
    """Why the transcription fails, if it does."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Rules, and the senses to go with them."""

    rules: tuple[Rule, ...] = ()
    """The first that holds is followed."""
    otherwise: tuple[Step, ...] = (Ask(),)
    """What is done when no rule holds."""
    hears: tuple[Hearing, ...] = ()
    """Of each session's spoken turns, in their order."""
    voice: Literal["tone", "real"] = "tone"
    ears: Literal["scripted", "real"] = "scripted"
    turns: Literal["speech", "loudness"] = "speech"
    """What makes a turn: a human voice, or any sound."""
    ms_per_character: int = 60
    """How long the tone lasts that stands for a sentence."""

    def steps(self, turn: BrainTurn) -> tuple[Step, ...]:
        """Return what is to be done in `turn`."""
        return next((each.steps for each in self.rules if each.when.holds(turn)), self.otherwise)


def plain(text: str) -> str:
    """Return `text` without case, accents' forms, punctuation and extra spaces: "its 5 pm"."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    joined = re.sub(r"['\u2019]", "", folded)
    return " ".join(re.findall(r"\w+", joined))


def _asked_by(turn: BrainTurn) -> Literal["output", "user", "nobody"]:
    if turn_view.new_results(turn):
        return "output"
    is_waiting = turn_view.last_user_message(turn) is None or turn_view.is_waiting_for_user(turn)
    return "nobody" if is_waiting else "user"


def _last_text(turn: BrainTurn) -> str:
    message = turn_view.last_user_message(turn)
    return message.text if message is not None else ""


def _n_user_messages(turn: BrainTurn) -> int:
    return sum(1 for _ in turn_view.user_messages(turn))
