"""The line on pages of http."""

import pytest
from nicegui import ui
from starlette.requests import Request

from console.ui.panels.insecure import SENTENCE, insecure_line, is_insecure
from tests.ui.simulated_user import user_simulation


def asked(scheme: str, host: str) -> Request:
    headers = [(b"host", host.encode())]
    return Request({"type": "http", "scheme": scheme, "path": "/", "headers": headers})


@pytest.mark.parametrize(
    ("scheme", "host", "is_so"),
    [
        ("http", "127.0.0.1:8080", False),
        ("http", "localhost", False),
        ("http", "[::1]:8080", False),
        ("http", "192.168.1.5:8080", True),
        ("http", "[fd00::5]", True),
        ("http", "studio.local:8080", True),
        ("https", "192.168.1.5:8080", False),
    ],
)
def test_pages_of_http_from_another_machine_are_insecure(
    scheme: str, host: str, is_so: bool
) -> None:
    assert is_insecure(asked(scheme, host)) is is_so


@pytest.mark.parametrize(("host", "is_said"), [("192.168.1.5", True), ("127.0.0.1", False)])
async def test_the_line_says_what_is_missing_why_and_the_way(host: str, is_said: bool) -> None:
    async with user_simulation(root=lambda: insecure_line(asked("http", host))) as user:
        await user.open("/")

        if is_said:
            await user.should_see(SENTENCE)
            user.find(kind=ui.button).click()
            await user.should_not_see(SENTENCE)
        else:
            await user.should_not_see(SENTENCE)
    assert "--lan" in SENTENCE
    assert "under Sound a file, a tone or typed words can speak" in SENTENCE
