"""Stylesheet, fonts, icons and the theme switch: what the console looks like, served by itself."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from nicegui import ui

from console.ui import preferences

_PACKAGE: Final = Path(__file__).parents[1]
ASSETS: Final = next(
    each for each in (_PACKAGE / "assets", _PACKAGE.parent / "assets") if each.is_dir()
)
"""Beside the package in a checkout, inside it once installed."""
_STYLES: Final = (
    "style.css",
    "events.css",
    "composer.css",
    "conversation.css",
    "usage.css",
    "tools.css",
    "session.css",
)
# In the head of every page: a browser that asked for one theme never flashes the other.
_FIRST_PAINT: Final = """
<style>
html{background:#f6f7f9}
@media (prefers-color-scheme: dark){html:not([data-rc-theme=light]){background:#0f1216}}
html[data-rc-theme=dark]{background:#0f1216}
</style>
<script>
document.documentElement.lang = "en";
document.documentElement.dataset.rcTheme =
  /(?:^|; )rc_theme=(light|dark|system)/.exec(document.cookie)?.[1] ?? "system";
</script>
"""
# Before #app, which scripts fill: a slow machine or line shows what will come, and nobody a white
# page. Without :has() the page, which comes later and fills the window, covers it.
_LOADING: Final = """
<style>
.rc-loading{position:fixed;inset:0;display:flex;flex-direction:column;color:#59626f;
font:400 14px/20px Inter,system-ui,sans-serif}
.rc-loading__head{display:flex;flex:none;gap:8px;align-items:center;height:48px;padding:0 16px;
border-bottom:1px solid #e1e5ea;background:#ffffff;color:#1a1e24;font-weight:600}
.rc-loading__word{margin:auto;padding:0 24px;text-align:center}
body:has(.rc-page) .rc-loading{display:none}
@media (prefers-color-scheme: dark){
html:not([data-rc-theme=light]) .rc-loading{color:#99a3b0}
html:not([data-rc-theme=light]) .rc-loading__head{border-color:#272d36;background:#15191f;color:#e4e8ed}}
html[data-rc-theme=dark] .rc-loading{color:#99a3b0}
html[data-rc-theme=dark] .rc-loading__head{border-color:#272d36;background:#15191f;color:#e4e8ed}
</style>
<div class="rc-loading" role="status">
<div class="rc-loading__head">$logo Realtime Console</div>
<div class="rc-loading__word">Loading the console...</div>
<noscript><style>
#esm-fallback{display:none!important}
.rc-loading>.rc-loading__word{display:none}.rc-loading>noscript{display:block;margin:auto}</style>
<div class="rc-loading__word">The console needs JavaScript, which this browser has switched off.</div></noscript>
</div>
"""
_DARK: Final[dict[preferences.Theme, bool | None]] = {
    "system": None,
    "light": False,
    "dark": True,
}
_NEXT: Final[dict[preferences.Theme, preferences.Theme]] = {
    "system": "light",
    "light": "dark",
    "dark": "system",
}
_ICON: Final[dict[preferences.Theme, str]] = {
    "system": "brightness_auto",
    "light": "light_mode",
    "dark": "dark_mode",
}


def install() -> None:
    """Give every page the stylesheet; call once, before the server starts."""
    links = (f'<link rel="stylesheet" href="{asset_url(name)}">' for name in _STYLES)
    ui.add_head_html(_FIRST_PAINT + "".join(links), shared=True)
    logo = f'<img src="{asset_url("icon.svg")}" width="24" height="24" alt="">'
    ui.add_body_html(_LOADING.replace("$logo", logo), shared=True)


@cache
def asset_url(name: str) -> str:
    """Return where a browser finds an asset; the address changes with the file's content."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"assets/{name}?v={digest}"


def dark_mode(theme: preferences.Theme) -> ui.dark_mode:
    """Give the page that is being built its theme."""
    return ui.dark_mode(_DARK[theme])


class ThemeSwitch:
    """A button that goes from the system's theme to light to dark, and remembers."""

    def __init__(self, theme: preferences.Theme, dark: ui.dark_mode) -> None:
        self._theme: preferences.Theme = theme
        self._dark = dark
        self._button = ui.button(color=None, on_click=self._advance).props(
            "flat round dense no-caps"
        )
        self._button.classes("rc-header__button").mark("theme")
        self._show()

    def _advance(self) -> None:
        self._theme = _NEXT[self._theme]
        self._dark.value = _DARK[self._theme]
        preferences.remember("theme", self._theme)
        self._show()

    def _show(self) -> None:
        label = f"Theme: {self._theme}. Switch to {_NEXT[self._theme]}"
        self._button.props(f'icon={_ICON[self._theme]} aria-label="{label}" title="{label}"')
