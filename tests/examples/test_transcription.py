"""What a file says."""

from console import wav
from console.examples import transcription
from tests.examples.serving import run
from tests.simulator.fake_senses import FakeSenses, tone


async def test_the_words_are_printed_as_they_come_and_at_the_end(tmp_path, capsys):
    speech = tmp_path / "speech.wav"
    speech.write_bytes(wav.pack(tone(500)))
    senses = FakeSenses()
    senses.ears.says = ["hello there"]

    status = await run(transcription.main, str(speech), senses=senses)

    said = capsys.readouterr()
    assert (status, said.err) == (0, "")
    assert said.out == "hello there\nAll of it: hello there\n"


async def test_speech_without_words_says_so(tmp_path, capsys):
    speech = tmp_path / "speech.wav"
    speech.write_bytes(wav.pack(tone(500)))
    senses = FakeSenses()
    senses.ears.says = [""]

    status = await run(transcription.main, str(speech), senses=senses)

    assert status == 0
    assert "All of it: (nobody could make out any words)" in capsys.readouterr().out


async def test_speech_that_nobody_understands_is_one_sentence(tmp_path, capsys):
    speech = tmp_path / "speech.wav"
    speech.write_bytes(wav.pack(tone(500)))
    senses = FakeSenses()
    senses.ears.says = [RuntimeError("deaf")]

    status = await run(transcription.main, str(speech), senses=senses)

    assert status == 1
    told = capsys.readouterr().err
    assert told.startswith("It could not be transcribed: ")
    assert not told.endswith("..\n")
