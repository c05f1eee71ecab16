"""NiceGUI's simulated user, whose pages end at once."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from nicegui import Client
from nicegui.testing import User
from nicegui.testing import user_simulation as nicegui_simulation


@contextlib.asynccontextmanager
async def user_simulation(root: Callable[[], Any]) -> AsyncIterator[User]:
    """Give a user of the page that `root` builds.

    An outbox that has just been given something misses that it is cancelled, and NiceGUI would wait
    two seconds for it: here each is told to stop first.
    """
    async with nicegui_simulation(root) as user:
        try:
            yield user
        finally:
            for client in Client.instances.values():
                client.outbox.stop()
