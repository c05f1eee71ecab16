"""Scenarios from files: everything is checked at the start, and named by its place if wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import orjson

from console.document import Document, Place, read
from console.errors import ConfigurationError
from console.simulator.assistant.scenario import (
    Ask,
    Break,
    Call,
    Fail,
    Halt,
    Hearing,
    Rule,
    Say,
    Scenario,
    Step,
    Wait,
    When,
    plain,
)
from console.simulator.faults import Faults
from console.simulator.senses import StopReason

MAX_WAIT_MS: Final = 600_000
_DEFAULT: Final = "default"
_SILENCE: Final = "silence"
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
T = TypeVar("T")


def load(source: Path | str | Mapping[str, Any]) -> Scenario:
    """Return the scenario of a YAML or JSON file, or of the same as a mapping.

    Raises:
        ConfigurationError: It cannot be read or makes no sense; the sentence names the file, the
            line where it is known, the place in the document, and what is expected there.
    """
    if isinstance(source, Mapping):
        return _Reader(Document(source, "the scenario")).scenario()
    return _Reader(read(Path(source))).scenario()


class _Reader:
    """Reads one document; every method takes a value and its place."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def scenario(self) -> Scenario:
        """Return the whole."""
        fields = self._fields(
            self._document.value, (), "rules", "else", "hears", "voice", "ears", "turns",
            "ms_per_character",
        )  # fmt: skip
        made = Scenario(
            rules=self._each(fields, ("rules",), self._rule),
            otherwise=self._steps(fields.get("else", _DEFAULT), ("else",)),
            hears=self._each(fields, ("hears",), self._hearing),
            voice=self._choice(fields, "voice", "tone", "real"),
            ears=self._choice(fields, "ears", "scripted", "real"),
            turns=self._choice(fields, "turns", "speech", "loudness"),
            ms_per_character=self._number(
                fields.get("ms_per_character", 60), ("ms_per_character",), 1, 1000
            ),
        )
        for n, hearing in enumerate(made.hears):
            if hearing.text is None and made.ears != "real":
                raise self._error(("hears", n), "only with `ears: real` can it be left open")
        return made

    # ------------------------------------------------------------ rules

    def _rule(self, value: Any, place: Place) -> Rule:
        fields = self._fields(value, place, "when", "after_ms", "do")
        for name in ("when", "do"):
            if name not in fields:
                raise self._error(place, f"{name!r} is missing")
        steps = self._steps(fields["do"], (*place, "do"))
        if "after_ms" in fields:
            steps = (self._wait(fields["after_ms"], (*place, "after_ms")), *steps)
        return Rule(self._when(fields["when"], (*place, "when")), steps)

    def _when(self, value: Any, place: Place) -> When:
        fields = self._fields(
            value, place, "says", "matches", "turn", "output_of", "unasked", "metadata",
            "out_of_band",
        )  # fmt: skip
        if not fields:
            raise self._error(place, "name a condition; what is always done belongs to `else`")
        asked: list[str] = [name for name in ("output_of", "unasked") if name in fields]
        asked += ["says"] if fields.keys() & {"says", "matches"} else []
        if len(asked) > 1:
            raise self._error(place, f"{' and '.join(asked)} cannot hold together")
        if fields.get("unasked", True) is not True:
            raise self._error((*place, "unasked"), "must be true, or be left out")

        def given(name: str, read: Callable[[Any, Place], T]) -> T | None:
            return read(fields[name], (*place, name)) if name in fields else None

        return When(
            says=given("says", self._texts_to_say),
            matches=given("matches", self._pattern),
            turn=given("turn", lambda value, at: self._number(value, at, 1, 10_000)),
            output_of=given("output_of", self._text),
            unasked="unasked" in fields,
            metadata=given("metadata", self._metadata) or {},
            out_of_band=given("out_of_band", self._truth),
        )

    def _texts_to_say(self, value: Any, place: Place) -> frozenset[str]:
        if isinstance(value, list) and value:
            return frozenset(
                plain(self._text(each, (*place, n), or_empty=True)) for n, each in enumerate(value)
            )
        return frozenset({plain(self._text(value, place, or_empty=True))})

    def _pattern(self, value: Any, place: Place) -> re.Pattern[str]:
        try:
            return re.compile(self._text(value, place), re.IGNORECASE)
        except re.error as error:
            raise self._error(place, f"is no regular expression: {error}") from error

    def _metadata(self, value: Any, place: Place) -> Mapping[str, str]:
        if not isinstance(value, dict) or not value:
            raise self._error(place, "must be pairs of names and texts")
        return {name: self._text(each, (*place, name)) for name, each in value.items()}

    # ------------------------------------------------------------ steps

    def _steps(self, value: Any, place: Place) -> tuple[Step, ...]:
        if value == _DEFAULT:
            return (Ask(),)
        if value == _SILENCE:
            return ()
        if isinstance(value, dict):
            return (self._step(value, place),)
        if not isinstance(value, list):
            names = ", ".join(_STEPS)
            raise self._error(
                place, f"must be a list of steps ({names}), `{_DEFAULT}` or `{_SILENCE}`"
            )
        return tuple(self._step(each, (*place, n)) for n, each in enumerate(value))

    def _step(self, value: Any, place: Place) -> Step:
        if value == _DEFAULT:
            return Ask()
        fields = self._fields(value, place, *_STEPS)
        if len(fields) != 1:
            raise self._error(place, f"a step has one of: {', '.join(_STEPS)}")
        ((name, content),) = fields.items()
        return _STEPS[name](self, content, (*place, name))

    def _say(self, value: Any, place: Place) -> Say:
        if isinstance(value, list) and value:
            return Say(tuple(self._text(each, (*place, n)) for n, each in enumerate(value)))
        return Say((self._text(value, place),))

    def _call(self, value: Any, place: Place) -> Call:
        fields = self._fields(value, place, "name", "arguments")
        if "name" not in fields:
            raise self._error(place, "'name' is missing")
        arguments = fields.get("arguments", {})
        if not isinstance(arguments, dict | str):
            raise self._error((*place, "arguments"), "must be an object, or a text as it is sent")
        try:
            orjson.dumps(arguments)
        except TypeError as error:
            raise self._error((*place, "arguments"), f"cannot be JSON: {error}") from error
        return Call(self._text(fields["name"], (*place, "name")), arguments)

    def _wait(self, value: Any, place: Place) -> Wait:
        return Wait(self._number(value, place, 0, MAX_WAIT_MS))

    def _fail(self, value: Any, place: Place) -> Fail:
        fields = self._fields(value, place, "code", "message")
        code = self._text(fields.get("code", "server_error"), (*place, "code"))
        if not _CODE.fullmatch(code):
            raise self._error((*place, "code"), f"must look like server_error, not {code!r}")
        message = fields.get("message", "The scenario wants it so.")
        return Fail(code, self._text(message, (*place, "message")))

    def _stop(self, value: Any, place: Place) -> Halt:
        reasons = ("content_filter", "max_output_tokens")
        if value not in reasons:
            raise self._error(place, f"must be {' or '.join(reasons)}, not {value!r}")
        return Halt(cast(StopReason, value))

    def _fault(self, value: Any, place: Place) -> Break:
        text = self._text(value, place)
        try:
            Faults.parse(text)
        except ValueError as error:
            raise self._error(place, str(error).rstrip(".")) from error
        return Break(text)

    # ------------------------------------------------------------ ears

    def _hearing(self, value: Any, place: Place) -> Hearing:
        if value is None:
            return Hearing(None)
        if not isinstance(value, dict):
            return Hearing(self._text(value, place, or_empty=True))
        fields = self._fields(value, place, "text", "fail", "after_ms")
        if ("text" in fields) == ("fail" in fields):
            raise self._error(place, "needs either 'text' or 'fail'")
        return Hearing(
            self._text(fields.get("text", ""), (*place, "text"), or_empty=True),
            self._number(fields.get("after_ms", 0), (*place, "after_ms"), 0, MAX_WAIT_MS),
            self._text(fields["fail"], (*place, "fail")) if "fail" in fields else "",
        )

    # ------------------------------------------------------------ values

    def _fields(self, value: Any, place: Place, *known: str) -> dict[str, Any]:
        if not isinstance(value, dict | Mapping):
            raise self._error(place, f"must be pairs of names and values ({', '.join(known)})")
        for name in value:
            if name not in known:
                at = (*place, str(name))
                raise self._error(at, f"is not known here; {_suggestion(str(name), known)}")
        return dict(value)

    def _each(
        self, fields: Mapping[str, Any], place: tuple[str], read: Callable[[Any, Place], T]
    ) -> tuple[T, ...]:
        value = fields.get(place[0], [])
        if not isinstance(value, list):
            raise self._error(place, "must be a list")
        return tuple(read(each, (*place, n)) for n, each in enumerate(value))

    def _text(self, value: Any, place: Place, *, or_empty: bool = False) -> str:
        if not isinstance(value, str):
            raise self._error(place, f"must be a text, not {value!r}; put it in quotes")
        if not or_empty and not value.strip():
            raise self._error(place, "must not be empty")
        return value

    def _number(self, value: Any, place: Place, least: int, most: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._error(
                place, f"must be a whole number from {least} to {most}, not {value!r}"
            )
        return value

    def _truth(self, value: Any, place: Place) -> bool:
        if not isinstance(value, bool):
            raise self._error(place, f"must be true or false, not {value!r}")
        return value

    def _choice(self, fields: Mapping[str, Any], name: str, *known: str) -> Any:
        value = fields.get(name, known[0])
        if value not in known:
            raise self._error((name,), f"must be {' or '.join(known)}, not {value!r}")
        return value

    def _error(self, place: Place, what: str) -> ConfigurationError:
        return self._document.error(place, f"{what}.")


_STEPS: Final[Mapping[str, Callable[[_Reader, Any, Place], Step]]] = {
    "say": _Reader._say,
    "call": _Reader._call,
    "wait_ms": _Reader._wait,
    "fail": _Reader._fail,
    "stop": _Reader._stop,
    "fault": _Reader._fault,
}


def _suggestion(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"perhaps {near[0]!r} is meant"
    return f"use {', '.join(known)}"
