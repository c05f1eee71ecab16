import re

import pytest

from console.ui import theme
from console.ui.door import refusal

PAYLOAD = "<script>alert(1)</script>"


def test_the_page_says_it_in_words_and_fetches_nothing():
    response = refusal.page(403, "Closed", "Open the link.", "Then talk.", why=("It is late.",))

    html = bytes(response.body).decode()
    assert response.status_code == 403
    assert "<h1>Closed</h1>" in html
    assert "<p>Open the link.</p>\n<p>Then talk.</p>\n" in html
    assert '<div class="why">\n<p>It is late.</p>\n</div>' in html
    for fetching in ("<script", "src=", "@import", "url(", "http://", "https://"):
        assert fetching not in html
    assert "prefers-color-scheme: dark" in html


def test_the_page_bears_the_logo_of_the_console():
    html = bytes(refusal.page(403, "Closed").body).decode()
    drawn = re.findall(r'd="([^"]+)"', (theme.ASSETS / "icon.svg").read_text(encoding="utf-8"))

    assert drawn
    assert all(f'd="{each}"' in html for each in drawn)


def test_the_browser_may_neither_keep_nor_frame_nor_run_it():
    headers = refusal.page(403, "Closed").headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy


def test_what_it_is_given_is_text():
    link = refusal.Link(PAYLOAD, f'"{PAYLOAD}')
    refresh = f"/{PAYLOAD}"
    page = refusal.page(403, PAYLOAD, PAYLOAD, why=(PAYLOAD,), refresh=refresh, link=link)
    html = bytes(page.body).decode()

    assert "<script>" not in html
    assert (
        html.count("&lt;script&gt;") == 7
    )  # title, heading, sentence, why, address, link and words
    assert 'href="&quot;' in html


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "image/avif,image/webp"])
def test_who_takes_no_html_gets_the_words_alone(accept):
    why = ("It is late.",)
    response = refusal.page(403, "Closed", "Open the link.", "Then talk.", why=why, accept=accept)

    assert bytes(response.body).decode() == "Open the link. Then talk. It is late.\n"
    assert response.headers["content-type"].startswith("text/plain")


async def test_a_socket_is_closed_in_its_handshake():
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        raise AssertionError("a handshake is refused without reading on")

    await refusal.answer(refusal.page(403, "Closed"), {"type": "websocket"}, receive, send)

    assert sent == [{"type": "websocket.close", "code": 1008}]
