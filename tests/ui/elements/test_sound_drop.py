from nicegui.events import GenericEventArguments

from console.audio.sound_file import MAX_FILE_BYTES
from console.ui.elements.sound_drop import MAX_SENTENCE_CHARS, SoundDrop
from tests.ui.simulated_user import user_simulation


async def test_the_element_knows_its_session_and_limit_and_passes_refusals_on() -> None:
    drops: list[SoundDrop] = []
    refused: list[str] = []

    async def note(sentence: str) -> None:
        refused.append(sentence)

    def build() -> None:
        drops.append(SoundDrop("right", on_refused=note))

    async with user_simulation(root=build) as user:
        await user.open("/")
        (drop,) = drops
        for told in ({"sentence": "Too large."}, {"sentence": "x" * 9000}, {"sentence": 3}, None):
            await drop._refused(GenericEventArguments(sender=drop, client=drop.client, args=told))

        assert drop.props["session"] == "right"
        assert drop.props["max-bytes"] == MAX_FILE_BYTES
        assert refused == ["Too large.", "x" * MAX_SENTENCE_CHARS]
