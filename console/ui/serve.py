"""Run the console: NiceGUI with our routes, guards and limits."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from nicegui import app, ui
from nicegui.server import Server
from starlette.types import ASGIApp

from console import tasks
from console.app.backend import Backend
from console.app.garbage import GarbageRounds
from console.app.kept_memory import KeptMemories
from console.app.own_tools import OwnTools
from console.app.reach import Reach, find_reach, lan_listeners
from console.app.service_key import ServiceKey
from console.app.session_tools import NAMES
from console.app.spending.budget import Budget
from console.app.stall_watch import StallWatch
from console.clock import SystemClock
from console.scrubber import scrubber
from console.serving.shared_store import SharedStore
from console.serving.windows import windows_in
from console.settings import Settings
from console.state import storage_secret
from console.ui import (
    listening,
    native,
    page_json,
    picture_routes,
    routes,
    theme,
    told_signatures,
    trust_route,
    uploads,
)
from console.ui.announcement import TITLE, Announcement
from console.ui.door import entrance
from console.ui.door.connections import Connections, allow_files
from console.ui.door.door import Door
from console.ui.door.entrance import Entrance
from console.ui.door.rates import DoorLimits, Rates
from console.ui.door.server_warnings import RareWarnings
from console.ui.ending import Ending
from console.ui.mishaps import SeldomTold
from console.ui.pages import front
from console.ui.pages import relays as relay_pages
from console.ui.plain_end import SERVER_LOG, PlainEnd
from console.ui.relay_watches import RelayWatches
from console.ui.sessions import SessionRegistry
from console.ui.sharing import Sharing
from console.ui.socket_end import speak_http

logger = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 1024 * 1024
SHUTDOWN_TIMEOUT_S = 2


def run(settings: Settings, state: Path) -> None:
    """Serve the console until the process is told to stop.

    Args:
        settings: Of the console.
        state: Directory for what outlives it.

    Raises:
        ConfigurationError: The port is in use or may not be opened, the target is wrong, or the
            native window that was asked for cannot be had.
    """
    if not settings.native:
        _serve(settings, state)
        return
    window = native.open_window()
    try:
        _serve(settings, state, window)
    finally:
        window.end()
    window.check_shown()


def _serve(settings: Settings, state: Path, window: native.NativeWindow | None = None) -> None:
    remark = ""
    if window is not None:
        settings, remark = native.settings_for(settings, window)
    backend, own_tools, memories = _backend(settings), _own_tools(settings), KeptMemories(state)
    budget, rates = _limits(settings, state)
    hosts = lan_listeners(settings) if settings.lan else (settings.host,)
    port = listening.usable_port(hosts, settings.port)
    reach = find_reach(settings, port, state, SystemClock().wall_s())
    door = Door(settings.token)
    registry = SessionRegistry(
        backend, settings, own_tools, memories, door=door, budget=budget, remark=remark
    )
    relays = RelayWatches.of(settings)
    install(registry, relays)
    app.on_shutdown(relays.close)
    scrubber.keep_secret(door.owner.token)
    app.on_startup(backend.start)
    app.on_startup(lambda: listening.listen_on(reach.listens_on, port))
    sharing = Sharing(reach, door)
    ready = Announcement(
        reach, door, sharing.offer.links, window, remark=remark, opens_browser=settings.show
    )
    app.on_startup(lambda: tasks.spawn(ready.run(), name="ready line"))
    if window is not None:
        app.on_shutdown(window.close)
    _watch_for_stalls()
    _end_with(registry.close, memories.close)
    app.on_shutdown(backend.stop)
    secret = storage_secret(state)
    entrance.install(app, door, _entrance(reach, port), rates, secret=secret)
    page = front.root(registry, next(iter(reach.guest_bases), ""), sharing, has_relays=bool(relays))
    allow_files(rates.limits)
    networks = reach.proxy.networks if reach.proxy else ()
    _calm_server_log()
    connections = Connections(rates.limits, networks, speak=speak_http)
    _run(page, reach, port, secret, connections)


def _calm_server_log() -> None:
    log = logging.getLogger(SERVER_LOG)
    log.addFilter(
        PlainEnd(lambda: len(Server.instance.server_state.connections), SHUTDOWN_TIMEOUT_S)
    )
    log.addFilter(RareWarnings(SystemClock().now_s))
    logging.getLogger("nicegui").addFilter(SeldomTold(SystemClock().now_s))


def _run(
    page: Callable[[], Awaitable[None]],
    reach: Reach,
    port: int,
    secret: str,
    connections: Connections,
) -> None:
    app.on_startup(lambda: setattr(connections, "tls", listening.take_tls()))
    ui.run(
        page,
        http=connections,
        host=reach.listens_on[0],
        port=port,
        show=False,
        storage_secret=secret,
        title=TITLE,
        favicon=theme.ASSETS / "icon.svg",
        dark=None,
        reload=False,
        tailwind=False,
        reconnect_timeout=30,
        show_welcome_message=False,
        uvicorn_logging_level="warning",
        log_config=None,  # its records go through our handlers, and their filter
        ws_per_message_deflate=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        proxy_headers=False,
        server_header=False,
        ssl_certfile=reach.certificate_file or None,
        ssl_keyfile=reach.key_file or None,
    )


def _backend(settings: Settings) -> Backend:
    """Return whom the console talks to.

    Raises:
        ConfigurationError: A setting of the target, or of the simulator, cannot be used.
    """
    key = ServiceKey(settings.openai_api_key, keep_secret=scrubber.keep_secret)
    backend = Backend(settings, key)
    backend.check()  # while one sentence can still be said of it
    return backend


def _own_tools(settings: Settings) -> OwnTools:
    """Return the tools of the host, followed while the console runs.

    Raises:
        ConfigurationError: Their file cannot be used.
    """
    path = Path(settings.tools).expanduser() if settings.tools else None
    own_tools = OwnTools(path, taken=NAMES)
    app.on_startup(own_tools.start)
    app.on_shutdown(own_tools.close)
    return own_tools


def _limits(settings: Settings, state: Path) -> tuple[Budget, Rates]:
    """Return the money counter and the rates of the door; other consoles may share in both.

    Raises:
        ConfigurationError: They cannot be shared as the settings want it, or the file of prices
            cannot be used.
    """
    clock = SystemClock()
    store = SharedStore.of(settings, clock)
    if store is not None:
        store.check()
    windows = windows_in(store)
    budget = Budget.open(settings, state, clock, store, windows)
    app.on_startup(budget.start)
    return budget, Rates(DoorLimits.of(settings), windows)


def _end_with(*closing: Callable[[], Awaitable[None]]) -> None:
    """Have these done, in this order, as soon as the process is told to end."""
    ending = Ending(closing)
    app.on_startup(ending.follow)
    app.on_shutdown(ending.finish)
    # The server raises its signal again once it has ended; that is the end, not a failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


def _watch_for_stalls() -> None:
    watch, rounds = StallWatch(), GarbageRounds()
    app.on_startup(rounds.start)
    app.on_delete(rounds.page_gone)
    app.on_startup(watch.start)
    app.on_shutdown(watch.stop)
    app.on_shutdown(rounds.stop)


def _entrance(reach: Reach, port: int) -> Entrance:
    public: dict[str, ASGIApp] = {}
    if (own := reach.own_certificate) is not None:
        public[trust_route.PATH] = trust_route.answer(own.authority_file.read_bytes())
    return Entrance(
        port,
        is_tls=reach.is_secure,
        hosts=reach.hosts,
        proxy_origin=reach.proxy.origin if reach.proxy else "",
        proxy_networks=reach.proxy.networks if reach.proxy else (),
        public=public,
    )


def install(registry: SessionRegistry, relays: RelayWatches | None = None) -> None:
    """Add assets, styles and our routes to the application."""
    app.add_static_files("/assets", theme.ASSETS, max_cache_age=0)
    theme.install()
    told_signatures.tell()
    page_json.install()
    relays = relays or RelayWatches([])
    routes.install(app, registry, relays)
    uploads.install(app, registry)
    picture_routes.install(app, registry)
    front.install(registry, TITLE)
    relay_pages.install(relays, TITLE)
