"""The Python half of the second meter; its JavaScript is tested in tests/browser."""

from nicegui.testing.user_simulation import user_simulation

from console.ui.elements.sound_meter import SoundMeter


async def test_a_meter_knows_whose_sound_it_shows() -> None:
    async with user_simulation(root=lambda: SoundMeter("abc", "speaker")) as user:
        await user.open("/")
        (meter,) = user.find(SoundMeter).elements

    assert (meter.props["session"], meter.props["which"]) == ("abc", "speaker")
