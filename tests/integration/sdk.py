"""OpenAI's Python SDK on a connection, blocking or not, with one way to hold a conversation."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI

from tests.realtime.wire_examples import check

DEPRECATED = pytest.mark.filterwarnings(
    r"ignore:connect\(\) must be used as a context manager:DeprecationWarning"
)
"""The SDK's blocking half opens its connections in a way that `websockets` will give up."""


class Threaded:
    """A blocking object of the SDK, used from a thread so that the server can go on.

    Its methods are to be awaited, as those of the SDK's other half are.
    """

    def __init__(self, blocking: Any) -> None:
        self._blocking = blocking

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._blocking, name)
        if not callable(found):
            return Threaded(found)

        async def call(*arguments: Any, **named: Any) -> Any:
            return await asyncio.to_thread(found, *arguments, **named)

        return call


class Talk:
    """A conversation through the SDK; every event that comes must be of the dialect."""

    def __init__(self, connection: Any, dialect: str) -> None:
        self.sdk = connection
        self._dialect = dialect

    async def next(self) -> Any:
        """The next event, checked by the strict types."""
        async with asyncio.timeout(10):
            event = await self.sdk.recv()
        check(self._dialect, "server", event.to_dict())
        return event

    async def until(self, event_type: str) -> list[Any]:
        """All events up to the first of this type; an error ends the test."""
        events: list[Any] = []
        while not events or events[-1].type != event_type:
            events.append(await self.next())
            assert event_type == "error" or events[-1].type != "error", events[-1]
        return events

    async def say(self, text: str) -> None:
        """Type a message."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.sdk.conversation.item.create(item=item)


@asynccontextmanager
async def waiting_talk(server: Any, dialect: str, model: str):
    """A conversation through the SDK's asynchronous half."""
    async with AsyncOpenAI(api_key="any", websocket_base_url=base_url(server)) as client:
        realtime = client.realtime if dialect == "ga" else client.beta.realtime
        async with realtime.connect(model=model) as connection:
            yield Talk(connection, dialect)


@asynccontextmanager
async def blocking_talk(server: Any, dialect: str, model: str):
    """A conversation through the SDK's blocking half."""
    with OpenAI(api_key="any", websocket_base_url=base_url(server)) as client:
        realtime: Any = client.realtime if dialect == "ga" else client.beta.realtime
        connection = await asyncio.to_thread(realtime.connect(model=model).enter)
        try:
            yield Talk(Threaded(connection), dialect)
        finally:
            await asyncio.to_thread(connection.close)


def base_url(server: Any) -> str:
    """Where the SDK finds a server."""
    return f"ws://127.0.0.1:{server.port}/v1"
