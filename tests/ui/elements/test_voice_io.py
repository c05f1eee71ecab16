"""The Python half of the voice element; its JavaScript is tested in tests/browser."""

from nicegui.testing.user_simulation import user_simulation

from console.app.view_model import SpeakerState
from console.ui.elements.voice_io import CHUNK_MS, VoiceIO


async def test_the_browser_is_told_what_to_join_and_its_sound_is_told_back() -> None:
    sounds: list[SpeakerState] = []

    def page() -> None:
        VoiceIO("abc", talk_selector="#talk", processing=False, on_sound=sounds.append)

    async with user_simulation(root=page) as user:
        await user.open("/")
        (voice,) = user.find(VoiceIO).elements
        user.find(VoiceIO).trigger("sound", {"state": "blocked"})

    assert voice.props["session"] == "abc"
    assert voice.props["talk-selector"] == "#talk"
    assert voice.props["connect-selector"] == "[data-rc-connect]"
    assert voice.props["processing"] is False
    assert 20 <= voice.props["chunk-ms"] == CHUNK_MS <= 40
    assert sounds == ["blocked"]
