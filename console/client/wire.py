"""How the server of one line spells the protocol: today's form, or the beta's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from console.errors import ProtocolError
from console.realtime import events
from console.realtime.dialect import BetaServerDialect, is_beta_session
from console.realtime.events import Event
from console.realtime.fields import mapping

Dialect = Literal["auto", "ga", "beta"]
"""What a server speaks; `auto` finds out."""


def is_preview(url: str) -> bool:
    """Return whether a URL is of the form of Azure's previews, which speak beta unasked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.path.rstrip("/").endswith("/openai/realtime") and (
        "api-version" in parse_qs(parts.query)
    )


class Wire:
    """Translates for one line. While `is_plain`, there is nothing to do, and nothing is done."""

    def __init__(self, dialect: Dialect, url: str) -> None:
        is_beta = dialect == "beta" or (dialect == "auto" and is_preview(url))
        self._may_switch = dialect == "auto"
        self._beta = BetaServerDialect() if is_beta else None
        self.is_plain = not is_beta
        """Whether the server speaks as we do."""

    def began(self, created: Event) -> None:
        """Look at the session that began: its shape tells what the server speaks."""
        if (
            self._may_switch
            and self.is_plain
            and is_beta_session(mapping(created.fields, "session"))
        ):
            self._beta = BetaServerDialect()
            self.is_plain = False

    def incoming(self, event: Event) -> Sequence[Event]:
        """Return what an event of the server is to us."""
        if self._beta is None:
            return (event,)
        return _events(self._beta.from_server(event.as_dict()))

    def outgoing(self, event: Event) -> Sequence[Event]:
        """Return what an event of ours is to the server."""
        if self._beta is None:
            return (event,)
        return _events(self._beta.to_server(event.as_dict()))


def _events(translated: list[dict[str, object]]) -> list[Event]:
    found = []
    for each in translated:
        try:
            found.append(events.from_dict(each))
        except ProtocolError as error:  # pragma: no cover - a translator names every event
            raise AssertionError("a translated event has no type") from error
    return found
