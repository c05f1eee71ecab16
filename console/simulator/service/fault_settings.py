"""What goes wrong on the connections to come: by their URL, by their group, or on all."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final
from urllib.parse import parse_qs, urlsplit

from console.simulator.faults import Faults
from console.simulator.service.fault_counts import FaultCounts

GROUP: Final = "fault_group"
"""The name in a URL's query by which connections belong together."""
MOST_GROUPS: Final = 1000
"""Beyond this many the group that was set longest ago is forgotten."""


class FaultSettings:
    """The faults that stand, each with how many connections have had them."""

    def __init__(self, faults: Faults) -> None:
        """Let these faults stand on all connections."""
        self._faults = faults
        self._counts = FaultCounts()
        self._url_counts = FaultCounts()
        self._groups: OrderedDict[str, tuple[Faults, FaultCounts]] = OrderedDict()

    @property
    def faults(self) -> Faults:
        """What goes wrong where neither the URL nor the group says otherwise."""
        return self._faults

    def set(self, faults: Faults, group: str | None = None) -> None:
        """Let these faults stand instead of the present ones; their counts begin now.

        Args:
            faults: What goes wrong.
            group: On the connections of this group only.
        """
        if group is None:
            self._faults, self._counts = faults, FaultCounts()
            return
        self._groups.pop(group, None)
        self._groups[group] = (faults, FaultCounts())
        if len(self._groups) > MOST_GROUPS:
            self._groups.popitem(last=False)

    def take(self, path: str = "") -> Faults:
        """Return what goes wrong on one more connection.

        Args:
            path: That it asked for, with its query; empty for a caller's.

        Raises:
            ValueError: The faults in its query make no sense; the sentence says why.
        """
        query = parse_qs(urlsplit(path).query)
        if (own := query.get("fault")) is not None:
            return self._url_counts.take(Faults.parse(",".join(own)))
        faults, counts = self._groups.get(group_of(path) or "", (self._faults, self._counts))
        return counts.take(faults)


def group_of(path: str) -> str | None:
    """Return the group that a connection belongs to by the path that it asked for, if any."""
    return next(iter(parse_qs(urlsplit(path).query).get(GROUP, ())), None)
