from console.app.view_model import Picture
from console.client.images import MAX_IMAGE_BYTES
from console.ui.elements.picture_box import PictureBox
from tests.fakes import settle
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def test_the_element_shows_what_is_attached_until_it_shall_not_be() -> None:
    boxes: list[PictureBox] = []
    removed: list[str] = []

    async def nothing_refused(sentence: str) -> None:
        raise AssertionError(sentence)

    async def note() -> None:
        removed.append("removed")

    def build() -> None:
        boxes.append(PictureBox("right", on_refused=nothing_refused, on_removed=note))

    async with user_simulation(root=build) as user:
        await user.open("/")
        (box,) = boxes
        box.show(Picture("cat.png", 3))
        assert (box.props["name"], box.props["number"]) == ("cat.png", 3)
        box.show(None)
        tell(box, "removed", {})
        await settle()

        assert (box.props["name"], box.props["number"]) == ("", 0)
        assert (box.props["session"], box.props["max-bytes"]) == ("right", MAX_IMAGE_BYTES)
        assert removed == ["removed"]
