"""What is done when the model calls a tool: run it, ask first, wait, answer or fail in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.app.reference.checks import Problem, problems_of
from console.app.reference.shapes import Anything, Field, Flag, Number, Record, Text

MAX_DELAY_S: Final = 120.0
MAX_FAILURE_CHARACTERS: Final = 500
MAX_ANSWER_CHARACTERS: Final = 8_000
SHAPE: Final = Record(
    "handling",
    (
        Field(
            "approve",
            Flag(),
            is_required=False,
            text="Each call waits until you let it run, refuse it, or answer it by hand.",
            default=True,
        ),
        Field(
            "delay_s",
            Number(is_whole=False, low=0, high=MAX_DELAY_S),
            is_required=False,
            text="Seconds that the model waits before anything else is done.",
            default=2,
        ),
        Field(
            "answer",
            Anything(),
            is_required=False,
            text="The model is answered with this; the tool does not run.",
        ),
        Field(
            "fail",
            Text(MAX_FAILURE_CHARACTERS),
            is_required=False,
            text="The model is told this as the reason why the tool failed; it does not run.",
            default="The service is down.",
        ),
    ),
)
"""What can be said of a tool, as a form shows it; what is left out is not done."""


@dataclass(frozen=True, slots=True)
class Handling:
    """What is done with the calls of a tool."""

    is_approved: bool = False
    """Somebody decides on each call before anything is done."""
    delay_s: float = 0.0
    is_mocked: bool = False
    answer: Any = None
    """What a mocked tool answers."""
    failure: str = ""
    """Why the tool fails; empty: it does not, on purpose."""

    def remarks(self) -> tuple[str, ...]:
        """Return in words what is done beside running the tool."""
        found = (
            (self.is_approved, "asks first"),
            (self.delay_s > 0, f"after {self.delay_s:g} s"),
            (self.is_mocked, "answers from here"),
            (bool(self.failure), "fails"),
        )
        return tuple(words for is_so, words in found if is_so)


def read_handling(value: Mapping[str, Any]) -> tuple[Handling | None, list[Problem]]:
    """Return what a value of `SHAPE` says, or None and what is wrong with it."""
    problems = problems_of(SHAPE, value)
    if "answer" in value and "fail" in value:
        problems.append(Problem(("fail",), "leave out this or answer: a tool does one of them"))
    if value.get("fail") == "":
        problems.append(Problem(("fail",), "say why it fails, or leave it out"))
    if len(str(value.get("answer", ""))) > MAX_ANSWER_CHARACTERS:
        problems.append(Problem(("answer",), f"has more than {MAX_ANSWER_CHARACTERS:,} characters"))
    if problems:
        return None, problems
    return (
        Handling(
            is_approved=bool(value.get("approve", False)),
            delay_s=float(value.get("delay_s", 0.0)),
            is_mocked="answer" in value,
            answer=value.get("answer"),
            failure=str(value.get("fail", "")),
        ),
        [],
    )
