import itertools

import numpy as np
import pytest

from console import pcm
from console.audio_format import AudioFormat, Encoder
from console.simulator.protocol import defaults
from console.simulator.protocol.input_audio import InputAudio
from console.simulator.protocol.input_buffer import MAX_HELD_MS
from console.simulator.protocol.intents import Convert, Detect, Listen
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.session_config import SessionConfig


def audio(length_ms, sample=b"\x01\x00"):
    return sample * pcm.ms_to_samples(length_ms)


class Talker:
    """Input audio with turn detection, and what came of it since one looked last."""

    def __init__(self):
        ids = itertools.count(1)
        self.config = SessionConfig("sess_1", "gpt-realtime-2.1", 1000)
        self.outbox = Outbox(lambda prefix: f"{prefix}{next(ids)}")
        self.input = InputAudio(self.config, self.outbox, lambda prefix: f"{prefix}{next(ids)}")

    def detect(self, **turn_detection):
        """Change the turn detection; without fields it is off."""
        before = self.config.turn_settings
        fields = {"audio": {"input": {"turn_detection": turn_detection or None}}}
        self.config.update({"type": "realtime", **fields}, has_spoken=False)
        self.input.settings_changed(before)

    def append(self, data):
        self.input.append(pcm.encode(data))

    def code(self, **audio_format):
        """Change the input format."""
        before = self.config.turn_settings
        fields = {"audio": {"input": {"format": audio_format}}}
        self.config.update({"type": "realtime", **fields}, has_spoken=False)
        self.input.settings_changed(before)

    def events(self):
        return [event["type"] for event in self.outbox.take().events]

    def intents(self):
        return self.outbox.take().intents


@pytest.fixture
def talker():
    return Talker()


def test_the_detector_starts_at_the_beginning_of_the_session(talker):
    talker.input.begin()

    assert talker.intents() == [Detect(0.5, 300, 500, position_ms=0)]


def test_the_detector_hears_what_is_appended(talker):
    talker.append(audio(100))
    talker.append(b"")

    assert talker.intents() == [Listen(audio(100))]
    assert talker.input.end_ms == 100


def test_without_turn_detection_no_detector_is_asked(talker):
    talker.detect()
    talker.append(audio(100))
    talker.input.clear()

    assert talker.intents() == []


def test_changed_settings_reach_a_running_detector_without_a_restart(talker):
    talker.append(audio(100))
    talker.intents()

    talker.detect(type="server_vad", threshold=0.8, silence_duration_ms=900)

    assert talker.intents() == [Detect(0.8, 300, 900, position_ms=None)]


def test_settings_that_stay_are_not_told_again(talker):
    talker.detect(type="server_vad", threshold=0.8)
    talker.intents()

    talker.detect(type="server_vad", threshold=0.8)

    assert talker.intents() == []


def test_detection_that_is_switched_on_starts_where_the_audio_is(talker):
    talker.detect()
    talker.append(audio(200))

    talker.detect(type="server_vad")

    assert talker.intents() == [Detect(0.5, 300, 500, position_ms=200)]


def test_speech_becomes_the_turn_between_its_two_ends(talker):
    talker.append(audio(100, b"\x00\x00") + audio(800) + audio(100, b"\x00\x00"))
    talker.input.speech_started(100)
    (started,) = talker.outbox.take().events

    turn = talker.input.speech_stopped(900)

    (stopped,) = talker.outbox.take().events
    assert (started["audio_start_ms"], stopped["audio_end_ms"]) == (100, 900)
    assert turn.item_id == started["item_id"] == stopped["item_id"]
    assert turn.audio == audio(800)


def test_a_turn_that_the_client_ends_is_all_that_is_held(talker):
    talker.detect()
    talker.append(audio(60))
    talker.append(audio(60))

    first = talker.input.take_turn()
    talker.append(audio(200))
    second = talker.input.take_turn()

    assert (first.audio, second.audio) == (audio(120), audio(200))
    assert first.item_id != second.item_id


def test_a_turn_that_is_taken_in_the_middle_of_speech_is_its_item(talker):
    talker.append(audio(1000))
    talker.input.speech_started(0)
    (started,) = talker.outbox.take().events

    turn = talker.input.take_turn()
    talker.input.forget_speech()

    assert turn.item_id == started["item_id"]
    assert talker.input.speech_stopped(900) is None
    assert talker.events() == []


def test_too_little_for_an_item_is_refused_and_stays(talker):
    talker.append(audio(60))

    with pytest.raises(
        Refusal, match=r"at least 100ms of audio, but buffer only has 60\.00ms"
    ) as no:
        talker.input.take_turn()

    talker.append(audio(60))
    assert no.value.code == "input_audio_buffer_commit_empty"
    assert talker.input.take_turn().audio == audio(120)


def test_clearing_forgets_the_speech_and_positions_go_on(talker):
    talker.append(audio(400))
    talker.input.speech_started(0)
    talker.outbox.take()

    talker.input.clear()

    outcome = talker.outbox.take()
    assert [event["type"] for event in outcome.events] == ["input_audio_buffer.cleared"]
    assert [intent.position_ms for intent in outcome.intents] == [400]
    assert talker.input.speech_stopped(900) is None


def test_switching_detection_off_forgets_the_speech(talker):
    talker.append(audio(1000))
    talker.input.speech_started(0)

    talker.detect()

    assert talker.input.speech_stopped(900) is None


def test_audio_beyond_what_is_kept_is_refused_and_the_rest_stays(talker):
    talker.detect()
    minute = audio(60_000)
    for _ in range(MAX_HELD_MS // 60_000):
        talker.append(minute)

    with pytest.raises(Refusal, match="Commit or clear it first") as refused:
        talker.append(audio(1))

    assert refused.value.param == "audio"
    assert len(talker.input.take_turn().audio) == MAX_HELD_MS * pcm.BYTES_PER_MS


def test_more_than_one_event_may_carry_is_refused(talker):
    for surplus in (1, 2, 300):
        with pytest.raises(Refusal, match="that one event may carry"):
            talker.append(bytes(defaults.MAX_AUDIO_BYTES + surplus))

    assert talker.intents() == []


@pytest.mark.parametrize("text", ["?", "AAA", "AAAA\n", "QQ==="])
def test_what_is_no_base64_is_refused(talker, text):
    with pytest.raises(Refusal, match="expected base64") as refused:
        talker.input.append(text)

    assert refused.value.param == "audio"
    assert talker.intents() == []


def test_half_a_sample_is_refused_and_the_rest_stays(talker):
    talker.append(audio(150))
    with pytest.raises(Refusal, match="3 bytes are no whole samples"):
        talker.append(bytes(3))

    assert talker.input.take_turn().audio == audio(150)


# ---------------------------------------------------------------- G.711


def test_phone_audio_is_heard_and_held_as_pcm_of_24_khz(talker):
    spoken = pcm.from_float(0.5 * np.sin(np.arange(24_000) * 2 * np.pi * 440 / 24_000))
    talker.code(type="audio/pcmu")
    talker.intents()
    wire = Encoder(AudioFormat.PCMU).encode(spoken, last=True)

    for at in range(0, len(wire), 160):
        talker.append(wire[at : at + 160])

    heard = b"".join(each.pcm for each in talker.intents())
    turn = talker.input.take_turn()
    assert len(turn.audio) == len(spoken)
    assert turn.audio.startswith(heard)
    difference = pcm.to_float(turn.audio)[600:-600] - pcm.to_float(spoken)[600:-600]
    assert np.abs(difference).max() < 0.03


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
def test_100_ms_of_phone_audio_are_enough_for_an_item_and_less_is_not(talker, kind):
    talker.detect()
    talker.code(type=kind)
    talker.append(bytes(799))
    with pytest.raises(Refusal, match=r"buffer only has 99\.88ms"):
        talker.input.take_turn()

    talker.append(bytes(1))
    assert len(talker.input.take_turn().audio) == 100 * pcm.BYTES_PER_MS


def test_phone_audio_of_an_odd_length_is_whole(talker):
    talker.code(type="audio/pcma")
    talker.append(bytes(1001))

    assert len(talker.input.take_turn().audio) == 3 * 1001 * 2


def test_positions_count_all_phone_audio_also_what_was_cleared(talker):
    talker.code(type="audio/pcmu")
    talker.append(bytes(4000))
    talker.intents()

    talker.input.clear()

    assert [each.position_ms for each in talker.intents()] == [500]
    assert talker.input.end_ms == 500


def test_a_change_of_format_keeps_what_came_before(talker):
    talker.detect()
    talker.append(audio(200))
    talker.code(type="audio/pcmu")
    talker.append(bytes(800))
    talker.code(type="audio/pcma")
    talker.append(bytes(800))
    talker.code(type="audio/pcm")
    talker.append(audio(100))

    taken = talker.input.take_turn().audio
    assert len(taken) == 500 * pcm.BYTES_PER_MS
    assert taken.startswith(audio(200))
    assert taken.endswith(audio(100))


def test_a_detector_hears_the_end_of_the_former_format(talker):
    talker.code(type="audio/pcmu")
    talker.append(bytes(800))
    talker.code(type="audio/pcm")

    heard = b"".join(each.pcm for each in talker.intents() if isinstance(each, Listen))
    assert len(heard) == 100 * pcm.BYTES_PER_MS


def test_too_much_phone_audio_is_refused_by_its_duration(talker):
    talker.detect()
    talker.code(type="audio/pcmu")

    with pytest.raises(Refusal, match="may hold 360000ms"):
        talker.append(bytes(8 * MAX_HELD_MS + 1))


# ---------------------------------------------------------------- silence, and slow speakers


def test_a_time_out_takes_the_silence(talker):
    talker.append(audio(300))
    talker.append(bytes(700 * pcm.BYTES_PER_MS))
    talker.intents()

    turn = talker.input.time_out(300)

    (event,) = talker.outbox.take().events
    assert event["type"] == "input_audio_buffer.timeout_triggered"
    assert (event["audio_start_ms"], event["audio_end_ms"]) == (300, 1000)
    assert event["item_id"] == turn.item_id
    assert turn.audio == bytes(700 * pcm.BYTES_PER_MS)


def test_semantic_detection_waits_longer_for_who_went_on_after_a_pause(talker):
    talker.detect(type="semantic_vad", eagerness="high")
    talker.intents()
    talker.input.speech_started(100)
    talker.input.speech_stopped(1500)
    assert talker.intents() == []

    talker.input.speech_started(1500)

    assert talker.intents() == [Detect(0.5, 300, 600, position_ms=None)]


def test_server_detection_waits_as_long_as_it_was_told(talker):
    talker.input.speech_started(100)
    talker.input.speech_stopped(1500)
    talker.input.speech_started(1500)

    assert talker.intents() == []


def test_silence_under_turn_detection_never_fills_the_buffer(talker):
    minute = bytes(60_000 * pcm.BYTES_PER_MS)

    for _ in range(MAX_HELD_MS // 60_000 + 2):
        talker.append(minute)

    assert len(talker.input.take_turn().audio) < 2 * len(minute)


def test_long_coded_audio_is_taken_in_pieces(talker):
    talker.detect()
    talker.code(type="audio/pcmu")
    data = Encoder(AudioFormat.PCMU).encode(audio(50_000), last=True)
    talker.append(data)

    for n_left in (1, 1, 0):
        assert [type(each) for each in talker.intents()] == [Convert] * n_left
        talker.input.convert()
    assert len(talker.input.take_turn().audio) == pytest.approx(50_000 * 48, abs=4)


def test_a_turn_that_ends_before_all_is_converted_has_all(talker):
    talker.detect()
    talker.code(type="audio/pcmu")
    talker.append(Encoder(AudioFormat.PCMU).encode(audio(50_000), last=True))

    assert len(talker.input.take_turn().audio) == pytest.approx(50_000 * 48, abs=4)
    talker.input.convert()
    assert talker.input.end_ms == 50_000


def test_what_is_not_converted_yet_counts_as_held(talker):
    talker.detect()
    talker.code(type="audio/pcmu")
    half = Encoder(AudioFormat.PCMU).encode(audio(MAX_HELD_MS // 2), last=True)
    talker.append(half)
    talker.append(half)

    with pytest.raises(Refusal, match="may hold"):
        talker.append(b"\xff" * 80)


def test_another_format_finds_all_of_the_one_before_converted(talker):
    talker.code(type="audio/pcmu")
    talker.append(Encoder(AudioFormat.PCMU).encode(audio(50_000), last=True))
    talker.code(type="audio/pcm", rate=24_000)

    heard = b"".join(each.pcm for each in talker.intents() if isinstance(each, Listen))
    assert len(heard) == pytest.approx(50_000 * 48, abs=4)
    assert talker.input.end_ms == 50_000
