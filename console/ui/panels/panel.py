"""One pane of the page: a region with a name, so that scripts and screen readers find it."""

from __future__ import annotations

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement


def panel(name: str, *, has_own_bar: bool = False) -> ui.element:
    """Open a pane; an element that draws its own title bar gets none here."""
    region = ui.element("section").props(f'role=region aria-label="{name}"')
    region.classes(f"rc-panel rc-panel--{name.lower()}")
    if not has_own_bar:
        with region, ui.element("div").classes("rc-panel__bar"):
            title(name)
    return region


def title(text: str) -> TextElement:
    """Write the title of a pane."""
    return TextElement(tag="h2", text=text).classes("rc-panel__title")
