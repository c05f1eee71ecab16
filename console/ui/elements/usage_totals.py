"""What a session has used: tokens by kind, money, context, time left, the service's limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui


class UsageTotals(ui.element, component="usage_totals.js"):
    """Drawn in the browser from plain values; what runs out is counted there."""

    def show(self, report: Mapping[str, Any]) -> None:
        """Show a report of `UsageWatch`."""
        names = (
            "tokens", "n_responses", "reasoning", "cached_share", "transcripts", "cost", "prices",
            "model", "context", "ends_in_s", "limits",
        )  # fmt: skip
        self._props["report"] = {name: report[name] for name in names}
