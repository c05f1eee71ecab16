from __future__ import annotations

import pytest

from console import wav
from console.app.microphone_choice import AFTER_MS, BEFORE_MS
from console.app.shared_sources import SharedSources
from console.errors import ConfigurationError
from console.settings import Settings


def settings(microphone: str) -> Settings:
    return Settings(_env_file=None, microphone=microphone)


@pytest.mark.parametrize("kind", ["device", "tone", "noise", "silence", "text"])
async def test_a_session_begins_with_the_microphone_that_was_named(kind):
    shared = SharedSources(settings(kind))

    assert shared.microphone.kind == kind
    assert shared.file is None
    await shared.close()


async def test_anything_else_is_the_path_of_a_file(tmp_path):
    path = tmp_path / "question.wav"
    path.write_bytes(wav.pack(bytes(4800)))

    shared = SharedSources(settings(str(path)))

    assert shared.microphone.kind == "file"
    assert shared.file_name == "question.wav"
    assert shared.file is not None
    assert shared.file.n_samples == 2400 + 24 * (BEFORE_MS + AFTER_MS)
    await shared.close()
    assert shared.file.is_over(0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, r"none of device, tone, noise, silence, text, .* cannot be opened: No such file"),
        (b"letter", "cannot be the microphone: it is no sound file"),
    ],
)
def test_a_file_that_cannot_be_the_microphone_is_a_setting_that_cannot_be_used(
    tmp_path, content, sentence
):
    path = tmp_path / "question.wav"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=sentence):
        SharedSources(settings(str(path)))
