import json
import subprocess
from pathlib import Path

import pytest

from console.ui import elements
from console.ui.elements.text_file import TextFile
from tests.javascript import find_node
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation

ELEMENTS = Path(elements.__file__).parent


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


def test_only_files_in_utf_8_and_no_larger_than_allowed_are_read_in_the_browser() -> None:
    script = (
        (ELEMENTS / "file_text.js").read_text(encoding="utf-8")
        + """
      const files = [["caf\\u00e9"], [new Uint8Array([99, 97, 102, 0xe9])], ["12345678"]];
      const read = files.map((each) => fileText(new Blob(each), 7));
      console.log(JSON.stringify(await Promise.all(read)));
    """
    )
    command = [find_node(), "--input-type=module"]

    done = subprocess.run(command, input=script, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == [{"text": "café"}, {"why": "text"}, {"why": "size"}]
