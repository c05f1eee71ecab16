"""Only under our own names: a page under another that leads to this machine is told nothing.

Starlette's middleware decides; the words are ours, since a guest who opens a name that their router
has made up for this machine is no attacker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.middleware.trustedhost import TrustedHostMiddleware

from console.ui.door import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class KnownHosts:
    """Refuse requests and WebSockets whose `Host` is none of ours."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        """Guard `app`.

        Args:
            app: The application.
            hosts: Names and addresses, exactly, without port; IPv6 in brackets.
        """
        self._app = app
        self._hosts = tuple(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400 (which also refuses a WebSocket handshake)."""
        is_refused = False

        async def pass_on(scope: Scope, receive: Receive, _: Send) -> None:
            await self._app(scope, receive, send)

        async def refuse(_: Message) -> None:
            nonlocal is_refused
            is_refused = True

        guard = TrustedHostMiddleware(pass_on, self._hosts, www_redirect=False)
        await guard(scope, receive, refuse)
        if is_refused:
            response = refusal.page(
                400,
                "Not under this name",
                "Open the link as it was given to you.",
                why=("The console is not served under the name or address that was opened.",),
                accept=refusal.accepted_by(scope),
            )
            await response(scope, receive, send)
