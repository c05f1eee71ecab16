"""The Python half of the second meter; its JavaScript is tested in tests/browser."""

from console.ui.elements.sound_meter import SoundMeter
from tests.ui.simulated_user import user_simulation


async def test_a_meter_knows_whose_sound_it_shows() -> None:
    async with user_simulation(root=lambda: SoundMeter("abc", "speaker")) as user:
        await user.open("/")
        (meter,) = user.find(SoundMeter).elements

    assert (meter.props["session"], meter.props["which"]) == ("abc", "speaker")
