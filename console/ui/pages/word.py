"""A page that says one thing, as those at the door do: what is so, and what to do about it."""

from __future__ import annotations

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from console.ui import theme


def word_page(title: str, sentence: str, way: tuple[str, str] | None = None) -> None:
    """Build it.

    Args:
        title: What is so.
        sentence: What to do, or why.
        way: Where one may go: words and address.
    """
    theme.dark_mode("system")
    with (
        ui.element("main").classes("rc-page rc-page--word"),
        ui.element("div").classes("rc-word"),
    ):
        with ui.element("div").classes("rc-word__name"):
            ui.element("img").classes("rc-header__logo").props(
                f'src={theme.asset_url("icon.svg")} alt=""'
            )
            ui.label("Realtime Console")
        TextElement(tag="h1", text=title).classes("rc-word__title")
        ui.label(sentence).classes("rc-word__sentence")
        if way is not None:
            ui.link(*way).classes("rc-button rc-word__way")
