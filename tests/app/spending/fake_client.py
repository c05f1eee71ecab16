"""A client of which only the signals and the cancelling matter."""

from __future__ import annotations

from typing import Any

from console.client.happenings import ConnectionChanged, RealtimeEvent
from console.client.subscriptions import Subscriptions
from console.client.targets import Target
from console.realtime.events import Event


class FakeClient:
    """Tells what the test tells it; cancelling ends the answers under way as a server would."""

    def __init__(self, url: str = "wss://api.openai.com/v1/realtime") -> None:
        self.target = Target(url=url, model="gpt-realtime")
        self.signals = Subscriptions()
        self.running: list[str] = []
        self.cancelled: list[str] = []
        self.usage_of_cancelled: dict[str, Any] | None = None
        self.is_answering_cancels = True

    def on(self, name: str, handler: Any) -> None:
        self.signals.on(name, handler)

    async def wait_for_next(self, name: str) -> Any:
        return await self.signals.next(name, None)

    async def cancel_response(self) -> None:
        for each in list(self.running):
            self.cancelled.append(each)
            if self.is_answering_cancels:
                self.done(each, self.usage_of_cancelled)

    # What the test does

    def line(self, phase: Any) -> None:
        self.signals.connection.emit(ConnectionChanged(phase, ""))

    def server(self, event_type: str, **fields: Any) -> None:
        self.signals.event.emit(RealtimeEvent(0.0, "server", Event(event_type, "e", fields), 0))

    def client(self, event_type: str, **fields: Any) -> None:
        self.signals.event.emit(RealtimeEvent(0.0, "client", Event(event_type, "e", fields), 0))

    def answer(self, response_id: str) -> None:
        self.running.append(response_id)
        self.server("response.created", response={"id": response_id})

    def done(self, response_id: str, usage: dict[str, Any] | None) -> None:
        if response_id in self.running:
            self.running.remove(response_id)
        self.server("response.done", response={"id": response_id, "usage": usage})
        self.signals.response.emit(None)  # type: ignore[arg-type]  # only its coming matters


def spoken(seconds: float) -> dict[str, Any]:
    """Return a usage of so many seconds of the model's speech: $0.00128 each."""
    tokens = round(seconds * 20)
    return {
        "total_tokens": tokens,
        "input_tokens": 0,
        "output_tokens": tokens,
        "output_token_details": {"audio_tokens": tokens, "text_tokens": 0},
    }
