from typing import get_args

from openai.types.realtime import AudioTranscription

from console.simulator.protocol import transcribers


def test_every_model_of_the_strict_types_is_known():
    options = get_args(get_args(AudioTranscription.model_fields["model"].annotation)[1])
    unknown = transcribers.of_model("my-deployment")

    assert options
    assert [each for each in options if transcribers.of_model(each) is unknown] == []


def test_a_name_that_is_not_known_takes_every_option():
    fields = set(AudioTranscription.model_fields) - {"model"}

    assert transcribers.of_model("my-deployment").options == fields


def test_the_oldest_model_does_not_stream_and_the_newest_finds_no_turns():
    assert transcribers.of_model("whisper-1").told == "whole"
    assert transcribers.of_model("gpt-4o-transcribe-diarize").told == "segments"
    assert not transcribers.of_model("gpt-realtime-whisper").finds_turns


def test_one_model_is_known_to_tell_words_while_they_are_spoken():
    options = get_args(get_args(AudioTranscription.model_fields["model"].annotation)[1])

    assert [each for each in options if transcribers.of_model(each).is_live] == [
        "gpt-realtime-whisper"
    ]
