"""Links: secrets that let somebody in, in a role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from console.ui.door.people import Role

PARAMETER: Final = "token"
"""Of the query of a link; taken off the address as soon as it was read."""


@dataclass(frozen=True, slots=True)
class Link:
    """What opens the door, until it is withdrawn."""

    id: str
    """Names the link, and opens nothing."""
    role: Role
    token: str = field(repr=False)
    session_id: str | None = None
    """The only session that a watcher may see who comes by it."""
    is_one_time: bool = False
    expires_at_s: float | None = None
    """On the door's clock; None is never."""

    def at(self, base_url: str, path: str = "/") -> str:
        """Return the whole address, as somebody opens it.

        Args:
            base_url: Scheme, host and port.
            path: Of the page, beginning with a slash.
        """
        return f"{base_url.rstrip('/')}{path}?{urlencode({PARAMETER: self.token})}"
