"""A guest at the door, for tests of what is behind it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from console.ui.door.people import SCOPE_KEY, Person

OWNER = Person("owner-id", "owner", "owner-link")
GUEST = Person("guest-id", "guest", "guest-link")
STRANGER = Person("other-id", "guest", "guest-link")
WATCHER = Person("watcher-id", "watcher", "watch-link")


class LetIn:
    """Middleware that says of everybody that the guest has come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, in the name of the guest."""
        await self._app({**scope, SCOPE_KEY: GUEST}, receive, send)
