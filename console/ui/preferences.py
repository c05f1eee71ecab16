"""What one browser remembers of the page: theme, pane sizes, what was dismissed, its sound.

Kept in cookies, so that the page is built right the first time and nothing jumps after loading.
None of it is secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import quote, unquote

from nicegui import ui

from console.app.sound_settings import SoundSettings
from console.tools.measures import Units

Theme = Literal["system", "light", "dark"]
Name = Literal["theme", "panes", "hint", "sound", "units", "keys"]

YEAR_SECONDS: Final = 365 * 24 * 3600
THEMES: Final[tuple[Theme, ...]] = ("system", "light", "dark")
PANE_LIMITS: Final = (15.0, 85.0)


@dataclass(frozen=True, slots=True)
class Panes:
    """Where the splitters stand, in percent of their length."""

    main: float = 62.0
    left: float = 50.0
    right: float = 62.0

    @classmethod
    def parse(cls, text: str) -> Panes:
        """Read what `str` wrote; anything else gives the defaults."""
        try:
            main, left, right = (float(each) for each in text.split("-"))
        except ValueError:
            return cls()
        low, high = PANE_LIMITS
        if not all(low <= each <= high for each in (main, left, right)):
            return cls()
        return cls(main, left, right)

    def __str__(self) -> str:
        return f"{self.main:.1f}-{self.left:.1f}-{self.right:.1f}"


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a browser asked for, before anybody clicked."""

    theme: Theme = "system"
    panes: Panes = Panes()
    shows_hint: bool = True
    sound: SoundSettings = field(default_factory=SoundSettings)
    units: Units = "metric"
    uses_keys: bool = True
    """Whether keys without Ctrl work on the whole page."""

    @classmethod
    def of_cookies(cls, cookies: Mapping[str, str]) -> Preferences:
        """Read the cookies of a request; what cannot be used counts as not set."""
        wanted = cookies.get("rc_theme")
        return cls(
            theme=next((each for each in THEMES if each == wanted), "system"),
            panes=Panes.parse(cookies.get("rc_panes", "")),
            shows_hint=cookies.get("rc_hint") != "hidden",
            units="imperial" if cookies.get("rc_units") == "imperial" else "metric",
            uses_keys=cookies.get("rc_keys") != "off",
            sound=SoundSettings.from_text(unquote(cookies.get("rc_sound", ""))),
        )


def remember(name: Name, value: object) -> None:
    """Let the browser of the current page keep a value."""
    # The name of a device may have any character; a cookie, and the script, may not.
    text = quote(str(value), safe="")
    ui.run_javascript(
        f'document.cookie = "rc_{name}={text}; path=/; max-age={YEAR_SECONDS}; samesite=strict"'
    )
