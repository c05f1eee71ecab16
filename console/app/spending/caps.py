"""Limits: how much of what may be used by whom, and what is said when that is near or reached."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from console.app.spending.ledger import Spent
from console.settings import Settings

Scope = Literal["session", "guest", "day", "total"]
Unit = Literal["minutes", "dollars"]

WARN_SHARE: Final = 0.8
CLOSE_MINUTES: Final = 5
"""Below so many minutes the seconds are told, too."""
GUEST_DEFAULTS: Final[dict[tuple[Scope, Unit], float]] = {
    ("session", "minutes"): 30.0,
    ("session", "dollars"): 2.0,
    ("guest", "minutes"): 60.0,
    ("guest", "dollars"): 5.0,
    ("day", "dollars"): 20.0,
}
"""What holds for guests where the settings say nothing; the owner is held by settings alone."""
OWNER_IDLE_MINUTES: Final = 30.0
GUEST_IDLE_MINUTES: Final = 5.0
_SCOPES: Final[tuple[Scope, ...]] = ("session", "guest", "day", "total")
_UNITS: Final[tuple[Unit, ...]] = ("minutes", "dollars")
NOTHING: Final = Spent()
_OF: Final = {
    "session": "this session",
    "guest": "one guest in a day",
    "day": "everybody together in a day",
    "total": "everybody together in all",
}
_WHO: Final = {
    "session": "A session",
    "guest": "Your address",
    "day": "Everybody together",
    "total": "Everybody together",
}
_RAISED: Final = "once the host raises the limit"
_MORE_TOMORROW: Final = f"for today. More from 00:00 UTC, or {_RAISED}."
_WHAT_NOW: Final = {
    "guest": _MORE_TOMORROW,
    "day": _MORE_TOMORROW,
    "total": f"in all. More {_RAISED}.",
}
_KEPT: Final = "Everything so far is kept."
_REST_TODAY: Final = (
    "Connect begins another session with what is left; after midnight UTC all of it is there again."
)
_WITH_THE_REST: Final = {
    "session": "Connect begins another session.",
    "guest": _REST_TODAY,
    "day": _REST_TODAY,
    "total": "Connect begins another session with what is left.",
}
_SAVE: Final = "What you see stays until the next session begins: save it before you connect."


@dataclass(frozen=True, slots=True)
class Payer:
    """Who uses a session."""

    id: str
    """The same in all sessions of a person; no secret."""
    is_guest: bool
    browser: str = ""
    """Of the browser they came with: another one has another, also of the same person."""


OWNER: Final = Payer("owner", is_guest=False)


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit."""

    scope: Scope
    unit: Unit
    most: float

    def used(self, spent: Spent) -> float:
        """Return how much of its unit was used."""
        return spent.dollars if self.unit == "dollars" else spent.seconds / 60

    def used_words(self, spent: Spent) -> str:
        """Return it in words; the seconds that an end takes are not told."""
        used = self.used(spent)
        return amount(min(used, self.most) if self.unit == "minutes" else used, self.unit)

    def most_words(self) -> str:
        """Return all of it in words: `$2.00`, `30 minutes`, `1:30 minutes` or `0.6 s`."""
        if self.unit == "minutes" and self.most > 0 and self.most == int(self.most):
            return "1 minute" if self.most == 1 else f"{self.most:.0f} minutes"
        return amount(self.most, self.unit, with_unit=True).replace("min", "minutes")

    def left_words(self, spent: Spent) -> str:
        """Return what is left in words, never more than there is: seconds where they matter."""
        left = self.left(spent)
        if self.unit == "dollars" or left < CLOSE_MINUTES:
            return amount(left, self.unit)
        return f"{math.floor(left + 1e-6)} min"

    def left(self, spent: Spent) -> float:
        """Return what is left in its unit; nothing where more was used."""
        return max(0.0, self.most - self.used(spent))

    def is_reached(self, spent: Spent) -> bool:
        """Return whether nothing is left."""
        return self.used(spent) >= self.most

    def is_near(self, spent: Spent) -> bool:
        """Return whether most of it is used."""
        return self.used(spent) >= self.most * WARN_SHARE

    def near_sentence(self, spent: Spent, under_way: Spent = NOTHING) -> str:
        """Return the warning, with what answers that are under way have used so far.

        Time goes on while it is read, so that of time only the limit is told.
        """
        if self.unit == "minutes":
            return f"Close to the limit of {self.most_words()} for {_OF[self.scope]}."
        more = self._and_under_way(under_way)
        return f"Close to the limit for {_OF[self.scope]}: {self._so_far(spent)}{more}."

    def reached_sentence(self, spent: Spent, under_way: Spent = NOTHING) -> str:
        """Return why there is no more; an answer that is ended may leave something."""
        if not self.is_reached(spent):
            return (
                f"The answer under way would go beyond the limit for {_OF[self.scope]}: "
                f"{self._so_far(spent)}{self._and_under_way(under_way)}. "
                f"{_WITH_THE_REST[self.scope]} {_SAVE}"
            )
        if self.most > 0 and self.scope == "session":
            reached = f"The limit for this session is reached: {self._so_far(spent)}."
            return f"{reached} {_WITH_THE_REST['session']} {_SAVE}"
        obstacle = self.obstacle(spent)
        return f"{obstacle} {_KEPT}" if self.most > 0 else obstacle

    def obstacle(self, spent: Spent) -> str:
        """Return why no session may begin, and when one may; empty: one may.

        Args:
            spent: What was used of the limit; of one that holds for each session, by a new one.
        """
        if not self.is_reached(spent):
            return ""
        if self.most <= 0 or self.scope == "session":
            used = "no dollars" if self.unit == "dollars" else "no time"
            return f"{_WHO[self.scope]} may use {used} here: that changes {_RAISED}."
        return f"{_WHO[self.scope]} has used {self._all_of_it(spent)} {_WHAT_NOW[self.scope]}"

    def _all_of_it(self, spent: Spent) -> str:
        used, most = self.used_words(spent), self.most_words()
        whose = "its" if self.scope == "guest" else "the"
        is_more = self.unit == "dollars" and used != most
        return f"{used} of {whose} {most}" if is_more else f"{whose} {most}"

    def _and_under_way(self, under_way: Spent) -> str:
        used = self.used(under_way)
        return f", and about {amount(used, self.unit)} for the answer under way" if used else ""

    def _so_far(self, spent: Spent) -> str:
        return f"{self.used_words(spent)} of {amount(self.most, self.unit, with_unit=True)}"


def amount(value: float, unit: Unit, *, with_unit: bool = False) -> str:
    """Return an amount in words: `$0.42`, `3:09`, `30:00 min` or `0.6 s`."""
    if unit == "dollars":
        # Small sums need more places, or nothing of them would be seen.
        return f"${value:.2f}" if value == 0 or value >= 0.1 else f"${value:.4f}"
    # Whole seconds that have passed; a hair is not to make 11 of 12.
    minutes, seconds = divmod(math.floor(value * 60 + 1e-6), 60)
    if with_unit and 0 < value * 60 < 1:  # a limit of less than a second is not none at all
        return f"{value * 60:.1g} s"
    return f"{minutes}:{seconds:02}" + (" min" if with_unit else "")


def tightest(caps: Sequence[Cap]) -> tuple[Cap, ...]:
    """Return of the limits on the same thing the lowest, in the order in which they came."""
    lowest: dict[tuple[Scope, Unit], Cap] = {}
    for cap in caps:
        known = lowest.get((cap.scope, cap.unit))
        lowest[cap.scope, cap.unit] = cap if known is None or cap.most < known.most else known
    return tuple(lowest.values())


def caps_of(settings: Settings, payer: Payer) -> tuple[Cap, ...]:
    """Return the limits that hold for somebody; those that are infinite are left out."""
    found = []
    for scope in _SCOPES:
        if scope == "guest" and not payer.is_guest:
            continue
        for unit in _UNITS:
            most: Any = getattr(settings, f"limit_{scope}_{unit}")
            if most is None and payer.is_guest:
                most = GUEST_DEFAULTS.get((scope, unit))
            if most is not None and math.isfinite(most):
                found.append(Cap(scope, unit, most))
    return tuple(found)


def idle_minutes(settings: Settings, payer: Payer) -> float:
    """Return after how many minutes without speech or text somebody's session ends; may be inf."""
    if settings.idle_minutes is not None:
        return settings.idle_minutes
    return GUEST_IDLE_MINUTES if payer.is_guest else OWNER_IDLE_MINUTES
