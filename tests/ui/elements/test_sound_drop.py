from console.audio.sound_file import MAX_FILE_BYTES
from console.ui.elements.sound_drop import SoundDrop
from tests.fakes import settle
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def test_the_element_takes_files_up_to_the_limit_of_sound_and_passes_refusals_on() -> None:
    drops: list[SoundDrop] = []
    refused: list[str] = []

    async def note(sentence: str) -> None:
        refused.append(sentence)

    async with user_simulation(
        root=lambda: drops.append(SoundDrop("right", on_refused=note))
    ) as user:
        await user.open("/")
        (drop,) = drops
        tell(drop, "refused", {"sentence": "Drop one file at a time."})
        await settle()

        assert drop.props["session"] == "right"
        assert drop.props["max-bytes"] == MAX_FILE_BYTES
        assert refused == ["Drop one file at a time."]
