"""Asking the server, and waiting for the answer to just that."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from console.client import choices, out_of_band
from console.client.carry_over import LOST
from console.client.happenings import ConnectionChanged, ErrorReport, RealtimeEvent
from console.client.out_of_band import Answer
from console.client.subscriptions import Subscriptions
from console.errors import ConsoleError, NotConnectedError
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.fields import mapping, text
from console.realtime.ids import IdSource
from console.realtime.items import Item, Response

Found = TypeVar("Found")

_LOST_FIRST: Final = "the connection was lost first. Ask again when it is back."


class Questions:
    """What the client asks of the server and waits for, however much goes on beside it."""

    def __init__(
        self,
        *,
        signals: Subscriptions,
        conversation: Conversation,
        ids: IdSource,
        send: Callable[[Event], Awaitable[str]],
    ) -> None:
        self._signals = signals
        self._conversation = conversation
        self._ids = ids
        self._send = send

    async def retrieve(self, item_id: str, timeout_s: float | None) -> Item:
        """Return an item as the server holds it; raises as `ask`.

        Raises:
            TypeError: It is no id.
        """
        choices.check_kind("item_id", item_id, str, "the id of an item")
        asked = events.item_retrieve(item_id)

        def pick(told: RealtimeEvent) -> bool | None:
            event = told.event
            # As it was sent: an item of an earlier session may go by another id at the server.
            is_it = event.type == "conversation.item.retrieved" and (
                text(mapping(event.fields, "item"), "id") == text(asked.fields, "item_id")
            )
            return is_it or None

        await self._ask("realtime.event", asked, pick, timeout_s)
        if (item := self._conversation.find(item_id)) is None:
            raise ConsoleError(
                f"The server holds item {item_id!r}, but nothing here knows it; "
                "the event itself has it."
            )
        return item

    async def out_of_band(self, asked: Mapping[str, Any], timeout_s: float | None) -> Answer:
        """Return the answer to a question of `out_of_band.question`.

        Raises:
            TimeoutError: It did not come in time; the response has been cancelled.
            ConsoleError: The server or the model refused.
            NotConnectedError: The session ended first.
        """
        question_id = asked["metadata"][out_of_band.METADATA_KEY]

        def pick(response: Response) -> Response | None:
            # One that the end of the line has cut off is the server's answer to nothing.
            is_it = (
                response.is_done
                and response.reason != LOST
                and out_of_band.is_answer(response, question_id)
            )
            return response if is_it else None

        try:
            found = await self._ask(
                "response.updated", events.response_create(asked), pick, timeout_s
            )
        except TimeoutError:
            await self._cancel(question_id)
            raise
        items = (self._conversation.find(item_id) for item_id in found.item_ids)
        return out_of_band.answer(found, [item for item in items if item is not None])

    async def _cancel(self, question_id: str) -> None:
        for response in list(self._conversation.responses.values()):
            if not response.is_done and out_of_band.is_answer(response, question_id):
                with contextlib.suppress(NotConnectedError):
                    await self._send(events.response_cancel(response.id))

    async def _ask(
        self,
        name: str,
        event: Event,
        pick: Callable[[Any], Found | None],
        timeout_s: float | None,
    ) -> Found:
        event.event_id = self._ids.new("event")
        return await ask(
            self._signals,
            name,
            event_id=event.event_id,
            send=lambda: self._send(event),
            pick=pick,
            timeout_s=timeout_s,
        )


async def ask(
    signals: Subscriptions,
    name: str,
    *,
    event_id: str,
    send: Callable[[], Awaitable[Any]],
    pick: Callable[[Any], Found | None],
    timeout_s: float | None,
) -> Found:
    """Send an event and return its answer; nothing stays registered, however it ends.

    Args:
        signals: Where answers and errors are told.
        name: The signal that tells the answer.
        event_id: Of the event that `send` sends.
        send: Sends it; not called before somebody listens.
        pick: Returns the answer, given a value of the signal; None for the answer of another.
        timeout_s: How long to wait; None waits for ever.

    Raises:
        ConsoleError: The server refused; the sentence is its own.
        NotConnectedError: The session ended first, or there is none.
        TimeoutError: No answer came in time.
        TypeError: The time is no number.
        ValueError: The time is less than 0 seconds.
    """
    choices.check_patience("timeout_s", timeout_s)
    future: asyncio.Future[Found] = asyncio.get_running_loop().create_future()

    def came(value: Any) -> None:
        if not future.done() and (found := pick(value)) is not None:
            future.set_result(found)

    def refused(report: ErrorReport) -> None:
        about = report.event_id or (report.cause.event_id if report.cause is not None else None)
        if not future.done() and about == event_id:
            future.set_exception(ConsoleError(f"The server refused: {report.message}"))

    def ended(_: Any) -> None:
        if not future.done():
            future.set_exception(NotConnectedError("wait for the answer"))

    def changed(change: ConnectionChanged) -> None:
        if change.phase == "reconnecting" and not future.done():
            future.set_exception(NotConnectedError("wait for the answer", _LOST_FIRST))

    stops = [
        signals.find(name).connect(came),
        signals.error.connect(refused),
        signals.connection.connect(changed),
        # What was asked of one session is not answered in the next.
        signals.close.connect(ended),
        signals.moved.connect(ended),
    ]
    try:
        async with asyncio.timeout(timeout_s):
            await send()
            return await future
    finally:
        for stop in stops:
            stop()
        if future.done() and not future.cancelled():
            # The sending may have failed too; then nobody has taken this one.
            future.exception()
