"""Tools that run on the relay: the model calls them, and the client hears nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson

from console import tasks
from console.client.tool_allowance import ToolAllowance, fitted
from console.clock import Clock
from console.errors import ToolError
from console.realtime import fields
from console.tools.registry import ToolRegistry

Event = dict[str, Any]
Send = Callable[[Event], Awaitable[None]]
"""Sends an event of ours to the service."""

MAX_REMEMBERED: Final = 512
_CALL: Final = "function_call"
_OUTPUT: Final = "function_call_output"
_BY_USER: Final = frozenset({"input_audio_buffer.speech_started", "input_audio_buffer.committed"})


class RelayTools:
    """Answers the calls of its own tools in one session, and takes them out of what comes down."""

    def __init__(self, registry: ToolRegistry, send: Send, clock: Clock) -> None:
        """Begin without calls.

        Args:
            registry: The tools that run here; none for a relay that only carries.
            send: The way to the service.
            clock: For the limits of calls.
        """
        self._registry = registry
        self._send = send
        self._clock = clock
        self._allowance = ToolAllowance()
        self._calls: dict[str, str | None] = {}
        """Call ids that are ours."""
        self._items: dict[str, str | None] = {}
        """Items that no client sees, each with the last one before it that clients see, if any."""
        self._running: set[asyncio.Task[None]] = set()

    def __bool__(self) -> bool:
        """Return whether there are any tools."""
        return bool(len(self._registry))

    def definitions(self) -> list[dict[str, Any]]:
        """Return the tools as `session.tools` has them."""
        return self._registry.definitions()

    def is_own_call(self, call_id: str) -> bool:
        """Return whether a call is answered here."""
        return call_id in self._calls

    def is_hidden_item(self, item_id: str) -> bool:
        """Return whether an item is kept from the client."""
        return item_id in self._items

    def user_spoke(self) -> None:
        """Take note that the user has written something."""
        self._allowance.user_spoke()

    def take(self, event: Event) -> Event | None:
        """Return what is left of an event of the service for the client, and answer our calls."""
        kind = event.get("type")
        if kind in _BY_USER:
            self._allowance.user_spoke()
            return self._behind_what_is_seen(event)
        if kind == "response.done":
            return self._response_done(event)
        if "item" in event:
            item = fields.mapping(event, "item")
            if not self._is_own_item(item):
                return self._behind_what_is_seen(event)
            if before := fields.text(event, "previous_item_id"):
                self._items[fields.text(item, "id")] = self._items.get(before, before)
            return None
        return None if fields.text(event, "item_id") in self._items else event

    async def close(self) -> None:
        """Give up what is running."""
        for task in list(self._running):
            await tasks.cancel(task)

    def _behind_what_is_seen(self, event: Event) -> Event:
        before = fields.text(event, "previous_item_id")
        if before not in self._items:
            return event
        return {**event, "previous_item_id": self._items[before]}

    def _is_own_item(self, item: Event) -> bool:
        call_id, item_id = fields.text(item, "call_id"), fields.text(item, "id")
        if item.get("type") == _CALL and item.get("name") in self._registry:
            _remember(self._calls, call_id)
            _remember(self._items, item_id)
        elif item.get("type") == _OUTPUT and call_id in self._calls:
            _remember(self._items, item_id)
        return item_id in self._items

    def _response_done(self, event: Event) -> Event:
        response = fields.mapping(event, "response")
        output = fields.mappings(response, "output")
        own = [item for item in output if self._is_own_item(item)]
        if not own:
            return event
        others = [item for item in output if item not in own]
        if response.get("status") == "completed":
            # Who answers the last call asks for the response: the client, where it has one.
            asks = not any(item.get("type") == _CALL for item in others)
            task = tasks.spawn(self._answer(own, asks=asks), name="tools of the relay")
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return {**event, "response": {**response, "output": others}}

    async def _answer(self, calls: list[Event], *, asks: bool) -> None:
        await asyncio.gather(*(self._run(each) for each in calls))
        if asks and self._allowance.may_go_on():
            await self._send({"type": "response.create"})

    async def _run(self, call: Event) -> None:
        name, call_id = fields.text(call, "name"), fields.text(call, "call_id")
        refusal = self._allowance.refusal(name, self._clock.now_s())
        try:
            answer: Any = (
                {"error": refusal}
                if refusal
                else await self._registry.call(name, fields.text(call, "arguments"))
            )
        except ToolError as error:
            answer = {"error": str(error)}
        output = orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS).decode()
        item = {"type": _OUTPUT, "call_id": call_id, "output": fitted(output)}
        await self._send({"type": "conversation.item.create", "item": item})


def _remember(store: dict[str, str | None], key: str) -> None:
    if key:
        store[key] = store.pop(key, None)
        if len(store) > MAX_REMEMBERED:
            del store[next(iter(store))]
