"""What stands in for a microphone, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_TEXT_CHARS: Final = 1000
"""Of what is typed to be spoken: about a minute of speech."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """The file or the typed words that are heard in place of a microphone."""

    file_name: str = ""
    """The file that was given; empty: none yet."""
    file_ms: float = 0.0
    """Its own length, without the silence that is heard around it."""
    text: str = ""
    """What was typed last to be spoken."""
    is_loading: bool = False
    """A file is being read."""
    is_playing: bool = False
    """It is being heard now."""
    repeats: bool = False
    """A file begins again at its end."""
