"""What anybody may read without a link; it is answered here, before there is a session of storage.

NiceGUI gives a session cookie, and an object on the server, to every request that reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class PublicAnswers:
    """Answer certain paths, to whoever reads them."""

    def __init__(self, app: ASGIApp, answers: Mapping[str, ASGIApp]) -> None:
        """Answer before `app` does.

        Args:
            app: The application.
            answers: What there is to read, by its exact path.
        """
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        is_reading = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        answer = self._answers.get(scope["path"]) if is_reading else None
        await (answer or self._app)(scope, receive, send)
