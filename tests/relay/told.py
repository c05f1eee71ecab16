"""An observer that keeps what it is told."""

from typing import Any

from console.relay.observer import Direction, Observer, PassedEvent


class Told(Observer):
    """Remembers each call: its name and what came with it."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattribute__(self, name: str) -> Any:
        if name.startswith(("session_", "settings_", "event_", "audio_", "client_", "connection_")):
            return lambda *values: self.calls.append((name, *values))
        return super().__getattribute__(name)

    def of(self, name: str) -> list[tuple[Any, ...]]:
        """Return what came with each call of a name."""
        return [tuple(values) for each, *values in self.calls if each == name]

    def passed(self, direction: Direction) -> list[PassedEvent]:
        """Return the events that went on in a direction."""
        return [each for (each,) in self.of("event_passed") if each.direction == direction]
