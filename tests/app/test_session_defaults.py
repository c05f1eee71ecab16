from typing import Any

import pydantic
from openai.types.realtime import RealtimeSessionCreateRequest

from console.app.session_defaults import initial_session, turn_detection
from console.app.view_model import Target

TARGET = Target("simulator", "gpt-realtime-2.1", "cedar", "", True)


def test_the_session_that_we_ask_for_fits_the_services_types():
    adapter = pydantic.TypeAdapter(RealtimeSessionCreateRequest)

    for mode in ("manual", "vad"):
        asked: Any = adapter.validate_python({"type": "realtime", **initial_session(TARGET, mode)})
        assert asked.audio.output.voice == "cedar"
        assert (asked.audio.input.turn_detection is None) == (mode == "manual")


def test_in_manual_mode_the_user_ends_a_turn():
    assert turn_detection("manual") is None
    detection = turn_detection("vad")
    assert detection is not None
    assert detection["type"] == "server_vad"
    assert detection["interrupt_response"]


def test_a_transcription_session_asks_for_nothing_about_answers():
    session = initial_session(TARGET, "vad", "transcription")

    assert session.keys() == {"audio"}
    assert session["audio"].keys() == {"input"}
    assert "create_response" not in session["audio"]["input"]["turn_detection"]
