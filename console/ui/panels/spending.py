"""One line of what is left of the limits or what the session has cost, when there is any of it."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from console.app.spending.state import CapState, SpendingState
from console.app.view_model import ViewModel

_WHOSE: Final = {
    "session": "This session",
    "guest": "Your address today",
    "day": "Everybody today",
    "total": "Everybody in all",
}
_LEFT: Final = {
    "session": "Left for this session",
    "guest": "Left for your address today",
    "day": "Left for everybody today",
    "total": "Left for everybody",
}
# The line has what matters most; a click unfolds the rest.
_UNFOLD: Final = """(event) => {
  const isOpen = event.currentTarget.parentElement.toggleAttribute("data-rc-open");
  event.currentTarget.setAttribute("aria-expanded", isOpen);
}"""


class SpendingLine:
    """Money and time in words, below the head of the page."""

    def __init__(self, view: ViewModel) -> None:
        self._view = view
        self._is_built = False
        self._element = ui.element("aside").classes("rc-spending").props('aria-label="Spending"')
        self.refresh()

    def _build(self) -> None:
        self._is_built = True
        ui.icon("data_usage").classes("rc-hint__icon").props("aria-hidden=true")
        with ui.element("button").classes("rc-spending__brief") as brief_line:
            brief_line.props('type=button aria-expanded=false title="All limits"')
            brief_line.on("click", js_handler=_UNFOLD)
            self._brief_words = ui.label()
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
        self._brief_words.text = brief(state)
        has_more = bool(state.caps)
        self._element.classes(
            add="rc-spending--folds" if has_more else "",
            remove="" if has_more else "rc-spending--folds",
        )


def words(state: SpendingState) -> str:
    """Return what was spent of what, as sentences."""
    parts: dict[str, list[str]] = {}
    most_shown = any(each.scope == "session" and "$" in each.most for each in state.caps)
    if state.dollars and not most_shown:
        parts["session"] = [state.dollars]
    for cap in state.caps:
        parts.setdefault(cap.scope, []).append(_of(cap))
    told = [f"{_WHOSE[scope]}: {', '.join(found)}." for scope, found in parts.items()]
    if state.is_estimate:
        told.append("Not all prices are known: this is an estimate, rather too high.")
    if state.remark:
        told.append(state.remark)
    return " ".join(told)


def brief(state: SpendingState) -> str:
    """Return what is left of the limits that are reached or nearest; empty where there is none."""
    if not state.caps:
        return ""
    first = max(state.caps, key=lambda cap: (cap.is_reached, cap.is_near))
    left = (f"{cap.left}{_mark(cap)}" for cap in state.caps if cap.scope == first.scope)
    told = f"{_LEFT[first.scope]}: {', '.join(left)}."
    return f"{told} {state.remark}" if state.remark else told


def _of(cap: CapState) -> str:
    return f"{cap.used} of {cap.most}{_mark(cap)}"


def _mark(cap: CapState) -> str:
    return " (reached)" if cap.is_reached else " (close)" if cap.is_near else ""
