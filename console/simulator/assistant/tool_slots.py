"""Which tool a sentence asks for, and its arguments, by the tool's JSON schema.

A tool is found by the words that it shares with the sentence, a slot is filled by its type and
name. Nothing is made up: a required slot that the sentence does not fill stays missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.simulator.assistant import facts, gazetteer, numbers
from console.simulator.assistant.gazetteer import City

Tool = Mapping[str, Any]

_IDLE_WORDS: Final = (
    "a an and are as at be by can current do for from get give given has in into is it its me my "
    "now of on or our please set something tell that the their this to tool up us use user users "
    "what when which who with you your function call name text value string number whether"
)
_IDLE: Final = frozenset(_IDLE_WORDS.split())
_OTHER_WORDS: Final = {
    "plus": "add",
    "sum": "add",
    "throw": "roll",
    "die": "dice",
    "jot": "note",
}
"""What people say for the word that a tool's name is likely to have."""
_ENOUGH: Final = 1.5
"""Two words in common, or one of the name's."""
_NAME_WEIGHT: Final = 1.5
_LATITUDE: Final = frozenset({"lat", "latitude"})
_LONGITUDE: Final = frozenset({"lng", "lon", "long", "longitude"})
_PLACES: Final = frozenset({"location", "city", "place", "town", "cityname", "locationname"})
_ON: Final = frozenset({"on", "yes", "true", "enable", "enabled", "start", "open"})
_OFF: Final = frozenset({"off", "no", "false", "disable", "disabled", "stop", "close"})
_QUOTED: Final = re.compile(r"[\"“”](.+?)[\"“”]|(?<!\w)'(.+?)'(?!\w)")
_CALLED: Final = re.compile(
    r"\b(?:called|named|about|saying|titled|for|to|of|with|that)\s+(.+)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A tool with what a sentence gives it."""

    tool: Tool
    arguments: Mapping[str, Any]
    missing: Sequence[str]
    """Required slots that the sentence does not fill."""

    @property
    def name(self) -> str:
        """The tool's name."""
        return str(self.tool["name"])


def usable(tools: Sequence[Tool]) -> list[Tool]:
    """Return the tools that are functions with a name."""
    return [
        each
        for each in tools
        if each.get("type", "function") == "function" and isinstance(each.get("name"), str)
    ]


def named(tools: Sequence[Tool], name: str) -> Tool | None:
    """Return the tool of that name."""
    return next((each for each in usable(tools) if each["name"] == name), None)


def with_word(tools: Sequence[Tool], *words: str) -> Tool | None:
    """Return the first tool whose name has one of the words."""
    wanted = {_stem(each) for each in words}
    return next((each for each in usable(tools) if wanted & _name_words(each)), None)


def says_all_of(tool: Tool, text: str) -> bool:
    """Return whether `text` has every word of the tool's name that means something."""
    words = _name_words(tool)
    return bool(words) and words <= _said(text)


def choose(tools: Sequence[Tool], text: str) -> Tool | None:
    """Return the tool that shares enough words with `text`, or nothing."""
    said = _said(text)
    scored = [(_score(each, said), -at, each) for at, each in enumerate(usable(tools))]
    best = max(scored, key=lambda each: each[:2], default=None)
    return best[2] if best is not None and best[0] >= _ENOUGH else None


def fill(tool: Tool, text: str, city: City | None = None) -> Filled:
    """Return the tool with the arguments that `text` gives.

    Args:
        tool: A definition as on the wire.
        text: What the user said.
        city: The city that is meant, if that is known already.
    """
    properties, required = _schema(tool)
    slots = _Slots(text, city, tool)
    arguments: dict[str, Any] = {}
    for name, schema in properties.items():
        value = slots.value(name, schema, is_required=name in required)
        if value is not None:
            arguments[name] = value
    missing = [each for each in required if each not in arguments]
    return Filled(tool, arguments, missing)


def fill_fact(tool: Tool, fact: facts.Fact) -> Filled:
    """Return the tool with a fact's key and value in its first two strings."""
    properties, required = _schema(tool)
    strings = [name for name, schema in properties.items() if _kind(schema) == "string"]
    key = next((each for each in strings if each in {"key", "name", "field"}), None)
    rest = [each for each in strings if each != key]
    arguments: dict[str, Any] = {}
    if key is not None:
        arguments[key] = fact.key
    if rest:
        arguments[rest[0]] = fact.value if key is not None else facts.sentence(fact)
    return Filled(tool, arguments, [each for each in required if each not in arguments])


class _Slots:
    """Fills one slot after the other; a number or a text is used once."""

    def __init__(self, text: str, city: City | None, tool: Tool) -> None:
        self._text = text.strip().rstrip("?!.").strip()
        self._words = gazetteer.fold(numbers.with_signs_in_words(text)).split()
        self._numbers = numbers.find(self._words)
        self._city = city or _city_in(text)
        self._tool_words = _name_words(tool)
        self._is_text_used = False

    def value(self, name: str, schema: Mapping[str, Any], *, is_required: bool) -> Any:
        """Return the slot's value, or None if the sentence does not give one."""
        if isinstance(choices := schema.get("enum"), list):
            return self._choice(choices)
        plain = gazetteer.fold(name).replace("_", "").replace(" ", "")
        match _kind(schema):
            case "number" | "integer" as kind:
                return self._number(plain, kind)
            case "boolean":
                return self._boolean()
            case "string":
                return self._string(plain, is_required=is_required)
            case _:
                return None

    def _choice(self, choices: list[Any]) -> Any:
        said = f" {' '.join(self._words)} "
        for choice in sorted(choices, key=lambda each: -len(str(each))):
            words = gazetteer.fold(str(choice).replace("_", " "))
            if words and f" {words} " in said:
                return choice
        return None

    def _number(self, name: str, kind: str) -> float | int | None:
        if name in _LATITUDE:
            return self._city.latitude if self._city else None
        if name in _LONGITUDE:
            return self._city.longitude if self._city else None
        if not self._numbers:
            return None
        value = self._numbers.pop(0)
        return int(value) if kind == "integer" or value == int(value) else value

    def _boolean(self) -> bool | None:
        words = set(self._words)
        if words & _OFF:
            return False
        return True if words & _ON else None

    def _string(self, name: str, *, is_required: bool) -> str | None:
        if name in _PLACES:
            return gazetteer.load().label(self._city) if self._city else None
        if name in {"timezone", "tz"}:
            return self._city.timezone if self._city else None
        if name in {"country"}:
            return self._city.country if self._city else None
        if name in {"date", "day", "when"}:
            return next((each for each in ("today", "tomorrow") if each in self._words), None)
        if self._is_text_used:
            return None
        found = self._quoted() or (self._called() if is_required else None)
        self._is_text_used = found is not None
        return found

    def _quoted(self) -> str | None:
        match = _QUOTED.search(self._text)
        return next(filter(None, match.groups()), None) if match else None

    def _called(self) -> str | None:
        """Return what comes after a word such as "called", else after the words of the name."""
        if match := _CALLED.search(self._text):
            return match.group(1).strip()
        rest = self._text.split()
        while rest and (_stem(gazetteer.fold(rest[0])) in self._tool_words | _IDLE):
            del rest[0]
        return " ".join(rest) or None


def _schema(tool: Tool) -> tuple[dict[str, Mapping[str, Any]], list[str]]:
    """Return properties and required names; what is malformed counts as absent."""
    parameters = tool.get("parameters")
    if not isinstance(parameters, Mapping):
        return {}, []
    properties = parameters.get("properties")
    required = parameters.get("required")
    known = properties if isinstance(properties, Mapping) else {}
    return (
        {str(name): each for name, each in known.items() if isinstance(each, Mapping)},
        [each for each in required if isinstance(each, str)] if isinstance(required, list) else [],
    )


def _kind(schema: Mapping[str, Any]) -> str:
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return next((str(each) for each in kinds if each != "null"), "")
    return str(kinds or "")


def _city_in(text: str) -> City | None:
    place = gazetteer.load().scan(text)
    return place.city if place is not None else None


def _score(tool: Tool, said: set[str]) -> float:
    name = _name_words(tool)
    described = _words(str(tool.get("description") or "")) - name
    return _NAME_WEIGHT * len(name & said) + len(described & said)


def _name_words(tool: Tool) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-.]", " ", str(tool["name"]))
    return _words(spaced)


def _words(text: str) -> set[str]:
    return {_stem(each) for each in gazetteer.fold(text).split() if each not in _IDLE}


def _said(text: str) -> set[str]:
    meant = {_OTHER_WORDS[each] for each in gazetteer.fold(text).split() if each in _OTHER_WORDS}
    return _words(text) | meant


def _stem(word: str) -> str:
    """Return a word without the endings that make "lights" and "light" two words."""
    for ending in ("ing", "es", "s", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
