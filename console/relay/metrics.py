"""What Prometheus may ask of the relay. No content, key, address or id is in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics
from prometheus_client.core import (
    CounterMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

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


class _Way:
    """What has gone on in one direction."""

    def __init__(self) -> None:
        self.n_events: dict[str, int] = {}
        self.n_bytes = 0
        self.n_by_bucket = [0] * (len(_LATENCY_BUCKETS_S) + 1)
        self.kept_s = 0.0

    def buckets(self) -> list[tuple[str, float]]:
        """Return for each bound, and for none, how many were kept no longer."""
        names = [*map(str, _LATENCY_BUCKETS_S), "+Inf"]
        return list(zip(names, accumulate(self.n_by_bucket), strict=True))


class _Passed(Collector):
    """Counts what goes on, without the locks that the library's own counts take for each event."""

    def __init__(self) -> None:
        self._ways = {direction: _Way() for direction in get_args(Direction)}
        self._known_types: set[str] = set()

    def count(self, passed: PassedEvent) -> None:
        """Count an event and how long it was kept."""
        way, event_type = self._ways[passed.direction], text(passed.event, "type")
        if event_type not in self._known_types:
            event_type = self._known(event_type)
        way.n_events[event_type] = way.n_events.get(event_type, 0) + 1
        way.n_bytes += passed.size_bytes
        kept_s = max(0.0, passed.sent_s - passed.received_s)
        way.kept_s += kept_s
        way.n_by_bucket[bisect_left(_LATENCY_BUCKETS_S, kept_s)] += 1

    def collect(self) -> Iterator[Metric]:
        """Give the counts to Prometheus."""
        events = CounterMetricFamily("relay_events", "Events that went on.", labels=(*_WAY, "type"))
        sizes = CounterMetricFamily("relay_event_bytes", "Their text in bytes.", labels=_WAY)
        kept = HistogramMetricFamily(
            "relay_added_latency_seconds", "From an event's coming to its going on.", labels=_WAY
        )
        for direction, way in self._ways.items():
            for event_type, n_events in way.n_events.items():
                events.add_metric((direction, event_type), n_events)
            sizes.add_metric((direction,), way.n_bytes)
            kept.add_metric((direction,), way.buckets(), way.kept_s)
        yield from (events, sizes, kept)

    def _known(self, event_type: str) -> str:
        if len(self._known_types) >= MAX_TYPES:
            return "other"
        self._known_types.add(event_type)
        return event_type


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
        self._passed = _Passed()
        self._registry.register(self._passed)
        counter = self._counter
        self._ended = counter("sessions_ended", "Sessions that have ended.", "side", "code")
        self._turned_away = counter("turned_away", "Clients that got no session.", "code")
        self._connections_refused = counter(
            "connections_refused", "Connections closed unread: too many had shown no token."
        )
        self._refused = counter("events_refused", "Events the policy has refused.", "code")
        self._dropped = counter("dropped_events", "Events of audio given up.", *_WAY)
        self._dropped_bytes = counter("dropped_bytes", "Their text in bytes.", *_WAY)
        self._tokens = counter(
            "tokens", "Tokens paid for; cached ones are input, too.", "way", "kind"
        )
        self._dollars = counter("dollars", "What was spent, as far as is known.", "token")
        self._estimated = counter("dollars_estimated", "The part of it that is estimated.")
        self._sessions: dict[str, SessionFacts] = {}

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
        self._passed.count(passed)

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
