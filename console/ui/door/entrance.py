"""All guards around the application, in the one order in which they hold.

NiceGUI adds its own middlewares when the server starts, around ours: then a refused visitor would
still be given a session and an object on the server, and a refusal of one of its files would be
kept by browsers for a year. So the order is settled when the stack is built, which is once, at the
start; and a start with another order fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import FastAPI, Response
from nicegui import core
from nicegui.storage import RequestTrackingMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from console.ui.door import page_messages
from console.ui.door.door import Door
from console.ui.door.failures import FailurePage
from console.ui.door.known_hosts import KnownHosts
from console.ui.door.known_paths import KnownPaths
from console.ui.door.origin_guard import OriginGuard
from console.ui.door.peer import UnclaimedPeer
from console.ui.door.public_answers import PublicAnswers
from console.ui.door.rates import Rates
from console.ui.door.security_headers import SecurityHeaders
from console.ui.door.socket_guard import SocketGuard
from console.ui.door.token_guard import TokenGuard
from console.ui.door.traffic_guard import TrafficGuard
from console.ui.door.trusted_proxy import TrustedProxy

LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
DOOR_PATH: Final = "/door"
"""Answers 204 to those who are inside: a page whose sockets are refused asks it why."""

_OUTERMOST_FIRST: Final[tuple[Any, ...]] = (
    TrustedProxy,
    UnclaimedPeer,
    KnownHosts,
    OriginGuard,
    TokenGuard,
    KnownPaths,
    TrafficGuard,
    SocketGuard,
    SecurityHeaders,
    FailurePage,
    PublicAnswers,
    SessionMiddleware,
)


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where the console is to be reached."""

    port: int
    is_tls: bool = False
    hosts: tuple[str, ...] = LOOPBACK_HOSTS
    """Names and addresses that are served, exactly, without port; IPv6 in brackets."""
    origins: tuple[str, ...] = ()
    """Our own origins beside scheme, host and port of the request."""
    proxy_origin: str = ""
    """At which a reverse proxy serves the console; empty without one."""
    proxy_networks: tuple[str, ...] = ()
    """Where that proxy is."""
    public: Mapping[str, ASGIApp] = field(default_factory=dict)
    """What anybody may read without a link, such as a certificate to trust, by its exact path."""

    @property
    def cookie(self) -> str:
        """Name of the cookie that lets a browser in; browsers do not part ports by themselves."""
        return f"rtc-{self.port}"

    @property
    def session_cookie(self) -> str:
        """Name of the cookie of NiceGUI's storage."""
        return f"rtc-s-{self.port}"


def install(
    app: FastAPI, door: Door, entrance: Entrance, rates: Rates | None = None, *, secret: str
) -> None:
    """Put all guards around `app`; call once, before the server starts.

    Args:
        app: The application that serves the page.
        door: Knows who may come in.
        entrance: Where it is served.
        rates: How much it bears, and where that is counted; usual limits in memory by default.
        secret: Signs the session cookies.
    """
    rates = rates or Rates()
    name, is_tls = entrance.cookie, entrance.is_tls
    app.add_middleware(
        SessionMiddleware,
        secret_key=secret,
        session_cookie=entrance.session_cookie,
        same_site="strict",
        https_only=is_tls,
    )
    app.add_middleware(PublicAnswers, answers=entrance.public)
    app.add_middleware(FailurePage)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(SocketGuard, door=door, limits=rates.limits)
    app.add_middleware(TrafficGuard, rates=rates)
    app.add_middleware(KnownPaths, public_paths=tuple(entrance.public))
    app.add_middleware(
        TokenGuard,
        door=door,
        rates=rates,
        cookie=name,
        is_tls=is_tls,
        public_paths=tuple(entrance.public),
    )
    app.add_middleware(OriginGuard, origins=entrance.origins)
    app.add_middleware(KnownHosts, hosts=entrance.hosts)
    app.add_middleware(UnclaimedPeer)
    networks, origin = entrance.proxy_networks, entrance.proxy_origin
    app.add_middleware(TrustedProxy, networks=networks, origin=origin)
    app.add_api_route(DOOR_PATH, _inside, methods=["GET"], include_in_schema=False)
    _close_polling()
    page_messages.guard(core.sio)
    _settle_order(app)


def check_order(app: FastAPI) -> None:
    """Say that the guards stand as they must.

    Raises:
        RuntimeError: One is missing, stands twice, or stands inside another that it guards.
    """
    found: list[Any] = [each.cls for each in app.user_middleware]
    ours = [each for each in found if each in _OUTERMOST_FIRST]
    if ours != list(_OUTERMOST_FIRST) or found[: len(ours)] != ours:
        raise RuntimeError(f"the guards stand in the wrong order: {_names(found)}")
    if RequestTrackingMiddleware in found and found[-1] is not RequestTrackingMiddleware:
        raise RuntimeError(f"storage is asked before others: {_names(found)}")


def _settle_order(app: FastAPI) -> None:
    build = app.build_middleware_stack

    def build_settled() -> Any:
        rank = {each: place for place, each in enumerate(_OUTERMOST_FIRST)}
        last = len(rank)
        # Stable: what is not ours stays in its own order, inside.
        app.user_middleware.sort(key=lambda each: rank.get(each.cls, last))
        check_order(app)
        return build()

    app.build_middleware_stack = build_settled  # type: ignore[method-assign]  # the hook there is


def _close_polling() -> None:
    """Leave NiceGUI's channel its WebSocket only: sessions of polling are counted by nobody."""
    core.sio.eio.transports = ["websocket"]
    core.app.config.socket_io_js_transports = ["websocket"]


async def _inside() -> Response:
    return Response(status_code=204, headers={"cache-control": "no-store"})


def _names(middlewares: list[Any]) -> str:
    return ", ".join(getattr(each, "__name__", repr(each)) for each in middlewares)
