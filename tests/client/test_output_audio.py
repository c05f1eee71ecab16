"""The model's audio on its way in."""

from collections.abc import Iterable

import pytest

from console import pcm
from console.audio_format import AudioFormat, Encoder
from console.client.output_audio import MAX_STREAMS, OutputAudio
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from tests.simulator.fake_senses import tone

SECOND = tone(1000)
PCM = {"type": "audio/pcm", "rate": 24_000}
PCMU = {"type": "audio/pcmu"}


def session(output=PCMU, input_=PCM) -> Event:
    audio = {"input": {"format": input_}, "output": {"format": output}}
    return Event("session.updated", "e", {"session": {"audio": audio}})


def begun(audio_format=None, response_id="r") -> Event:
    audio = {"output": {"format": audio_format}} if audio_format else {}
    return Event("response.created", "e", {"response": {"id": response_id, "audio": audio}})


def delta(data: bytes, item="i", response_id="r") -> Event:
    fields = {"response_id": response_id, "item_id": item, "output_index": 0, "content_index": 0}
    return Event("response.output_audio.delta", "e", {**fields, "delta": pcm.encode(data)})


def part_done(item="i", response_id="r") -> Event:
    fields = {"response_id": response_id, "item_id": item, "content_index": 0}
    return Event("response.output_audio.done", "e", fields)


def done(response_id="r") -> Event:
    return Event("response.done", "e", {"response": {"id": response_id}})


def deltas(wire: bytes, **options) -> list[Event]:
    return [delta(wire[at : at + 160], **options) for at in range(0, len(wire), 160)]


def coded(pcm24k: bytes, audio_format=AudioFormat.PCMU) -> bytes:
    return Encoder(audio_format).encode(pcm24k, last=True)


def sound(events: Iterable[Event], item="i") -> bytes:
    return b"".join(
        pcm.decode(event.fields["delta"])
        for event in events
        if event.type == "response.output_audio.delta" and event.fields["item_id"] == item
    )


def run(audio: OutputAudio, events: Iterable[Event]) -> list[Event]:
    return [each for event in events for each in audio.in_pcm(event)]


def test_pcm_passes_untouched():
    audio, event = OutputAudio(), delta(SECOND)
    run(audio, [session(PCM), begun(PCM)])

    assert audio.in_pcm(event) == (event,)
    assert audio.in_pcm(event)[0] is event


def test_what_the_session_codes_is_decoded_to_the_end():
    audio = OutputAudio()

    came = run(audio, [session(), begun(), *deltas(coded(SECOND)), part_done()])

    heard = sound(came)
    assert len(heard) == len(SECOND)
    assert pcm.rms_dbfs(heard) == pytest.approx(pcm.rms_dbfs(SECOND), abs=0.3)
    assert came[-1] == part_done()
    assert came[-2].type == "response.output_audio.delta"


def test_the_event_itself_stays_as_it_came():
    audio, event = OutputAudio(), delta(coded(SECOND))
    before = event.as_dict()

    run(audio, [session(), begun(), event])

    assert event.as_dict() == before


def test_a_response_may_have_another_format_than_its_session():
    audio = OutputAudio()
    alaw = coded(SECOND, AudioFormat.PCMA)

    came = run(
        audio,
        [
            session(PCM),
            begun({"type": "audio/pcma"}, "a"),
            begun(PCM, "p"),
            *deltas(alaw, item="of_a", response_id="a"),
            delta(SECOND, item="of_p", response_id="p"),
            done("p"),
            part_done("of_a", "a"),
            done("a"),
        ],
    )

    assert len(sound(came, "of_a")) == len(SECOND)
    assert sound(came, "of_p") == SECOND


def test_after_the_last_coded_response_pcm_passes_untouched_again():
    audio = OutputAudio()
    run(audio, [session(PCM), begun(PCMU), done()])

    event = delta(SECOND)

    assert audio.in_pcm(event)[0] is event


def test_items_that_overlap_are_streams_of_their_own():
    audio = OutputAudio()
    wire = coded(SECOND)
    mixed = [
        each
        for pair in zip(deltas(wire, item="a"), deltas(wire, item="b"), strict=True)
        for each in pair
    ]

    came = run(audio, [session(), begun(), *mixed, part_done("a"), part_done("b")])

    assert sound(came, "a") == sound(came, "b")
    assert len(sound(came, "a")) == len(SECOND)


def test_a_missing_closer_loses_nothing():
    audio = OutputAudio()

    came = run(audio, [session(), begun(), *deltas(coded(SECOND)), done()])

    assert len(sound(came)) == len(SECOND)
    assert [event.type for event in came[-2:]] == ["response.output_audio.delta", "response.done"]


def test_the_conversation_gets_pcm_and_its_milliseconds():
    audio, conversation = OutputAudio(), Conversation()

    for event in run(audio, [session(), begun(), *deltas(coded(SECOND)), part_done(), done()]):
        conversation.receive(event)

    item = conversation.find("i")
    assert item is not None
    assert item.audio_ms == 1000


@pytest.mark.parametrize("junk", [{}, {"delta": None}, {"delta": "§"}])
def test_a_delta_without_audio_passes_as_it_is(junk):
    audio = OutputAudio()
    run(audio, [session()])
    event = Event("response.output_audio.delta", "e", {"item_id": "i", **junk})

    assert audio.in_pcm(event) == (event,)


def test_an_item_that_was_retrieved_is_decoded_as_the_session_has_each_side():
    audio = OutputAudio()
    run(audio, [session(output=PCMU, input_={"type": "audio/pcma"})])
    content = [
        {"type": "input_audio", "audio": pcm.encode(coded(SECOND, AudioFormat.PCMA))},
        {"type": "output_audio", "audio": pcm.encode(coded(SECOND))},
        {"type": "output_audio", "audio": "§"},
        {"type": "input_text", "text": "Hi"},
    ]

    (event,) = audio.in_pcm(
        Event("conversation.item.retrieved", "e", {"item": {"id": "i", "content": content}})
    )

    parts = event.fields["item"]["content"]
    assert [len(pcm.decode(part["audio"])) for part in parts[:2]] == [len(SECOND)] * 2
    assert parts[2:] == content[2:]
    assert event.fields["item"]["id"] == "i"


def test_a_new_session_begins_with_pcm():
    audio, event = OutputAudio(), delta(SECOND)
    run(audio, [session(), begun(), delta(coded(SECOND))])

    audio.reset()

    assert audio.in_pcm(event)[0] is event


def test_what_never_ends_is_forgotten_in_the_end():
    audio = OutputAudio()
    wire = coded(SECOND)[:80]
    run(audio, [session()])

    run(audio, [begun(PCMU, f"r{n}") for n in range(MAX_STREAMS + 1)])
    run(audio, [delta(wire, item=f"i{n}") for n in range(MAX_STREAMS + 1)])

    assert audio.in_pcm(part_done("i0")) == (part_done("i0"),)
    assert len(audio.in_pcm(part_done("i1"))) == 2
