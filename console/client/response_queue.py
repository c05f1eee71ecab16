"""Responses that are asked for when their turn has come: a conversation makes one at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from console.client.sent_events import PATIENCE_S, SentEvents
from console.client.subscriptions import Subscriptions
from console.realtime import events
from console.realtime.conversation import Conversation
from console.realtime.events import Event

_CREATE = "response.create"


class ResponseQueue:
    """Asks for a response as soon as the server would not refuse it."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        sent: SentEvents,
        signals: Subscriptions,
        send: Callable[[Event], Awaitable[Any]],
    ) -> None:
        """Prepare.

        Args:
            conversation: Knows the response that is being made.
            sent: Knows whether one was asked for that has not begun.
            signals: Tell when that changes.
            send: Sends an event.
        """
        self._conversation = conversation
        self._sent = sent
        self._signals = signals
        self._send = send

    @property
    def is_free(self) -> bool:
        """Whether no response of the conversation is being made or on its way."""
        return self._conversation.unfinished_response is None and not self.is_asked

    @property
    def is_asked(self) -> bool:
        """Whether one was asked for, just now, that has not begun."""
        return self._sent.is_asking(_CREATE)

    async def ask(self, is_wanted: Callable[[], bool]) -> None:
        """Ask for a response when there is room for one, if it is still wanted then.

        Several that wait get one together: a response that was asked for later knows all that was
        said before.

        Raises:
            NotConnectedError: There is no session.
        """
        known = self._begun()
        # What is on its way was asked for earlier, so it may not know what this one is about.
        n_earlier = int(self._conversation.unfinished_response is None and self.is_asked)
        while not self.is_free:
            await self._change()
        if len(self._begun() - known) <= n_earlier and is_wanted():
            await self._send(events.response_create())

    def _begun(self) -> set[str]:
        responses = self._conversation.responses.values()
        return {each.id for each in responses if not each.is_out_of_band}

    async def _change(self) -> None:
        """Return when a response has begun or ended, an error came, or patience is at its end."""
        changed = asyncio.Event()
        stops = [
            self._signals.response.connect(lambda _: changed.set()),
            self._signals.error.connect(lambda _: changed.set()),
        ]
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await changed.wait()
        finally:
            for stop in stops:
                stop()
