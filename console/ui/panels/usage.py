"""The usage pane: tokens, money, budget, limits, and how long each turn took."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from console.app.spending.own_budget import BudgetRefusedError
from console.app.view_model import Part
from console.ui.elements.turn_chart import TurnChart
from console.ui.elements.usage_totals import UsageTotals
from console.ui.page_session import PageSession
from console.ui.panels.panel import panel

_PARTS: Final[frozenset[Part]] = frozenset({"usage", "spending", "connection"})


class UsagePane:
    """Shows what a session uses, and has a budget set for it."""

    def __init__(self, session: PageSession) -> None:
        """Build it where the caller is."""
        self._session = session
        pane = ui.element("div").classes("rc-composer-pane")
        with pane, panel("Usage"), ui.element("div").classes("rc-usage"):
            self.totals = UsageTotals()
            self._build_budget()
            self.turns = TurnChart(session.session_id)

    async def open(self) -> None:
        """Show how it stands now."""
        self._show()

    def refresh(self, parts: frozenset[Part]) -> None:
        """Show what has changed."""
        if parts & _PARTS:
            self._show()

    def _show(self) -> None:
        report = self._session.usage.report()
        self.totals.show(report)
        self.turns.show(report)
        words = " · ".join(report["budget"])
        self._used.text = f"used: {words}" if words else ""

    def _build_budget(self) -> None:
        with (
            ui.element("div")
            .classes("rc-budget")
            .props('role=group aria-label="Budget of this session"')
        ):
            ui.label("Budget of this session").classes("rc-budget__title")
            with ui.element("div").classes("rc-budget__fields"):
                self.dollars = _field("dollars", "prefix=$", "0.50")
                self.minutes = _field("minutes", "suffix=min", "10")
                ui.button("Set", color=None, on_click=self.set_budget).props(
                    "outline no-caps type=button"
                ).classes("rc-button rc-budget__set")
            self._used = ui.label().classes("rc-budget__used")
            self.told = ui.label().classes("rc-budget__told").props("role=status")
            self.told.set_visibility(False)

    def set_budget(self) -> None:
        """Hold the session to what was typed, or say what is wrong with it."""
        for each in (self.dollars, self.minutes):
            each.props(remove="aria-invalid")
        try:
            told = self._session.usage.set_budget(
                self.dollars.value or "", self.minutes.value or ""
            )
        except BudgetRefusedError as error:
            told = str(error)
            wrong = self.dollars if error.unit == "dollars" else self.minutes
            wrong.props("aria-invalid=true")
        self.told.text = told
        self.told.set_visibility(True)
        self._show()


def _field(unit: str, mark: str, example: str) -> ui.input:
    """Return a field for a number with its unit, before it or behind."""
    field = ui.input(placeholder=example).classes("rc-budget__field")
    return field.props(
        f'dense outlined hide-bottom-space aria-label="Budget in {unit}" inputmode=decimal '
        f"maxlength=12 {mark}"
    )
