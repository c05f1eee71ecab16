"""What the page shows of money and time, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CapState:
    """How much of one limit is used."""

    scope: str
    """Whose: "session", "guest", "day" or "total"."""
    used: str
    """In words, as "$0.42" or "3:09"."""
    most: str
    """In words, as "$2.00" or "30:00 min"."""
    left: str
    """In words, as "$1.58", "27 min" or "4:59"; of what each session has, where none runs, all."""
    is_near: bool
    """Four fifths of it or more are used."""
    is_reached: bool = False
    """Nothing is left of it."""
    is_less: bool = False
    """Less is left of it than a session may use: it is what ends one."""
    ends_at_s: float | None = None
    """Wall-clock seconds since 1970 at which it is reached, where that is known and near."""


@dataclass(frozen=True, slots=True)
class SpendingState:
    """What this session has cost, and what is used of its limits."""

    dollars: str = ""
    """What this session has cost, in words; empty: nothing is known to have cost anything."""
    is_estimate: bool = False
    """A price or a count was not known, and the worst was assumed."""
    prices: str = ""
    """Of when the prices are, in words."""
    caps: tuple[CapState, ...] = ()
    is_running: bool = False
    """A session goes on, whose limits are told as they stand; else they are of the next one."""
    obstacle: str = ""
    """Why no session may begin now, in a sentence; empty: one may, as far as is known here."""
    remark: str = ""
    """What the owner should know of the counter, in a sentence."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.dollars or self.caps or self.remark)
