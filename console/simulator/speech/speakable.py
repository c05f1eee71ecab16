"""Text as it is to be said: units and signs in words, nothing that cannot be spoken."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NUMBER: Final = r"(?<![\w.])([-+\u2212]?\d[\d,]*(?:\.\d+)?)"
# The unit, in the singular and in the plural.
_UNITS: Final = {
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "mp/h": ("mile per hour", "miles per hour"),
    "m/s": ("meter per second", "meters per second"),
    "kn": ("knot", "knots"),
    "km": ("kilometer", "kilometers"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "kg": ("kilogram", "kilograms"),
    "hPa": ("hectopascal", "hectopascals"),
    "ms": ("millisecond", "milliseconds"),
    "%": ("percent", "percent"),
}
_WITH_UNIT: Final = re.compile(
    _NUMBER + r"\s?(" + "|".join(map(re.escape, _UNITS)) + r")(?![\w/])"  # longest first
)
_TIME: Final = re.compile(r"(?<![\d:])(\d{1,2}):([0-5]\d)(?![\d:])(?: ?([AP])M\b)?")
_SIGNS: Final = {"&": " and ", "=": " equals ", "_": " ", "/": " / ", "*": " ", "#": " ", "`": " "}
_CUTS: Final = ("; ", ", ", " ")


def expand(text: str) -> str:
    """Return `text` with numbers' units and signs in words, in one line.

    Control characters and characters that show nothing are left out; they would be spelled, or
    end the text for a library written in C.
    """
    plain = "".join(" " if each.isspace() else each for each in text)
    plain = "".join(each for each in plain if unicodedata.category(each)[0] != "C")
    plain = _TIME.sub(_time_in_words, plain)
    plain = _WITH_UNIT.sub(_unit_in_words, plain)
    plain = re.sub(r"(?<![\w.)])[-\u2212](?=\d)", "minus ", plain)
    for sign, words in _SIGNS.items():
        plain = plain.replace(sign, words)
    return " ".join(plain.split())


def parts(text: str, longest: int) -> list[str]:
    """Cut `text` at pauses into parts of at most `longest` characters."""
    found: list[str] = []
    while len(text) > longest:
        cut = next((at for each in _CUTS if (at := text.rfind(each, 1, longest)) > 0), longest - 1)
        found.append(text[: cut + 1].strip())
        text = text[cut + 1 :].strip()
    return [*found, text] if text else found


def _unit_in_words(match: re.Match[str]) -> str:
    number, unit = match.groups()
    singular, plural = _UNITS[unit]
    return f"{number} {singular if number.lstrip('-+') == '1' else plural}"


def _time_in_words(match: re.Match[str]) -> str:
    hour, minute, half = match.groups()
    minutes = {"00": "o'clock"}.get(minute, f"oh {minute[1]}" if minute[0] == "0" else minute)
    return f"{hour} {minutes}{f' {half} M' if half else ''}"
