"""One line of what is left of the limits or what the session has cost, when there is any of it."""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from nicegui import ui

from console.app.spending.state import SpendingState
from console.app.view_model import ViewModel
from console.ui.elements.elapsed import Elapsed

_WHOSE: Final = {
    "session": "This session",
    "guest": "Your address today",
    "day": "Everybody today",
    "total": "Everybody in all",
}
_FOR: Final = {
    "session": "for this session",
    "guest": "for your address today",
    "day": "for everybody today",
    "total": "for everybody",
}
# The line has what matters most; a click unfolds the rest.
_UNFOLD: Final = """(event) => {
  const isOpen = event.currentTarget.parentElement.toggleAttribute("data-rc-open");
  event.currentTarget.setAttribute("aria-expanded", isOpen);
}"""
_CALM, _CLOSE, _FORBIDDEN = "", "rc-spending--close", "rc-spending--forbidden"


class Brief(NamedTuple):
    """What the line says; where an end is near, a clock counts down to it between two words."""

    words: str
    ends_at_s: float | None = None
    """Wall-clock seconds since 1970."""
    more: str = ""


class SpendingLine:
    """Money and time in words, below the head of the page; amber where they run out."""

    def __init__(self, view: ViewModel) -> None:
        self._view = view
        self._is_built = False
        self._look = _CALM
        self._element = ui.element("div").classes("rc-spending")
        self._element.props('role=complementary aria-label="Spending"')
        self.refresh()

    def _build(self) -> None:
        self._is_built = True
        ui.icon("data_usage").classes("rc-hint__icon").props("aria-hidden=true")
        with ui.element("button").classes("rc-spending__brief") as brief_line:
            brief_line.props('type=button aria-expanded=false title="All limits"')
            brief_line.on("click", js_handler=_UNFOLD)
            with ui.element("span").classes("rc-spending__left"):
                self._brief_words = ui.label()
                self._left = Elapsed(is_left=True)
                self._brief_more = ui.label()
            ui.icon("expand_more").props("aria-hidden=true")
        self._words = ui.label().classes("rc-spending__words")

    def refresh(self) -> None:
        """Show how it stands now."""
        state = self._view.spending
        self._element.set_visibility(not state.is_empty)
        if state.is_empty:
            return
        if not self._is_built:
            with self._element:
                self._build()
        self._words.text = words(state)
        self._words.props["title"] = state.prices
        told = Brief(state.obstacle) if self._is_obstacle_told() else brief(state)
        self._brief_words.text, self._brief_more.text = told.words, told.more
        self._left.set_visibility(told.ends_at_s is not None)
        if told.ends_at_s is not None:
            self._left.restart(max(0.0, told.ends_at_s - time.time()))
        self._show_look(_folds(state))

    def _is_obstacle_told(self) -> bool:
        """Whether the line has to say why no session may begin: no notice says it already."""
        state = self._view.spending
        is_new = bool(state.obstacle) and not state.is_running
        return is_new and not any(state.obstacle in each.sentence for each in self._view.notices)

    def _show_look(self, folds: str) -> None:
        is_close = any(each.is_near or each.is_reached for each in self._view.spending.caps)
        is_told = self._is_obstacle_told()
        look = f"{folds} {_FORBIDDEN if is_told else _CLOSE if is_close else _CALM}"
        if look != self._look:
            self._element.classes(remove=self._look, add=look)
            self._element.props(f"role={'status' if is_told else 'complementary'}")
            self._look = look


def words(state: SpendingState) -> str:
    """Return what was spent of what, as sentences."""
    parts: dict[str, list[str]] = {}
    is_shown = any(each.scope == "session" and "$" in each.most for each in state.caps)
    if state.dollars and not (is_shown and state.is_running):
        parts["session"] = [state.dollars]
    told = [_each(state)] if not state.is_running else []
    for cap in state.caps:
        if state.is_running or cap.scope != "session":
            parts.setdefault(cap.scope, []).append(f"{cap.used} of {cap.most}")
    told += [f"{_WHOSE[scope]}: {', '.join(found)}." for scope, found in parts.items()]
    if state.is_estimate:
        told.append("Not all prices are known: this is an estimate, rather too high.")
    told.append(state.remark)
    return " ".join(filter(None, told))


def brief(state: SpendingState) -> Brief:
    """Return what is left of the limits that are reached or nearest; empty where there is none."""
    if not state.caps:
        return Brief("")
    first = max(state.caps, key=lambda cap: (cap.is_reached, cap.is_near, cap.is_less))
    remark = f" {state.remark}" if state.remark else ""
    whose = _FOR[first.scope]
    if first.is_reached:
        return Brief(f"Nothing left {whose}.{remark}")
    if first.scope == "session" and not state.is_running:
        return Brief(f"{_each(state)}{remark}")
    of_it = [each for each in state.caps if each.scope == first.scope]
    if first.is_near:
        of_it = [each for each in of_it if each.is_near]
    left = f"{'Little left' if first.is_near else 'Left'} {whose}:"
    told = ", ".join(each.left for each in of_it if each.ends_at_s is None)
    ends_at_s = next((each.ends_at_s for each in of_it if each.ends_at_s is not None), None)
    if ends_at_s is None:
        return Brief(f"{left} {told}.{remark}")
    return Brief(left, ends_at_s, f"and {told}.{remark}" if told else remark.strip())


def _each(state: SpendingState) -> str:
    """Return what each session may use; empty: there is no limit of that kind."""
    most = [each.left for each in state.caps if each.scope == "session"]
    return f"Each session has {' and '.join(most)}." if most else ""


def _folds(state: SpendingState) -> str:
    return "rc-spending--folds" if state.caps else ""
