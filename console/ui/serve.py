"""Run the console: NiceGUI with our routes, guards and limits."""

from __future__ import annotations

import errno
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from nicegui import app, ui
from nicegui.server import Server

from console import tasks
from console.app.backend import Backend
from console.clock import SystemClock
from console.errors import ConfigurationError
from console.scrubber import scrubber
from console.settings import Settings
from console.state import storage_secret
from console.ui import native, routes, theme, uploads
from console.ui.door import entrance
from console.ui.door.door import Door
from console.ui.door.entrance import LOOPBACK_HOSTS, Entrance
from console.ui.pages import console as console_page
from console.ui.sessions import SessionRegistry

logger = logging.getLogger(__name__)

TITLE = "Realtime Console"
MAX_MESSAGE_BYTES = 1024 * 1024
SHUTDOWN_TIMEOUT_S = 3
_READY_POLL_S = 0.01


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
    backend = Backend(settings)
    port = _usable_port(settings.host, settings.port)
    registry = SessionRegistry(backend, settings, remark=remark)
    install(registry)
    door = Door(settings.token)
    scrubber.keep_secret(door.owner.token)
    url = f"http://{_in_url(settings.host)}:{port}"
    app.on_startup(backend.start)
    app.on_startup(lambda: tasks.spawn(_announce(url, door, window, remark), name="ready line"))
    if window is not None:
        app.on_shutdown(window.close)
    app.on_shutdown(registry.close)
    app.on_shutdown(backend.stop)
    secret = storage_secret(state)
    entrance.install(app, door, Entrance(port, hosts=_hosts(settings.host)), secret=secret)
    # The server raises its signal again once it has ended; that is the end, not a failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ui.run(
        root(registry),
        host=settings.host,
        port=port,
        show=_one_time_path(door) if settings.show else False,
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
    )


def install(registry: SessionRegistry) -> None:
    """Add assets, styles and our routes to the application."""
    app.add_static_files("/assets", theme.ASSETS, max_cache_age=0)
    theme.install()
    routes.install(app, registry)
    uploads.install(app, registry)


def root(registry: SessionRegistry) -> Callable[[], Awaitable[None]]:
    """Return the function that builds the page of one visitor."""

    async def build() -> None:
        client = ui.context.client
        await client.connected()
        if client.is_deleted:  # who asked has left, or was no browser
            return
        session = registry.session_for(app.storage.tab)
        console_page.build_page(session)

    return build


def _one_time_path(door: Door) -> str:
    """Return where a browser goes that we open ourselves; others find that link used up."""
    return door.issue("owner", one_time=True).at("")


async def _announce(url: str, door: Door, window: native.NativeWindow | None, remark: str) -> None:
    # uvicorn tells nobody when it listens, so its flag is watched; this takes milliseconds.
    clock = SystemClock()
    while not getattr(Server.instance, "started", False):
        await clock.sleep(_READY_POLL_S)
    link = door.owner.at(url)
    sys.stdout.write(f"Console ready at {link}\n" + (f"{remark}\n" if remark else ""))
    sys.stdout.flush()
    if window is not None:
        window.show(url + _one_time_path(door), title=TITLE, icon=theme.ASSETS / "icon.svg")
        await window.wait_closed()
        app.shutdown()


def _usable_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(f"Port {port} is in use. Try --port {port + 1}.") from error
        if error.errno == errno.EACCES:
            raise ConfigurationError(
                f"Port {port} may not be opened by this user. Try --port 8080."
            ) from error
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}."
        ) from error


def _hosts(host: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*LOOPBACK_HOSTS, _in_url(host))))


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
