"""A guest on the network: https by an address of this machine, a phone's screen, a microphone."""

from __future__ import annotations

import base64
import hashlib
import re
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import BrowserContext, Page, ViewportSize, expect

from console import wav
from console.lan.addresses import find_reachable
from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.browser.other_site import EVIL, TRY_ALL, OtherSite, framed
from tests.browser.voice_harness import WATCH_LOCKS
from tests.chromium import open_chromium
from tests.live_console import Program, open_console
from tests.pulse import VirtualSoundCard
from tests.speech import silence, turn

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(180),
]

PHONE: ViewportSize = {"width": 390, "height": 844}
TIME = re.compile("time|o.clock|[AP]M", re.IGNORECASE)
# What a browser does when its tab is left and seen again; a headless one has no tab to leave.
HIDE_AND_SHOW = """async () => {
  const show = (isShown) => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => !isShown});
    document.dispatchEvent(new Event("visibilitychange"));
  };
  show(false);
  await window.lock.release();
  show(true);
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def console(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """The console for others on the network; on a machine without one at another loopback address."""
    elsewhere = [] if find_reachable().addresses else ["--host", "127.0.0.2"]
    async with open_console(
        tmp_path_factory.mktemp("lan"),
        *("--lan", "--target", "simulator", *elsewhere),
        environment={},
    ) as program:
        yield program


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guest_link(console: Program) -> str:
    """The link for guests, as the terminal shows it."""
    return await console.line_of("  https://")


def pin(origin: str) -> str:
    """Return the argument that makes Chromium accept the key that is shown there, and no other."""
    parts = urlsplit(origin)
    assert parts.hostname is not None
    assert parts.port is not None
    pem = ssl.get_server_certificate((parts.hostname, parts.port))
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    pinned = base64.b64encode(digest.digest()).decode()
    return f"--ignore-certificate-errors-spki-list={pinned}"


@pytest_asyncio.fixture(loop_scope="session")
async def phone(
    guest_link: str, sound_card: VirtualSoundCard, tmp_path: Path
) -> AsyncIterator[Page]:
    """The browser of a phone that asks for the time again and again."""
    speech = tmp_path / "speech.wav"
    speech.write_bytes(wav.pack(turn("What time is it?") + silence(1500)))
    arguments = [
        pin(f"https://{guest_link}"),
        f"--host-resolver-rules=MAP {EVIL} 127.0.0.1",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={speech}",
    ]
    async with open_chromium(sound_card.environment, arguments=arguments) as browser:
        context = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
        page = await context.new_page()
        await page.add_init_script(WATCH_LOCKS)
        yield page


async def test_a_guest_talks_by_the_link_over_https_on_a_phone(
    phone: Page, guest_link: str
) -> None:
    page = ConsolePage(phone)
    await page.open(f"https://{guest_link}")

    assert await phone.evaluate("isSecureContext && !!navigator.mediaDevices")
    assert "token" not in phone.url
    await expect(phone.get_by_role("button", name="Share", exact=True)).to_have_count(0)
    assert await phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]

    await page.start("Manual")
    said, answers = page.items("user"), page.items("assistant")
    await hold_by_touch(page)
    await expect(said).to_contain_text(TIME, timeout=ANSWER_TIMEOUT_MS)
    await expect(answers).to_contain_text(TIME, timeout=ANSWER_TIMEOUT_MS)

    await page.choose_turn("VAD")
    # The first of these may have begun within a sentence.
    again = said.filter(has_text=TIME).nth(1)
    await expect(again).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    await expect(answers.nth(1)).to_be_visible(timeout=ANSWER_TIMEOUT_MS)

    await expect_nothing_for_other_sites(phone.context, phone.url.rstrip("/"))
    await phone.wait_for_function("window.locks.join() === 'screen'")
    await phone.evaluate(HIDE_AND_SHOW)
    await phone.wait_for_function("window.locks.join() === 'screen,released,screen'")
    await page.disconnect.click()
    await phone.wait_for_function("window.locks.join() === 'screen,released,screen,released'")


async def test_a_guest_whom_the_host_removes_is_told_so_once(
    phone: Page, guest_link: str, console: Program
) -> None:
    guest = ConsolePage(phone)
    await guest.open(f"https://{guest_link}")
    limits = phone.get_by_role("complementary", name="Spending")
    await expect(limits).to_be_visible()
    await guest.connect.click()
    await guest.type("What can you do?")
    await expect(guest.items("assistant")).to_have_count(1, timeout=ANSWER_TIMEOUT_MS)
    await guest.message.focus()
    browser = phone.context.browser
    assert browser is not None
    host = await browser.new_page()
    await host.goto(console.url)
    await host.get_by_role("button", name="People").click()
    rows = host.get_by_role("listitem").filter(has_text="Guest")
    remove = rows.last.get_by_role("button", name=re.compile("^Remove Guest"))
    await remove.hover()  # it stands still
    place = await remove.bounding_box()
    await remove.click()
    await expect(remove).to_have_text("Really remove?")
    assert await remove.bounding_box() == place, "the second click would miss it"
    await remove.click()

    told = phone.get_by_text("The host has ended your visit")
    await expect(told).to_be_visible()
    await expect(phone.get_by_role("alert")).to_have_count(1)
    await expect(phone.get_by_role("button", name="Reload")).to_have_count(0)
    await expect(guest.disconnect).to_be_visible()
    dead = [
        guest.disconnect,
        phone.get_by_role("button", name="People", include_hidden=True),
        phone.get_by_role("tab", name="Session", include_hidden=True).first,
        phone.get_by_role("button", name="Delete item", include_hidden=True).first,
        phone.get_by_role("button", name="Copy or save the conversation", include_hidden=True),
        phone.get_by_role("link", name="Download audio", include_hidden=True).first,
    ]
    for each in dead:
        assert await each.evaluate("button => button.closest('[inert]') !== null"), each
    alert = phone.get_by_role("alert")
    assert await alert.evaluate("notice => notice === document.activeElement")
    typed = phone.locator(".rc-message input")
    hint = await typed.evaluate("box => getComputedStyle(box, '::placeholder').color")
    assert hint == "rgba(0, 0, 0, 0)"
    await expect(limits).to_be_hidden()
    await phone.wait_for_function("!window.socket.active")
    assert await phone.evaluate("document.documentElement.dataset.rcLine") == "refused"
    assert phone.workers == []
    await host.close()


async def expect_nothing_for_other_sites(context: BrowserContext, origin: str) -> None:
    """Open somebody else's page beside ours, and have it try all that a page can."""
    page = await context.new_page()
    async with OtherSite().serve() as other:
        await page.goto(other.origin)
        outcome = await page.evaluate(
            TRY_ALL, {"origin": origin, "socket": origin.replace("https", "wss", 1)}
        )
        frame = await framed(page, origin)
    assert set(outcome.values()) == {"refused"}
    assert frame.url.startswith("chrome-error://")
    await page.close()


async def hold_by_touch(page: ConsolePage) -> None:
    """Hold the button with a finger that is not still, from one pause of the speech to the next."""
    box = await page.talk.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = await page.page.context.new_cdp_session(page.page)

    async def touch(kind: str, *points: dict[str, float]) -> None:
        await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    await pause_of_speech(page)
    await touch("touchStart", {"x": x, "y": y})
    for shift in range(1, 13):  # where a page scrolls, it would take the finger away
        await touch("touchMove", {"x": x, "y": y - shift})
    await pause_of_speech(page)
    await expect(page.talk).to_contain_text("release to send")
    await touch("touchEnd")


async def pause_of_speech(page: ConsolePage) -> None:
    """Wait until something has been said, and then nothing."""
    meter = page.page.get_by_role("meter", name="Microphone level")
    await expect(meter).not_to_have_attribute("aria-valuetext", "silent")
    await expect(meter).to_have_attribute("aria-valuetext", "silent")


async def test_who_trusts_the_authority_needs_no_exception(
    console: Program, guest_link: str
) -> None:
    origin = "https://" + guest_link.partition("/")[0]
    async with httpx.AsyncClient(verify=False) as stranger:
        answer = await stranger.get(f"{origin}/trust/realtime-console.crt")
        assert answer.status_code == 200
        assert (await stranger.get(origin)).status_code == 403
    trusting = ssl.create_default_context(cadata=answer.text)

    async with httpx.AsyncClient(verify=trusting) as guest:
        came = await guest.get(f"https://{guest_link}")
        assert came.status_code == 303
        assert "Secure" in came.headers["set-cookie"]
        assert (await guest.get(origin)).status_code == 200
        assert "Traceback" not in console.errors
