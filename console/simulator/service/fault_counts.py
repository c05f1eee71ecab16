"""How often faults have happened that are to happen a number of times only."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from console.simulator.faults import Faults

MOST_KNOWN: Final = 1000
"""The faults that were asked for longest ago are forgotten beyond this many."""
_NONE: Final = Faults()


class FaultCounts:
    """Counts connections by the faults that they were to have."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Faults, int] = OrderedDict()

    def take(self, faults: Faults) -> Faults:
        """Return what goes wrong on one more connection: `faults`, or nothing after their `times`."""
        if faults.times is None:
            return faults
        count = self._counts.pop(faults, 0) + 1
        self._counts[faults] = count
        if len(self._counts) > MOST_KNOWN:
            self._counts.popitem(last=False)
        return faults if count <= faults.times else _NONE
