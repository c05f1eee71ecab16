"""The Python half of the voice element; its JavaScript is tested in tests/browser."""

from console.app.sound_settings import Device, Microphone, SoundSettings
from console.app.view_model import SpeakerState
from console.ui.elements.voice_io import BrowserDevices, VoiceIO
from tests.ui.simulated_user import user_simulation

CHOSEN = SoundSettings(Microphone(chunk_ms=20))


async def test_the_browser_is_told_what_to_join_and_its_sound_is_told_back() -> None:
    sounds: list[SpeakerState] = []

    def page() -> None:
        VoiceIO("abc", talk_selector="#talk", settings=CHOSEN, on_sound=sounds.append)

    async with user_simulation(root=page) as user:
        await user.open("/")
        (voice,) = user.find(VoiceIO).elements
        user.find(VoiceIO).trigger("sound", {"state": "blocked"})

    assert voice.props["session"] == "abc"
    assert voice.props["talk-selector"] == "#talk"
    assert voice.props["connect-selector"] == "[data-rc-connect]"
    assert voice.props["sound"]["microphone"]["chunk_ms"] == 20
    assert voice.props["sound"]["speaker"]["volume"] == 1.0
    assert sounds == ["blocked"]


async def test_what_is_chosen_later_reaches_the_browser() -> None:
    async with user_simulation(root=lambda: VoiceIO("abc")) as user:
        await user.open("/")
        (voice,) = user.find(VoiceIO).elements
        assert voice.props["sound"]["microphone"]["chunk_ms"] == 30

        voice.apply(CHOSEN)

        assert voice.props["sound"]["microphone"]["chunk_ms"] == 20


async def test_the_devices_of_the_browser_are_told_within_bounds() -> None:
    told: list[BrowserDevices] = []
    desk = {"id": "a1", "label": "Desk"}
    async with user_simulation(root=lambda: VoiceIO("abc", on_devices=told.append)) as user:
        await user.open("/")
        remarks = ["x" * 1000] * 50
        lists = {"inputs": [desk], "outputs": "odd", "canChooseOutput": True, "remarks": remarks}
        user.find(VoiceIO).trigger("devices", lists)

    (devices,) = told
    assert devices.inputs == (Device("a1", "Desk"),)
    assert devices.outputs == ()
    assert devices.can_choose_output
    assert [len(each) for each in devices.remarks] == [300] * 10


async def test_the_screen_stays_on_as_long_as_it_is_wanted() -> None:
    async with user_simulation(root=lambda: VoiceIO("abc")) as user:
        await user.open("/")
        (voice,) = user.find(VoiceIO).elements
        assert not voice.props.get("awake", False)

        voice.keep_awake(True)
        assert voice.props["awake"] is True
        voice.keep_awake(False)
        assert voice.props["awake"] is False
