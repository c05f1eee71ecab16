from nicegui.events import GenericEventArguments

from console.app.view_model import Picture
from console.client.images import MAX_IMAGE_BYTES
from console.ui.elements.picture_box import MAX_SENTENCE_CHARS, PictureBox
from tests.ui.simulated_user import user_simulation


async def test_the_element_shows_what_is_attached_and_passes_refusals_on() -> None:
    boxes: list[PictureBox] = []
    refused: list[str] = []

    async def note(sentence: str) -> None:
        refused.append(sentence)

    async def removed() -> None:
        refused.append("removed")

    def build() -> None:
        boxes.append(PictureBox("right", on_refused=note, on_removed=removed))

    async with user_simulation(root=build) as user:
        await user.open("/")
        (box,) = boxes
        box.show(Picture("cat.png", 3))
        assert (box.props["name"], box.props["number"]) == ("cat.png", 3)
        box.show(None)
        for told in ({"sentence": "Too large."}, {"sentence": "x" * 9000}, {"sentence": 3}, None):
            await box._refused(GenericEventArguments(sender=box, client=box.client, args=told))

        assert (box.props["name"], box.props["number"]) == ("", 0)
        assert (box.props["session"], box.props["max-bytes"]) == ("right", MAX_IMAGE_BYTES)
        assert refused == ["Too large.", "x" * MAX_SENTENCE_CHARS]
