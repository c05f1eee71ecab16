"""With a stand-in for the package: its models cannot be part of the tests."""

from __future__ import annotations

import pytest

from console.errors import ConfigurationError
from console.simulator.senses import Transcript
from console.simulator.speech.whisper_ears import MODEL_FILES, WhisperEars
from tests.simulator.fake_senses import silence, tone
from tests.simulator.stub_packages import use


@pytest.fixture
def model(tmp_path):
    for name in MODEL_FILES:
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
async def ears(model, monkeypatch):
    use(monkeypatch)
    made = WhisperEars(model)
    yield made
    await made.worker.close()


async def test_a_turn_is_decoded_in_a_process_of_its_own(ears):
    heard = await ears.transcribe(tone(1000))

    assert heard.text == "1.0 seconds, hint None."
    assert heard.confidence == pytest.approx(0.82, abs=0.01)
    assert ears.worker.process_id is not None


async def test_the_hint_is_given_to_the_model(ears):
    heard = await ears.transcribe(tone(1000), hint="Names: Ada, Grace")

    assert heard.text == "1.0 seconds, hint Names: Ada, Grace."


async def test_silence_is_not_given_to_the_model_which_would_invent_words(ears):
    assert await ears.transcribe(silence(1000)) == Transcript("", 0.0)


async def test_there_is_no_second_way_to_decode(ears):
    assert await ears.transcribe(tone(1000), retry=True) == Transcript("", 0.0)


async def test_half_a_sample_is_refused(ears):
    with pytest.raises(ValueError, match="sample"):
        await ears.transcribe(b"abc")


def test_without_the_package_it_says_how_to_get_it(model):
    with pytest.raises(ConfigurationError, match=r"pip install .*\[ears\]"):
        WhisperEars(model)


@pytest.mark.parametrize("name", MODEL_FILES)
def test_a_folder_that_is_not_whole_is_named_with_what_is_missing(model, monkeypatch, name):
    use(monkeypatch)
    (model / name).unlink()

    with pytest.raises(ConfigurationError, match=rf"{name} is not in that folder"):
        WhisperEars(model)


async def test_speech_that_goes_on_is_drafted_when_the_model_has_nothing_else_to_do(ears):
    assert await ears.draft(tone(1000)) is None

    await ears.transcribe(tone(1000))

    draft = await ears.draft(tone(1000))
    assert draft is not None
    assert draft.text == "1.0 seconds, hint None."
