"""What a client tells, heard by name: subscribed to, or waited for once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.client.subscriptions import AnyHandler, Subscriptions
from console.realtime.items import Item, ItemUpdate


class RealtimeEventHandler:
    """The side of a client that others listen to."""

    def __init__(self, signals: Subscriptions) -> None:
        """Let `signals` be listened to."""
        self._signals = signals

    def on(self, name: str, handler: AnyHandler) -> Callable[[], None]:
        """Call `handler` with every later value of `name`; returns a function that stops it.

        ==========================  ===================================================
        `realtime.event`            `RealtimeEvent`, both directions, before it is acted on
        `session.created`           `dict`: the session as the server describes it
        `session.updated`           `dict`: likewise
        `conversation.cleared`      `None`: a new session has begun, or `reset`
        `conversation.updated`      `ItemUpdate`: every change of an item
        `conversation.item.appended`, `.completed`, `.deleted`   `ItemUpdate`
        `conversation.interrupted`  `Interrupted`: the user began to speak
        `response.updated`          `Response`: it began or ended
        `response.item.updated`     `ItemUpdate` of a response outside the conversation
        `tool.called`               `ToolCalled`: started, and finished
        `error`                     `ErrorReport`; the session goes on
        `connection.changed`        `ConnectionChanged`: begun, open, being restored, closed
        `session.expiring`          `SessionExpiring`: the server will end the session soon
        `session.moved`             `SessionMoved`: the conversation goes on in a new session
        `close`                     `Closed`, once, when it is over for good
        ==========================  ===================================================

        Raises:
            ValueError: There is no such name.
            TypeError: The handler cannot be called.
        """
        return self._signals.on(name, handler)

    def off(self, name: str, handler: AnyHandler | None = None) -> None:
        """Stop calling `handler`, or without one every handler of `name`.

        Raises:
            ValueError: There is no such name, or the handler is not subscribed to it.
            TypeError: The handler cannot be called.
        """
        self._signals.off(name, handler)

    async def wait_for_next(self, name: str, timeout_s: float | None = None) -> Any:
        """Return the next value of `name`.

        Two that come right after one another can be waited for one after the other.

        Raises:
            TimeoutError: None came in time.
            NotConnectedError: The session ended first.
            ValueError: There is no such name, or the time is less than 0 seconds.
            TypeError: The time is no number.
        """
        return await self._signals.next(name, timeout_s)

    async def wait_for_next_item(self, timeout_s: float | None = None) -> Item:
        """Return the next item that enters the conversation; raises as `wait_for_next`."""
        update: ItemUpdate = await self._signals.next("conversation.item.appended", timeout_s)
        return update.item

    async def wait_for_next_completed_item(self, timeout_s: float | None = None) -> Item:
        """Return the next item that is finished; raises as `wait_for_next`."""
        update: ItemUpdate = await self._signals.next("conversation.item.completed", timeout_s)
        return update.item
