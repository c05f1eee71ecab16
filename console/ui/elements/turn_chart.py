"""How long each turn of a session took: a waterfall, percentiles, and a plot over the session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui


class TurnChart(ui.element, component="turn_chart.js"):
    """Drawn in the browser from plain values; a turn that is chosen is marked elsewhere, too."""

    def __init__(self, session_id: str) -> None:
        """Make it empty.

        Args:
            session_id: The session's name in URLs.
        """
        super().__init__()
        self._props["session"] = session_id

    def show(self, report: Mapping[str, Any]) -> None:
        """Show a report of `UsageWatch`."""
        names = ("turns", "total", "plot", "waited", "stages")
        self._props["report"] = {name: report[name] for name in names}
