from __future__ import annotations

import numpy as np
import pytest

from console.app.user_voice import UserVoice
from console.errors import ConfigurationError
from console.pcm import to_int16


async def test_typed_words_become_speech_and_the_voice_is_loaded_only_then():
    voice = UserVoice("espeak")
    await voice.close()

    speech = b"".join([chunk async for chunk in voice.speak("Hello there")])
    await voice.close()

    samples = to_int16(speech)
    assert 0.4 < samples.size / 24_000 < 3
    assert np.max(np.abs(samples)) > 2_000
    await voice.close()


async def test_a_synthesis_that_is_not_known_is_named():
    voice = UserVoice("nobody")

    with pytest.raises(ConfigurationError, match="--voices nobody"):
        await anext(voice.speak("Hello"))
