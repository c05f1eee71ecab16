"""What the composer of a page needs of its session: sending, variables, what was seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from console.app.event_log import EventLog
from console.app.reference.variables import Variable
from console.client.client import RealtimeClient
from console.clock import Clock
from console.errors import ConsoleError
from console.realtime.ids import IdSource
from console.realtime.items import Item


class SessionComposer:
    """Sends events that somebody composed, into one session."""

    def __init__(
        self,
        current_client: Callable[[], RealtimeClient | None],
        log: EventLog,
        clock: Clock,
        send_update: Callable[[Mapping[str, Any]], Awaitable[str]] | None = None,
        check_response: Callable[[Mapping[str, Any]], None] = lambda event: None,
    ) -> None:
        """Serve a session.

        Args:
            current_client: Returns its client; None before its first connection.
            log: Its events.
            clock: Time.
            send_update: Sends a `session.update`, so that it counts as all changes of the session
                do; without it the client sends it as any other event.
            check_response: Raises `ConsoleError` for a `response.create` that may not be sent.
        """
        self._current_client = current_client
        self._log = log
        self._clock = clock
        self._ids = IdSource()
        self._send_update = send_update
        self._check_response = check_response
        variables = (
            Variable("last_item_id", "id of the newest item", lambda: self._item_id()),
            Variable("previous_item_id", "id of the item before the newest", self._previous_id),
            Variable(
                "last_user_item_id", "id of the user's newest item", lambda: self._item_id("user")
            ),
            Variable(
                "last_assistant_item_id",
                "id of the assistant's newest item",
                lambda: self._item_id("assistant"),
            ),
            Variable("last_audio_item_id", "id of the newest spoken answer", self._audio_id),
            Variable("last_audio_ms", "how long the newest spoken answer is", self._audio_ms),
            Variable("last_response_id", "id of the newest response", self._response_id),
            Variable("last_call_id", "call_id of the newest function call", self._call_id),
            Variable("last_approval_id", "id of the newest request to approve", self._approval_id),
            Variable("random_id", "a new id each time", lambda: self._ids.new("rc")),
            Variable("now", "seconds since 1970", lambda: int(self._clock.wall_s())),
        )
        self.variables: Mapping[str, Variable] = {each.name: each for each in variables}
        """What may stand in an event for what the session has."""

    async def send(self, event: Mapping[str, Any]) -> str:
        """Send an event as it is, and return its id.

        Raises:
            ConsoleError: It cannot be sent; the message says why.
        """
        client = self._current_client()
        if client is None or not client.is_connected:
            raise ConsoleError("Not connected: connect first, then send.")
        try:
            if self._send_update is not None and event.get("type") == "session.update":
                return await self._send_update(event)
            if event.get("type") == "response.create":
                self._check_response(event)
            return await client.send(event)
        except ValueError as error:
            raise ConsoleError(str(error)) from error

    def sent_event(self, row: int, place: int) -> dict[str, Any] | None:
        """Return an event of the list to send again, without its id.

        Args:
            row: Its row in the list: the number of its first event.
            place: Which event of the row's run.

        Returns:
            None when it is the server's, or gone.
        """
        found = next(iter(self._log.entries_of("spans", row, place)), None) if place >= 0 else None
        if found is None or found.source != "client":
            return None
        return {"type": found.event.type, **found.event.fields}

    def seen(self) -> Mapping[str, int]:
        """Return how often each type was seen in this session, in either direction."""
        return self._log.seen

    def _items(self) -> list[Item]:
        client = self._current_client()
        return client.conversation.items if client is not None else []

    def _item_id(self, role: str | None = None) -> str | None:
        items = reversed(self._items())
        return next((each.id for each in items if role in (None, each.role)), None)

    def _previous_id(self) -> str | None:
        items = self._items()
        return items[-2].id if len(items) > 1 else None

    def _audio_item(self) -> Item | None:
        spoken = (each for each in reversed(self._items()) if each.audio_ms)
        return next((each for each in spoken if each.role == "assistant"), None)

    def _audio_id(self) -> str | None:
        item = self._audio_item()
        return None if item is None else item.id

    def _audio_ms(self) -> int | None:
        item = self._audio_item()
        return None if item is None else int(item.audio_ms)

    def _response_id(self) -> str | None:
        client = self._current_client()
        responses = client.conversation.responses if client is not None else {}
        return next(reversed(list(responses)), None)

    def _call_id(self) -> str | None:
        calls = (each for each in reversed(self._items()) if each.type == "function_call")
        return next((each.call_id for each in calls), None)

    def _approval_id(self) -> str | None:
        items = reversed(self._items())
        return next((each.id for each in items if each.type == "mcp_approval_request"), None)
