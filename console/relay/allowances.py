"""What a session, a token or everybody may use of minutes and dollars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Protocol

from console.realtime.refusal import Refusal
from console.relay.counters import Counters

Unit = Literal["minutes", "dollars"]
Span = Literal["session", "day", "total"]

SESSION_OVER: Final = "relay_session_limit"
"""Code of the refusal when one session has lasted, or cost, as much as one may."""
NOTHING_LEFT: Final = "insufficient_quota"
"""Code of the refusal when nothing is left of a day, or in all."""
_PARTS: Final[dict[Unit, int]] = {"minutes": 60_000, "dollars": 1_000_000}
"""Whole numbers are counted: milliseconds, and millionths of a dollar."""
_HELD: Final = "held"


class LimitsOfAll(Protocol):
    """What everybody may use together; None is no limit."""

    @property
    def sessions(self) -> int | None:
        """At once."""

    @property
    def day_minutes(self) -> float | None:
        """In a day (UTC)."""

    @property
    def day_dollars(self) -> float | None:
        """In a day (UTC)."""

    @property
    def total_minutes(self) -> float | None:
        """In all."""

    @property
    def total_dollars(self) -> float | None:
        """In all."""


class Limits(LimitsOfAll, Protocol):
    """What one token may use; None is no limit."""

    @property
    def session_minutes(self) -> float | None:
        """How long one session may last."""

    @property
    def session_dollars(self) -> float | None:
        """What one session may cost."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One limit."""

    span: Span
    unit: Unit
    most: float
    whose: str
    """In words."""
    name: str
    """Of its sum; empty of a session, which counts for itself."""

    @property
    def is_of_session(self) -> bool:
        """Whether it holds for one session alone."""
        return self.span == "session"

    def is_used_up(self, used: float) -> bool:
        """Return whether nothing is left."""
        return used >= self.most

    async def add(self, counters: Counters, amount: float, held: float) -> None:
        """Count what was used.

        Args:
            counters: Where the sums are.
            amount: What was used, in the unit.
            held: What is set aside in addition; negative: what is no longer.
        """
        add = counters.add_today if self.span == "day" else counters.add
        if parts := self._parts(amount + held):
            await add(self.name, parts)
        if parts := self._parts(held):
            await counters.add_for_now(f"{self.name}/{_HELD}", parts)

    async def committed(self, counters: Counters) -> float:
        """Return what was used or is set aside for answers under way."""
        get = counters.get_today if self.span == "day" else counters.get
        return await get(self.name) / _PARTS[self.unit]

    async def used(self, counters: Counters) -> float:
        """Return what was used."""
        held = await counters.get(f"{self.name}/{_HELD}") / _PARTS[self.unit]
        return await self.committed(counters) - max(0.0, held)

    def refusal(self) -> Refusal:
        """Return why there is no more."""
        most = f"${self.most:.2f}" if self.unit == "dollars" else _minutes(self.most)
        when, what_now = {
            "session": ("", "Begin a new one."),
            "day": (" in a day", "It begins anew tomorrow (UTC)."),
            "total": (" in all", "Whoever runs the relay can raise it."),
        }[self.span]
        return Refusal(
            f"The limit for {self.whose}{when} is reached: {most}. {what_now}",
            code=SESSION_OVER if self.is_of_session else NOTHING_LEFT,
            kind="relay_limit" if self.is_of_session else "insufficient_quota",
        )

    def _parts(self, amount: float) -> int:
        return round(amount * _PARTS[self.unit])


def allowances_of(token: str, limits: Limits, of_all: LimitsOfAll) -> tuple[Allowance, ...]:
    """Return the limits that hold for a session of a token.

    Args:
        token: Its name.
        limits: Of the token.
        of_all: Of everybody together.
    """
    found: list[Allowance] = []

    def add(span: Span, unit: Unit, most: float | None, whose: str, owner: str) -> None:
        if most is not None:
            name = "" if span == "session" else f"{unit}/{span}/{owner}"
            found.append(Allowance(span, unit, most, whose, name))

    add("session", "minutes", limits.session_minutes, "one session", "")
    add("session", "dollars", limits.session_dollars, "one session", "")
    for whose, owner, each in (
        ("this token", f"of/{token}", limits),
        ("everybody on this relay together", "all", of_all),
    ):
        add("day", "minutes", each.day_minutes, whose, owner)
        add("day", "dollars", each.day_dollars, whose, owner)
        add("total", "minutes", each.total_minutes, whose, owner)
        add("total", "dollars", each.total_dollars, whose, owner)
    return tuple(found)


def _minutes(most: float) -> str:
    return "1 minute" if most == 1 else f"{most:g} minutes"
