from nicegui.events import GenericEventArguments

from console.ui.elements.file_upload import MAX_SENTENCE_CHARS, FileUpload
from tests.ui.simulated_user import user_simulation


async def test_the_element_knows_its_session_and_limit_and_passes_refusals_on() -> None:
    made: list[FileUpload] = []
    refused: list[str] = []

    async def note(sentence: str) -> None:
        refused.append(sentence)

    def build() -> None:
        made.append(FileUpload("right", max_bytes=7, on_refused=note))

    async with user_simulation(root=build) as user:
        await user.open("/")
        (element,) = made
        for told in ({"sentence": "Too large."}, {"sentence": "x" * 9000}, {"sentence": 3}, None):
            await element._refused(
                GenericEventArguments(sender=element, client=element.client, args=told)
            )

        assert (element.props["session"], element.props["max-bytes"]) == ("right", 7)
        assert refused == ["Too large.", "x" * MAX_SENTENCE_CHARS]
