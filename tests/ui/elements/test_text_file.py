import pytest

from console.ui.elements.text_file import TextFile
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def told(*answers):
    """Return what the element tells of what the browser says."""
    heard: list[object] = []
    made: list[TextFile] = []

    def build():
        made.append(
            TextFile(
                "Read",
                limit=5,
                on_read=lambda name, text: heard.append((name, text)),
                on_refused=heard.append,
            )
        )

    async with user_simulation(root=build) as user:
        await user.open("/")
        for each in answers:
            tell(made[0], "read", each)
    return heard


async def test_a_file_is_told_with_its_name() -> None:
    assert await told({"name": "a.json", "text": "{}"}) == [("a.json", "{}")]


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("size", "a.json is too large: 5 characters are the most."),
        ("text", "a.json is no text in UTF-8."),
    ],
)
async def test_a_file_that_is_not_read_is_told_in_a_sentence(why, sentence) -> None:
    assert await told({"name": "a.json", "why": why}) == [sentence]


async def test_what_no_file_is_is_not_told() -> None:
    assert await told(None, {"name": 1, "text": "x"}, {"name": "a", "text": "too long"}) == []
