import base64

import pytest

from console.app.event_shelf import Entry
from console.app.event_sound import EventSound
from console.realtime.events import Event
from tests.app.log_rig import audio, words


def told(kind):
    formats = {side: {"format": {"type": kind}} for side in ("input", "output")}
    return Event("session.updated", None, {"session": {"audio": formats}})


def test_the_sound_of_events_is_as_long_as_it_is_said_to_be():
    sound = EventSound()
    entries = [Entry(n * 10.0, "server", audio(ms=100), 1) for n in range(3)]

    assert sound.duration_ms("server", audio(ms=100)) == 100
    assert sound.duration_ms("server", words("a")) == 0
    assert len(sound.pcm_of(entries)) == 3 * 4_800


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
def test_the_sound_of_a_telephone_is_of_its_own_length(kind):
    sound = EventSound()
    event = Event(
        "response.output_audio.delta", None, {"delta": base64.b64encode(bytes(800)).decode()}
    )
    assert sound.duration_ms("server", event) == pytest.approx(16.67, abs=0.01)

    sound.take("client", told(kind))
    assert sound.duration_ms("server", event) == pytest.approx(16.67, abs=0.01)
    sound.take("server", told(kind))

    assert sound.duration_ms("server", event) == 100
    assert len(sound.pcm_of([Entry(0.0, "server", event, 1)])) == pytest.approx(4_800, abs=4)


@pytest.mark.parametrize("delta", ["no base64", "AAA", 5, None, "(900 characters were dropped)"])
def test_what_is_no_sound_is_silent(delta):
    event = Event("response.output_audio.delta", None, {"delta": delta})

    assert EventSound().pcm_of([Entry(0.0, "server", event, 1)]) == b""
