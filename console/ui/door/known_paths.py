"""What there is inside; of anything else NiceGUI would build the page and a session's beginnings."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from starlette.routing import Match

from console.ui.door import refusal

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_FRONT: Final = "/"
"""Where the page is: it is NiceGUI's answer where it has no route, so it stands in no table."""


class KnownPaths:
    """Answer 404 where the application has nothing; nothing is built for it, nor remembered."""

    def __init__(self, app: ASGIApp, public_paths: Collection[str] = ()) -> None:
        """Stand before `app`.

        Args:
            app: The application.
            public_paths: What is answered further inside without a route, exactly.
        """
        self._app = app
        self._without_route = frozenset((_FRONT, *public_paths))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 404; a WebSocket without a route is nobody's page."""
        if scope["type"] == "http" and not self._is_known(scope):
            await _nothing(scope)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        routes = scope["app"].routes  # asked each time: NiceGUI adds some when it starts
        return scope["path"] in self._without_route or any(
            each.matches(scope)[0] is not Match.NONE for each in routes
        )


def _nothing(scope: Scope) -> Response:
    return refusal.page(
        404,
        "There is nothing here",
        "This is the Realtime Console, and it has nothing at this address.",
        accept=refusal.accepted_by(scope),
        link=refusal.Link("Open the console", _way_to_front(scope)),
    )


def _way_to_front(scope: Scope) -> str:
    """Return the page's address as seen from the one that was asked for.

    A proxy may serve the console under a path that we are not told of.
    """
    path = scope.get("raw_path") or scope["path"].encode()
    return "../" * (path.count(b"/") - 1) or "./"
