"""When the faults of a line are due: counts of sent events in, deeds out."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from console.simulator.faults import Faults


class Deed(StrEnum):
    """What is done to a line; also the short names for doing it now."""

    GARBAGE = "garbage"
    BROKEN_UTF8 = "broken_utf8"
    HUGE = "huge"
    CLOSE = "close"
    DROP = "drop"
    STALL = "stall"


NOW: Final = {**{deed.value: f"{deed.value}_after=0" for deed in Deed}, "expire": "expire_after=0"}
"""Short names of what can be done now, as faults in text."""

_HUGE_BYTES: Final = 17 * 1024 * 1024
_GARBAGE: Final[tuple[str | bytes, ...]] = (
    "This is not JSON.",
    '{"type":"response.done","event_id":"eve',
    "[1,2,3]",
    '{"event_id":"event_without_a_type"}',
    b'{"type":"error","event_id":"\xf0\x9f\x98',
    "",
    "[" * 100_000,
)


class FaultPlan:
    """Faults on one line, counted from when they were switched on; each is due once."""

    def __init__(self, faults: Faults, n_sent: int) -> None:
        """Count from `n_sent` events, the number sent so far."""
        self.faults = faults
        self._left = {
            deed: n_sent + after
            for deed, after in (
                (Deed.GARBAGE, faults.garbage_after),
                (Deed.BROKEN_UTF8, faults.broken_utf8_after),
                (Deed.HUGE, faults.huge_after),
                (Deed.CLOSE, faults.close_after),
                (Deed.DROP, faults.drop_after),
                (Deed.STALL, faults.stall_after),
            )
            if after is not None
        }

    def take_due(self, n_sent: int) -> Deed | None:
        """Return the next thing to do after `n_sent` events, or None."""
        due = next((deed for deed, at in self._left.items() if n_sent >= at), None)
        if due is not None:
            del self._left[due]
        return due


def garbage(count: int) -> Iterator[str | bytes]:
    """Return `count` frames that are no events, of each kind in turn."""
    return (_GARBAGE[number % len(_GARBAGE)] for number in range(count))


def huge_event() -> str:
    """Return an event of 17 MiB."""
    return '{"type":"simulator.huge","event_id":"event_huge","padding":"%s"}' % ("x" * _HUGE_BYTES)
