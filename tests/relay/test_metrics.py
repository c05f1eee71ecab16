import pytest
from prometheus_client.parser import text_string_to_metric_families

from console.realtime.prices import Cost
from console.realtime.usage import TokenUsage, TranscriptionUsage
from console.relay.metrics import MAX_TYPES, Metrics
from console.relay.observer import Spending
from tests.relay.facts import FACTS, facts, passed


@pytest.fixture
def metrics():
    metrics = Metrics()
    metrics.session_opened(FACTS)
    return metrics


def samples(metrics, **options):
    text = metrics.exposition(**({"is_draining": False} | options)).decode()
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_sessions_are_counted_while_they_go_on_and_by_how_they_end(metrics):
    metrics.session_opened(facts("s2", dialect="beta"))
    before = samples(metrics)
    metrics.session_closed("s2", 1008, "policy", "relay")
    after = samples(metrics)

    assert before["relay_sessions", "beta"] == 1
    assert after["relay_sessions", "beta"] == 0
    assert after["relay_sessions", "ga"] == 1
    assert after["relay_sessions_ended_total", "1008", "relay"] == 1


def test_events_bytes_and_the_time_that_was_added_are_counted_by_direction(metrics):
    metrics.event_passed(passed("up", {"type": "response.create"}, 26, 10.0, 10.0004))
    metrics.event_passed(passed("down", {"type": "response.done"}, 300, 10.0, 10.2))
    found = samples(metrics)

    assert found["relay_events_total", "response.create", "up"] == 1
    assert not any(name.endswith("_created") for name, *_ in found)
    assert found["relay_event_bytes_total", "down"] == 300
    assert found["relay_added_latency_seconds_count", "down"] == 1
    assert found["relay_added_latency_seconds_sum", "down"] == pytest.approx(0.2)
    assert found["relay_added_latency_seconds_bucket", "0.0005", "up"] == 1
    assert found["relay_added_latency_seconds_bucket", "0.00025", "up"] == 0


def test_what_is_refused_dropped_or_turned_away_is_counted(metrics):
    metrics.event_refused(FACTS.id, {"type": "session.update"}, "relay_event_not_allowed")
    metrics.audio_dropped(FACTS.id, "up", 3, 9000)
    metrics.client_turned_away("invalid_api_key")
    metrics.connection_refused()
    found = samples(metrics)

    assert found["relay_connections_refused_total",] == 1
    assert found["relay_events_refused_total", "relay_event_not_allowed"] == 1
    assert found["relay_dropped_events_total", "up"] == 3
    assert found["relay_dropped_bytes_total", "up"] == 9000
    assert found["relay_turned_away_total", "invalid_api_key"] == 1


def test_tokens_and_dollars_are_counted(metrics):
    tokens = TokenUsage(input_text=5, cached_text=2, output_audio=7)
    metrics.session_spent(FACTS.id, Spending(Cost(0.5), tokens=tokens))
    transcript = TranscriptionUsage(input_audio=11, output=4)
    metrics.session_spent(FACTS.id, Spending(Cost(0.25, True), transcript=transcript))
    found = samples(metrics)

    assert found["relay_tokens_total", "input", "text"] == 5
    assert found["relay_tokens_total", "cached", "text"] == 2
    assert found["relay_tokens_total", "audio", "output"] == 7
    assert found["relay_tokens_total", "audio", "transcription input"] == 11
    assert found["relay_dollars_total", "shop"] == 0.75
    assert found["relay_dollars_estimated_total",] == 0.25


def test_a_service_that_makes_up_types_does_not_fill_the_memory(metrics):
    for n in range(MAX_TYPES * 3):
        metrics.event_passed(passed("down", {"type": f"made.up.{n}"}, 1))
    found = samples(metrics)

    names = [key for key in found if key[0] == "relay_events_total"]
    assert len(names) == MAX_TYPES + 1
    assert found["relay_events_total", "down", "other"] == MAX_TYPES * 2


def test_a_relay_that_ends_says_so(metrics):
    assert samples(metrics, is_draining=True)["relay_draining",] == 1


def test_nothing_of_a_session_is_told_but_the_name_of_its_token(metrics):
    metrics.event_passed(passed("up", {"type": "x", "text": "a secret"}, 1))
    text = metrics.exposition(is_draining=False).decode()

    assert not any(each in text for each in (FACTS.id, FACTS.address, FACTS.agent, "a secret"))
