"""A choice from groups of names, drawn by the browser: one element, however many names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments


@dataclass(frozen=True, slots=True)
class Group:
    """Names under a heading; without a heading they stand by themselves."""

    label: str
    options: Sequence[tuple[str, str]]
    """Pairs of a value and what is shown for it."""


class GroupedSelect(ui.element, component="grouped_select.js"):
    """A choice; with a prompt a menu, which shows the prompt again after each choice."""

    def __init__(
        self,
        label: str,
        groups: Iterable[Group],
        *,
        value: str = "",
        prompt: str = "",
        inserts: bool = False,
        on_chosen: Callable[[str], Any] | None = None,
    ) -> None:
        """Make the element.

        Args:
            label: For screen readers.
            groups: What there is to choose.
            value: What is chosen at first.
            prompt: What a menu shows.
            inserts: Whether what is chosen is written where somebody has typed last, within the
                element around it that has the attribute `data-rc-inserts`.
            on_chosen: Called with the value that was chosen; may return something to be awaited.
        """
        super().__init__()
        self._props["label"] = label
        self._props["prompt"] = prompt
        self._props["inserts"] = inserts
        self._props["value"] = value
        self._offered: frozenset[str] = frozenset()
        self._on_chosen = on_chosen
        self.offer(groups)
        self.on("chosen", self._chosen)

    @property
    def value(self) -> str:
        """What is chosen."""
        return str(self._props["value"])

    @value.setter
    def value(self, value: str) -> None:
        self._props["value"] = value

    def offer(self, groups: Iterable[Group]) -> None:
        """Offer other names."""
        told = list(groups)
        self._offered = frozenset(value for group in told for value, _ in group.options)
        self._props["groups"] = [
            {"label": each.label, "options": [list(pair) for pair in each.options]} for each in told
        ]

    def _chosen(self, event: GenericEventArguments) -> Any:
        value = event.args
        if not isinstance(value, str) or value not in self._offered:
            return None
        if not self._props["prompt"]:
            self._props["value"] = value
        return self._on_chosen(value) if self._on_chosen is not None else None
