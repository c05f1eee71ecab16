"""The line on pages of http."""

from typing import Any

import pytest
from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.testing import User
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from console.ui.door.trusted_proxy import TrustedProxy
from console.ui.panels.insecure import (
    BEHIND_PROXY,
    FOR_GUESTS,
    SENTENCE,
    insecure_line,
    is_insecure,
)
from tests.ui.simulated_user import user_simulation


def asked(scheme: str, host: str) -> Request:
    headers = [(b"host", host.encode())]
    return Request({"type": "http", "scheme": scheme, "path": "/", "headers": headers})


def told(user: User) -> str:
    """Return the sentence as it is read; empty without a line."""
    return "".join(pieces(user))


def pieces(user: User) -> list[str]:
    assert user.client is not None
    lines = [each for each in user.client.elements.values() if "rc-notice" in each.classes]
    shown = [part for each in lines if each.visible for part in each.descendants()]
    return [part.text for part in shown if isinstance(part, TextElement) and part.tag == "span"]


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
            assert told(user) == SENTENCE
            assert "--lan." in pieces(user)  # no line breaks within the flag
            user.find(kind=ui.button).click()
        assert told(user) == ""
    assert "--lan" in SENTENCE
    assert "under Sound a file, a tone or typed words can speak" in SENTENCE


async def test_a_guest_is_told_to_ask_the_host() -> None:
    request = asked("http", "192.168.1.5:8080")
    async with user_simulation(root=lambda: insecure_line(request, is_guest=True)) as user:
        await user.open("/")

        assert told(user) == FOR_GUESTS


async def test_behind_a_proxy_of_http_the_way_is_the_proxys_https() -> None:
    seen: list[Request] = []

    async def console(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(Request(scope))

    proxied = TrustedProxy(console, ["10.0.0.0/24"], "http://console.example.org")
    headers = [(b"host", b"10.0.0.7:8080"), (b"x-forwarded-for", b"203.0.113.7")]
    scope = {"type": "http", "scheme": "http", "path": "/", "headers": headers}
    unused: Any = None
    await proxied({**scope, "client": ("10.0.0.2", 5000)}, unused, unused)

    async with user_simulation(root=lambda: insecure_line(seen[0])) as user:
        await user.open("/")
        assert told(user) == BEHIND_PROXY
    assert "--lan" not in BEHIND_PROXY
