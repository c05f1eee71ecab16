"""A budget that the user sets for their own session: read from what was typed, or refused."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from console.app.spending.caps import Cap, Unit, amount
from console.app.spending.ledger import Spent

_UNITS: Final[dict[Unit, str]] = {"dollars": "0.50", "minutes": "10"}
"""With an example of each."""
_NUMBER: Final = re.compile(r"\d{1,9}(?:\.\d{1,6}|,\d{1,2})?|\.\d{1,6}", re.ASCII)
# A comma before three digits may part thousands as well as cents.


class BudgetRefusedError(ValueError):
    """What was typed cannot be the budget; the sentence says why and what would do."""

    def __init__(self, unit: Unit, sentence: str) -> None:
        super().__init__(sentence)
        self.unit: Unit = unit
        """Which of the two it is about."""


def read(typed: dict[Unit, str], spent: Spent, limits: Sequence[Cap]) -> tuple[Cap, ...]:
    """Return the limits that a budget means.

    Args:
        typed: What was typed for dollars and minutes; nothing means no budget of that kind.
        spent: What the session has used already.
        limits: What holds for it anyway.

    Raises:
        BudgetRefusedError: One of them is no number above zero, would end the session at once, or is
            more than may be used anyway.
    """
    found = []
    for unit, text in typed.items():
        clean = text.strip().lstrip("$").strip()
        if clean:
            cap = Cap("session", unit, _number(unit, clean))
            _check(cap, spent, limits)
            found.append(cap)
    return tuple(found)


def _number(unit: Unit, text: str) -> float:
    value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
    if not value > 0:
        raise BudgetRefusedError(
            unit,
            f"{text[:20]!r} is no number of {unit} above zero: write it like {_UNITS[unit]}, or "
            "leave it empty for no budget.",
        )
    return value


def _check(cap: Cap, spent: Spent, limits: Sequence[Cap]) -> None:
    if cap.is_reached(spent):
        used = amount(cap.used(spent), cap.unit)
        raise BudgetRefusedError(
            cap.unit,
            f"This session has used {used} already, so this budget would end it at once: give it "
            "more, or disconnect.",
        )
    for each in limits:
        if (each.scope, each.unit) == (cap.scope, cap.unit) and each.most < cap.most:
            most = amount(each.most, each.unit, with_unit=True)
            raise BudgetRefusedError(
                cap.unit,
                f"A session may use {most} here: a budget can be less than that, not more.",
            )
