"""The user's turns, as a conversation sees them."""

from __future__ import annotations

from console.realtime.events import Event
from tests.realtime.talk import SOUND, Talk, kinds


def test_with_transcription_a_spoken_item_waits_for_its_transcript_until_it_comes():
    talk = Talk().begin(transcription={"model": "m"})
    talk.conversation.speech.append(SOUND)
    talk.event("input_audio_buffer.committed", item_id="u")
    talk.added("u", content=[{"type": "input_audio", "transcript": None}])
    assert talk.item("u").content[0].transcription == "pending"

    updates = talk.heard("Hello")

    assert kinds(updates) == ["updated"]
    assert talk.item("u").content[0].transcription == "completed"
    assert talk.item("u").audio == SOUND


def test_without_transcription_nobody_waits_for_a_transcript():
    talk = Talk().begin(transcription=None)
    talk.event("input_audio_buffer.committed", item_id="u")

    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    assert talk.item("u").content[0].transcription == "none"


def test_an_item_that_came_before_its_commit_gets_its_audio_too():
    talk = Talk().begin(transcription={"model": "m"})
    talk.conversation.speech.append(SOUND)
    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    updates = talk.event("input_audio_buffer.committed", item_id="u")

    assert kinds(updates) == ["updated"]
    assert talk.item("u").audio == SOUND
    assert talk.item("u").content[0].transcription == "pending"


def test_an_idle_timeout_cuts_the_audio_that_it_names():
    talk = Talk().begin(turn_detection={"type": "server_vad"})
    talk.conversation.speech.append(SOUND)
    talk.event(
        "input_audio_buffer.timeout_triggered", item_id="u", audio_start_ms=100, audio_end_ms=200
    )
    talk.event("input_audio_buffer.committed", item_id="u")

    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    assert talk.item("u").audio == SOUND[4_800:9_600]


def test_a_commit_that_was_refused_leaves_its_audio_to_the_next():
    talk = Talk().begin()
    talk.conversation.speech.append(SOUND)
    talk.conversation.sent(Event("input_audio_buffer.commit"))
    talk.event("error", error={"code": "input_audio_buffer_commit_empty"})
    talk.conversation.speech.append(SOUND)
    talk.conversation.sent(Event("input_audio_buffer.commit"))
    talk.event("input_audio_buffer.committed", item_id="u")

    talk.added("u", content=[{"type": "input_audio"}])

    assert talk.item("u").audio == SOUND + SOUND


def test_a_commit_that_was_refused_by_name_leaves_its_audio_to_the_next():
    talk = Talk().begin()
    talk.conversation.speech.append(SOUND)
    talk.conversation.sent(Event("input_audio_buffer.commit", "commit_1"))
    talk.event("error", error={"code": "too_short", "event_id": "other_1"})
    talk.event("error", error={"code": "too_short", "event_id": "commit_1"})
    talk.conversation.sent(Event("input_audio_buffer.commit", "commit_2"))
    talk.event("input_audio_buffer.committed", item_id="u")
    talk.event("error", error={"code": "late", "event_id": "commit_2"})

    talk.added("u", content=[{"type": "input_audio"}])

    assert talk.item("u").audio == SOUND


def test_a_refusal_of_a_commit_that_was_not_sent_changes_nothing():
    talk = Talk().begin()
    talk.conversation.speech.append(SOUND)

    talk.event("error", error={"code": "input_audio_buffer_commit_empty"})

    assert talk.conversation.speech.pending_ms == 400


def test_a_commit_that_is_told_twice_gives_its_audio_once():
    talk = Talk().begin()
    talk.conversation.speech.append(SOUND)
    talk.event("input_audio_buffer.committed", item_id="u")
    talk.conversation.speech.append(SOUND)

    assert talk.event("input_audio_buffer.committed", item_id="u") == ()

    talk.added("u", content=[{"type": "input_audio"}])
    assert talk.item("u").audio == SOUND


def test_input_that_we_cleared_is_in_no_item():
    talk = Talk().begin()
    talk.conversation.speech.append(SOUND)
    talk.conversation.sent(Event("input_audio_buffer.clear"))
    talk.event("input_audio_buffer.cleared")
    talk.event("input_audio_buffer.committed", item_id="u")

    talk.added("u", content=[{"type": "input_audio"}])

    assert talk.item("u").audio == b""


def test_a_clip_is_cut_from_the_sessions_own_beginning_after_a_reconnect():
    talk = Talk().begin(turn_detection={"type": "server_vad"})
    talk.conversation.speech.append(b"\x01\x00" * 24_000)
    talk.conversation.clear()
    talk.conversation.speech.append(b"\x02\x00" * 24_000)

    talk.event("input_audio_buffer.speech_started", item_id="u", audio_start_ms=100)
    talk.event("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=300)
    talk.event("input_audio_buffer.committed", item_id="u")
    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    assert talk.item("u").audio == b"\x02\x00" * 4_800


def test_the_input_of_an_earlier_session_is_in_no_later_item():
    talk = Talk().begin(turn_detection={"type": "server_vad"})
    talk.conversation.speech.append(b"\x01\x00" * 24_000)
    talk.conversation.clear()

    talk.conversation.speech.append(b"\x02\x00" * 2_400)
    talk.conversation.sent(Event("input_audio_buffer.commit"))
    talk.event("input_audio_buffer.committed", item_id="u")
    talk.added("u", content=[{"type": "input_audio", "transcript": None}])

    assert talk.item("u").audio == b"\x02\x00" * 2_400


def test_in_a_session_that_transcribes_speech_interrupts_nobody():
    talk = Talk().answers()
    detection = {"turn_detection": {"type": "server_vad"}}
    talk.event("session.updated", session={"type": "transcription", "audio": {"input": detection}})

    talk.event("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)

    assert talk.conversation.active_response is not None


def test_a_response_that_the_server_is_interrupting_is_active_no_more_but_unfinished():
    talk = Talk().begin(turn_detection={"type": "server_vad"}).answers()

    talk.event("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)

    assert talk.conversation.active_response is None
    assert talk.conversation.unfinished_response is not None


def test_a_response_stays_active_where_the_server_does_not_interrupt():
    talk = Talk()
    talk.begin(turn_detection={"type": "server_vad", "interrupt_response": False}).answers()

    talk.event("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)

    assert talk.conversation.active_response is not None
