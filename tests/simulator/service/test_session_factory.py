import itertools
import json
from datetime import UTC, datetime

import pytest

from console.simulator.protocol.refusals import Refusal
from console.simulator.service.handshake import Admission
from console.simulator.service.secrets import ClientSecret
from console.simulator.service.session_factory import SessionFactory, settled


@pytest.fixture
def factory():
    numbers = itertools.count()
    return SessionFactory(
        lambda prefix: f"{prefix}{next(numbers)}", lambda: datetime(2026, 1, 1, tzinfo=UTC)
    )


def begun(session):
    return [event["type"] for event in session.open().events]


def test_each_kind_of_connection_gets_its_session(factory):
    today = factory.admitted(Admission("realtime", "m"))
    beta = factory.admitted(Admission("realtime", "m", is_beta=True))
    call = factory.call("m")

    assert begun(today) == ["session.created"]
    assert begun(beta) == ["session.created", "conversation.created"]
    assert begun(call) == []


def test_a_transcription_session_shows_itself_as_one(factory):
    session = factory.admitted(Admission("transcription", "m"))

    assert session.open().events[0]["session"]["type"] == "transcription"


def test_settings_are_shown_as_their_client_would_see_them(factory):
    today = factory.shown("realtime", "m", {"type": "realtime", "instructions": "Hi."})
    beta = factory.shown("realtime", "m", {"instructions": "Hi."}, is_beta=True)

    assert (today["instructions"], today["output_modalities"]) == ("Hi.", ["audio"])
    assert (beta["instructions"], beta["modalities"]) == ("Hi.", ["text", "audio"])


@pytest.mark.parametrize("is_beta", [False, True])
def test_settings_that_make_no_sense_are_refused_by_their_path(factory, is_beta):
    with pytest.raises(Refusal) as caught:
        factory.shown("realtime", "m", {"type": "realtime", "nonsense": 1}, is_beta=is_beta)

    assert caught.value.param in {"session.nonsense", "session.type"}


def secret(session, *, kind="realtime", is_beta=False):
    return ClientSecret("ek_1", 2000, kind, "m", session, is_beta)


@pytest.mark.parametrize(
    ("of_secret", "of_connection", "path"),
    [
        (False, False, ("audio", "output", "voice")),
        (True, True, ("voice",)),
        (False, True, ("voice",)),
        (True, False, ("audio", "output", "voice")),
    ],
)
def test_a_secret_speaks_the_dialect_of_its_connection(of_secret, of_connection, path):
    todays = {"type": "realtime", "audio": {"output": {"voice": "echo"}}}
    session = {"voice": "echo"} if of_secret else todays
    admission = Admission(
        "realtime", "m", is_beta=of_connection, secret=secret(session, is_beta=of_secret)
    )

    event = json.loads(settled(admission) or "")

    assert event["type"] == "session.update"
    value = event["session"]
    for name in path:
        value = value[name]
    assert value == "echo"


def test_a_transcription_of_the_beta_has_an_event_of_its_own():
    made = secret({}, kind="transcription", is_beta=True)

    message = settled(Admission("transcription", "m", is_beta=True, secret=made))
    event = json.loads(message or "")

    assert event["type"] == "transcription_session.update"


def test_without_a_secret_nothing_is_settled():
    assert settled(Admission("realtime", "m")) is None
