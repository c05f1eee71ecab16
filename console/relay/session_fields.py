"""The settings of sessions and of responses that the relay understands, and of what kind each is.

What stands in no table never passes, unless a policy lets everything pass: a field that the service
may learn one day is no way around the rules.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.realtime.refusal import Refusal

MAX_METADATA: Final = 16
_TOOL_FIELDS: Final = frozenset({"type", "name", "description", "parameters", "strict"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A kind of value."""

    words: str
    accepts: Callable[[Any], bool]

    def check(self, value: Any, param: str) -> None:
        """Refuse a value of another kind; null, which clears a setting, is of every kind.

        Raises:
            Refusal: It is one.
        """
        if value is not None and not self.accepts(value):
            raise Refusal(f"Invalid type for '{param}': expected {self.words}.", param=param)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_metadata(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= MAX_METADATA
        and all(isinstance(each, str) for each in value.values())
    )


def _is_plain_object(value: Any) -> bool:
    """Return whether it is an object of texts, numbers and flags, one inside the other."""
    if isinstance(value, dict):
        return all(_is_plain_object(each) for each in value.values())
    return value is None or isinstance(value, str | int | float | bool)


def is_function(tool: Any) -> bool:
    """Return whether a tool is one that the client itself answers, and nothing else."""
    return (
        isinstance(tool, dict)
        and tool.get("type") == "function"
        and isinstance(tool.get("name"), str)
        and tool.keys() <= _TOOL_FIELDS
    )


def _is_tool_choice(value: Any) -> bool:
    if isinstance(value, dict):
        return (
            value.get("type") == "function"
            and isinstance(value.get("name"), str)
            and value.keys() <= {"type", "name"}
        )
    return isinstance(value, str)


def _is_voice(value: Any) -> bool:
    if isinstance(value, dict):
        return value.keys() == {"id"} and isinstance(value["id"], str)
    return isinstance(value, str)


TEXT: Final = Leaf("a string", lambda value: isinstance(value, str))
FLAG: Final = Leaf("true or false", lambda value: isinstance(value, bool))
INTEGER: Final = Leaf("an integer", _is_integer)
NUMBER: Final = Leaf("a number", _is_number)
TEXTS: Final = Leaf("a list of strings", _is_texts)
TOKENS: Final = Leaf("an integer or 'inf'", lambda value: _is_integer(value) or value == "inf")
METADATA: Final = Leaf(f"an object of at most {MAX_METADATA} strings", _is_metadata)
PLAIN: Final = Leaf("a string or an object of plain values", _is_plain_object)
TOOLS: Final = Leaf(
    "a list of functions", lambda value: isinstance(value, list) and all(map(is_function, value))
)
TOOL_CHOICE: Final = Leaf("a string or a function", _is_tool_choice)
VOICE: Final = Leaf("a name or an id", _is_voice)
ITEMS: Final = Leaf("a list of items", lambda value: isinstance(value, list))

NUMBERS: Final = frozenset({INTEGER, NUMBER, TOKENS})
"""Kinds that have a least and a most."""
TEXTUAL: Final = frozenset({TEXT, TEXTS})
"""Kinds that have a number of characters."""


class Table:
    """All settings of one object, by their path."""

    def __init__(self, name: str, leaves: Mapping[str, Leaf]) -> None:
        self.name = name
        self.leaves = leaves
        self.groups = {path[:at] for path in leaves for at, each in enumerate(path) if each == "."}

    def check_path(self, path: str, *, has_bounds: bool) -> None:
        """Refuse a path of a rule that leads nowhere.

        Args:
            path: Of a setting, or of a group of them.
            has_bounds: Whether the rule is about a value.

        Raises:
            ValueError: There is no such setting, or a group is to have bounds.
        """
        check_name(path, [*self.leaves, *self.groups], f"a setting of a {self.name}")
        if has_bounds and path in self.groups:
            raise ValueError(
                f"{path} is a group of settings: give bounds to one of "
                f"{', '.join(each for each in self.leaves if each.startswith(f'{path}.'))}"
            )


def check_name(name: str, known: Iterable[str], what: str) -> None:
    """Refuse a name that is not known.

    Raises:
        ValueError: It is not; the nearest one that is known is named.
    """
    names = sorted(known)
    if name in names:
        return
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
    raise ValueError(f"{name!r} is not {what}; {hint}")


_INPUT: Final = "audio.input"
_OUTPUT: Final = "audio.output"
_DETECTION: Final = f"{_INPUT}.turn_detection"

SESSION: Final = Table(
    "session",
    {
        "output_modalities": TEXTS,
        "instructions": TEXT,
        "model": TEXT,
        "max_output_tokens": TOKENS,
        "parallel_tool_calls": FLAG,
        "tools": TOOLS,
        "tool_choice": TOOL_CHOICE,
        "tracing": PLAIN,
        "prompt": PLAIN,
        "truncation": PLAIN,
        "include": TEXTS,
        "reasoning.effort": TEXT,
        f"{_INPUT}.format.type": TEXT,
        f"{_INPUT}.format.rate": INTEGER,
        f"{_INPUT}.transcription.model": TEXT,
        f"{_INPUT}.transcription.language": TEXT,
        f"{_INPUT}.transcription.languages": TEXTS,
        f"{_INPUT}.transcription.prompt": TEXT,
        f"{_INPUT}.transcription.keywords": TEXTS,
        f"{_INPUT}.transcription.delay": TEXT,
        f"{_INPUT}.noise_reduction.type": TEXT,
        f"{_INPUT}.noise_reduction.strength": NUMBER,
        f"{_DETECTION}.type": TEXT,
        f"{_DETECTION}.threshold": NUMBER,
        f"{_DETECTION}.prefix_padding_ms": NUMBER,
        f"{_DETECTION}.silence_duration_ms": NUMBER,
        f"{_DETECTION}.idle_timeout_ms": NUMBER,
        f"{_DETECTION}.eagerness": TEXT,
        f"{_DETECTION}.create_response": FLAG,
        f"{_DETECTION}.interrupt_response": FLAG,
        f"{_OUTPUT}.format.type": TEXT,
        f"{_OUTPUT}.format.rate": INTEGER,
        f"{_OUTPUT}.voice": VOICE,
        f"{_OUTPUT}.speed": NUMBER,
    },
)
RESPONSE: Final = Table(
    "response",
    {
        "output_modalities": TEXTS,
        "instructions": TEXT,
        f"{_OUTPUT}.format.type": TEXT,
        f"{_OUTPUT}.format.rate": INTEGER,
        f"{_OUTPUT}.voice": VOICE,
        "tools": TOOLS,
        "tool_choice": TOOL_CHOICE,
        "parallel_tool_calls": FLAG,
        "reasoning.effort": TEXT,
        "max_output_tokens": TOKENS,
        "conversation": TEXT,
        "metadata": METADATA,
        "prompt": PLAIN,
        "input": ITEMS,
    },
)


def check_kept(keep: Mapping[str, Any]) -> None:
    """Refuse settings that the relay itself could not send.

    Raises:
        ValueError: One is unknown, or of the wrong kind; its path is named.
    """
    _check_kept(keep, "")


def _check_kept(values: Mapping[str, Any], at: str) -> None:
    for key, value in values.items():
        path = f"{at}.{key}" if at else key
        if "." in str(key):
            raise ValueError(f"{key!r} is no setting: write one object inside the other")
        check_name(path, [*SESSION.leaves, *SESSION.groups], "a setting of a session")
        if path in SESSION.groups and isinstance(value, Mapping):
            _check_kept(value, path)
        elif path in SESSION.groups and value is not None:
            raise ValueError(f"{path} is a group of settings, not a value")
        elif path == "tools" and not TOOLS.accepts(value):
            raise ValueError("tools are functions: each has a type 'function' and a name")
        elif (leaf := SESSION.leaves.get(path)) and value is not None and not leaf.accepts(value):
            raise ValueError(f"{path} must be {leaf.words}")
