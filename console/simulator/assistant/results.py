"""Answers from what tools have returned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from console.simulator.assistant import facts
from console.simulator.assistant.turn_view import ToolResult

_MOST_VALUES: Final = 6
_MOST_DEPTH: Final = 4
_LONGEST_TEXT: Final = 200
_ERROR_KEYS: Final = ("error", "errors", "exception")
_FINE: Final = ("ok", "success", "status", "result")
_ERROR_START: Final = re.compile(r"^\W*(?:\w*error|\w*exception|traceback)\b[\s:]*", re.IGNORECASE)
_ADDRESS: Final = re.compile(
    r"(?: (?:at|to|for|from|with|on|of|host))* (?:\w+://\S+|(?:[\w-]+\.)+[a-z]{2,}\b(?::\d+)?(?:/\S*)?"
    r"|(?:localhost|\d+\.\d+\.\d+\.\d+)(?::\d+)?(?:/\S*)?)",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"\s*[(\[](?:HTTP|code|errno|error)?[ :]*-?\d+[)\]]", re.IGNORECASE)
_UNIT_KEYS: Final = ("units", "unit")


def answer(result: ToolResult) -> str:
    """Return a tool's answer in a sentence."""
    error = _error(result.output)
    if error is not None:
        return _closed(f"I could not {_aim(result)}{_reason(error)}")
    return _weather(result) or _remembered(result) or _listed(result)


def _error(output: Any) -> str | None:
    if isinstance(output, Mapping):
        for key in _ERROR_KEYS:
            if value := output.get(key):
                reason = value.get("message") if isinstance(value, Mapping) else value
                return _shown(reason or value)
        if output.get("ok") is False or output.get("success") is False:
            return _shown(output.get("message") or "it gives no reason")
    if isinstance(output, str) and re.match(r"(?i)\W*(error|exception|traceback)\b", output):
        return _shown(output)
    return None


def _aim(result: ToolResult) -> str:
    """Return what the call was made for."""
    if re.search("weather|forecast", result.name):
        place = _place(result)
        return f"get the weather for {place}" if place else "get the weather"
    if _is_memory(result) and "value" in result.arguments:
        return "remember that"
    return f"use the tool {_spaced(result.name)}"


def _reason(error: str) -> str:
    """Return the reason for people: no hosts, no codes, the first clause only."""
    plain = _ERROR_START.sub("", error)
    for technical in (_ADDRESS, _CODE):
        plain = technical.sub("", plain)
    plain = re.split(r";|\. ", plain, maxsplit=1)[0].strip(" .:,")
    if not plain:
        return ""
    first = plain.split()[0]
    is_word = first == "A" or (first[1:].islower() and first[0].isupper())
    return f": {plain[0].lower() if is_word else plain[0]}{plain[1:]}"


def _weather(result: ToolResult) -> str | None:
    if not isinstance(result.output, Mapping):
        return None
    values = dict(_leaves(result.output))
    temperature = _first(values, "temperature", "temp")
    wind = _first(values, "wind_speed", "windspeed", "wind")
    if temperature is None and wind is None:
        return None
    place = _place(result)
    where = f"in {place}" if place else "there"
    # One sentence, so that a brief assistant tells both.
    if temperature is None:
        return f"The wind blows at {_measure(wind, 'km/h')} {where} right now."
    breeze = f", with wind at {_measure(wind, 'km/h')}" if wind is not None else ""
    return f"It is {_measure(temperature, '°C')} {where} right now{breeze}."


def _remembered(result: ToolResult) -> str | None:
    key, value = result.arguments.get("key"), result.arguments.get("value")
    if not isinstance(key, str) or value is None or not _is_memory(result):
        return None
    return f"I will remember that {_closed(facts.sentence(facts.Fact(key, str(value))))}"


def _place(result: ToolResult) -> str:
    place = result.arguments.get("location") or result.arguments.get("city")
    return place if isinstance(place, str) else ""


def _is_memory(result: ToolResult) -> bool:
    return re.search("memory|remember", result.name) is not None


def _listed(result: ToolResult) -> str:
    output = result.output
    name = _spaced(result.name)
    if isinstance(output, Mapping) and all(key in _FINE for key in output):
        return f"Done: {name} has worked."
    values = [
        f"{_spaced(key)} {_measure(value, '')}".strip() for key, value in _leaves({"": output})
    ][:_MOST_VALUES]
    if not values:
        return f"Done: {name} has answered nothing more."
    return f"The tool {name} says: {_closed(', '.join(values))}"


def _leaves(output: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield named values; a value with its unit is one."""
    if isinstance(output, Mapping) and "value" not in output and depth < _MOST_DEPTH:
        for name, each in output.items():
            yield from _leaves(each, str(name), depth + 1)
    elif isinstance(output, list) and depth < _MOST_DEPTH:
        for each in output:
            yield from _leaves(each, key, depth + 1)
    elif output is not None:
        yield key, output


def _first(values: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        for key, value in values.items():
            if key.lower().startswith(name) and isinstance(value, int | float | Mapping):
                return value
    return None


def _measure(value: Any, default_unit: str) -> str:
    if isinstance(value, Mapping):
        unit = next((str(value[each]) for each in _UNIT_KEYS if value.get(each)), default_unit)
        value = value.get("value")
    else:
        unit = default_unit
    if isinstance(value, float):
        value = f"{value:.1f}".removesuffix(".0")
    space = "" if unit in {"%", "°"} else " "
    return f"{_shown(value)}{space}{unit}".strip()


def _shown(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT].rsplit(" ", 1)[0] + " ..."


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _closed(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
