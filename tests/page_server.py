"""The application with its pages and its door, served in the process of the test."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from nicegui import app, core
from nicegui.app.app import prune_user_storage
from nicegui.client import Client
from nicegui.middlewares import RedirectWithPrefixMiddleware, SetCacheControlMiddleware
from nicegui.slot import Slot
from nicegui.storage import set_storage_secret
from nicegui.testing.general import nicegui_reset_globals, prepare_simulation

from console import tasks
from console.ui import serve
from console.ui.door import entrance
from console.ui.door.door import Door
from console.ui.door.entrance import Entrance
from console.ui.pages import front
from console.ui.sessions import SessionRegistry

SECRET = "0" * 64
PING_INTERVAL_S = 0.2


@contextlib.asynccontextmanager
async def serving_pages(registry: SessionRegistry, door: Door) -> AsyncIterator[str]:
    """Serve the sessions' pages on a free port until the block ends; gives scheme, host and port.

    A page is forgotten as soon as its socket has closed: nobody is waited for.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener, nicegui_reset_globals():
        port = listener.getsockname()[1]
        with pytest.MonkeyPatch.context() as patch:
            _put_together(registry, door, port, patch)
            server = uvicorn.Server(
                uvicorn.Config(app, log_config=None, ws_per_message_deflate=False)
            )
            serving = tasks.spawn(server.serve([listener]), name="serve pages")
            try:
                while not server.started:  # noqa: ASYNC110  # it tells nobody
                    await asyncio.sleep(0.001)
                core.sio.eio.ping_interval = PING_INTERVAL_S
                yield f"http://127.0.0.1:{port}"
            finally:
                server.should_exit = True
                await serving
                Client.page_routes.clear()  # else our modules would be imported a second time


def _put_together(
    registry: SessionRegistry, door: Door, port: int, patch: pytest.MonkeyPatch
) -> None:
    """Do what `ui.run` and our own start do."""
    patch.setattr(core.sio.eio, "transports", core.sio.eio.transports)
    patch.setattr(app, "build_middleware_stack", app.build_middleware_stack)
    prepare_simulation()
    core.app.config.reconnect_timeout = 0.0
    serve.install(registry)
    entrance.install(app, door, Entrance(port), secret=SECRET)
    core.root = front.root(registry)
    app.add_middleware(RedirectWithPrefixMiddleware)
    app.add_middleware(SetCacheControlMiddleware)
    set_storage_secret(SECRET)


async def tidy_up() -> None:
    """Do at once what NiceGUI and its sockets do by their own clocks, some after a minute."""
    Client.prune_instances(client_age_threshold=-1)
    # Those whose sockets have closed are gone when what sleeps for them has woken, within a second.
    while Client.instances or any(_is_of_a_page(each) for each in asyncio.all_tasks()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    sockets = core.sio.eio.sockets
    for name in [name for name, each in sockets.items() if each.closed]:
        sockets.pop(name, None)
    await Slot.prune_stacks()
    await prune_user_storage(force=True)


def _is_of_a_page(task: asyncio.Task[Any]) -> bool:
    name = getattr(task.get_coro(), "__qualname__", "")
    return name in ("AsyncSocket._send_ping", "Outbox.loop")
