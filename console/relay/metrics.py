"""What Prometheus may ask of the relay. No content, key, address or id is in it."""

from __future__ import annotations

from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from console.realtime.fields import text
from console.relay.observer import Direction, End, Observer, PassedEvent, SessionFacts, Spending

# A line more for each count, and nobody here asks since when it is counted.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has none
CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
MAX_TYPES: Final = 100
"""Types of events that are counted by name; what else a service may send is `other`."""
_WAY: Final = ("direction",)
_LATENCY_BUCKETS_S: Final = (
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5,
)  # fmt: skip


class Metrics(Observer):
    """Counts for Prometheus, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._live = Gauge(
            "relay_sessions", "Sessions that go on.", ("dialect",), registry=self._registry
        )
        self._draining = Gauge(
            "relay_draining", "1 while the relay takes no more sessions.", registry=self._registry
        )
        self._latency = Histogram(
            "relay_added_latency_seconds",
            "From an event's coming to its going on.",
            _WAY,
            buckets=_LATENCY_BUCKETS_S,
            registry=self._registry,
        )
        counter = self._counter
        self._ended = counter("sessions_ended", "Sessions that have ended.", "side", "code")
        self._turned_away = counter("turned_away", "Clients that got no session.", "code")
        self._connections_refused = counter(
            "connections_refused", "Connections closed unread: too many had shown no token."
        )
        self._events = counter("events", "Events that went on.", *_WAY, "type")
        self._bytes = counter("event_bytes", "Their text in bytes.", *_WAY)
        self._refused = counter("events_refused", "Events the policy has refused.", "code")
        self._dropped = counter("dropped_events", "Events of audio given up.", *_WAY)
        self._dropped_bytes = counter("dropped_bytes", "Their text in bytes.", *_WAY)
        self._tokens = counter(
            "tokens", "Tokens paid for; cached ones are input, too.", "way", "kind"
        )
        self._dollars = counter("dollars", "What was spent, as far as is known.", "token")
        self._estimated = counter("dollars_estimated", "The part of it that is estimated.")
        self._known_types: set[str] = set()
        self._sessions: dict[str, SessionFacts] = {}
        # Looked up once, not for each event.
        self._bytes_of = {each: self._bytes.labels(each) for each in ("up", "down")}
        self._latency_of = {each: self._latency.labels(each) for each in ("up", "down")}
        self._count_of: dict[tuple[str, str], Counter] = {}

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"relay_{name}", what, labels, registry=self._registry)

    def exposition(self, *, is_draining: bool) -> bytes:
        """Return all of it in Prometheus's text form."""
        self._draining.set(is_draining)
        return generate_latest(self._registry)

    def session_opened(self, facts: SessionFacts) -> None:
        """Count a session."""
        self._sessions[facts.id] = facts
        self._live.labels(facts.dialect).inc()

    def event_passed(self, passed: PassedEvent) -> None:
        """Count an event and how long it was kept."""
        direction = passed.direction
        key = (direction, text(passed.event, "type"))
        if (count := self._count_of.get(key)) is None:
            count = self._new_count(*key)
        count.inc()
        self._bytes_of[direction].inc(passed.size_bytes)
        self._latency_of[direction].observe(max(0.0, passed.sent_s - passed.received_s))

    def event_refused(self, session_id: str, event: dict[str, Any], code: str) -> None:
        """Count a refusal."""
        self._refused.labels(code).inc()

    def audio_dropped(
        self, session_id: str, direction: Direction, n_events: int, size_bytes: int
    ) -> None:
        """Count what was given up."""
        self._dropped.labels(direction).inc(n_events)
        self._dropped_bytes.labels(direction).inc(size_bytes)

    def session_spent(self, session_id: str, spending: Spending) -> None:
        """Count tokens and dollars."""
        facts = self._sessions.get(session_id)
        self._dollars.labels(facts.token if facts is not None else "").inc(spending.cost.dollars)
        if spending.cost.is_estimate:
            self._estimated.inc(spending.cost.dollars)
        for (way, kind), count in _tokens(spending).items():
            if count > 0:
                self._tokens.labels(way, kind).inc(count)

    def session_closed(self, session_id: str, code: int, reason: str, side: End) -> None:
        """Count an end."""
        if (facts := self._sessions.pop(session_id, None)) is not None:
            self._live.labels(facts.dialect).dec()
        self._ended.labels(side, str(code)).inc()

    def client_turned_away(self, code: str) -> None:
        """Count somebody who got no session."""
        self._turned_away.labels(code).inc()

    def connection_refused(self) -> None:
        """Count a connection that there was no room for."""
        self._connections_refused.inc()

    def _new_count(self, direction: Direction, event_type: str) -> Counter:
        if event_type not in self._known_types and len(self._known_types) >= MAX_TYPES:
            return self._events.labels(direction, "other")
        self._known_types.add(event_type)
        count = self._count_of[direction, event_type] = self._events.labels(direction, event_type)
        return count


def _tokens(spending: Spending) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    if (tokens := spending.tokens) is not None:
        counts |= {
            ("input", "text"): tokens.input_text,
            ("input", "audio"): tokens.input_audio,
            ("input", "image"): tokens.input_image,
            ("cached", "text"): tokens.cached_text,
            ("cached", "audio"): tokens.cached_audio,
            ("cached", "image"): tokens.cached_image,
            ("output", "text"): tokens.output_text,
            ("output", "audio"): tokens.output_audio,
        }
    if (transcript := spending.transcript) is not None:
        counts |= {
            ("transcription input", "text"): transcript.input_text,
            ("transcription input", "audio"): transcript.input_audio,
            ("transcription output", "text"): transcript.output,
        }
    return counts
