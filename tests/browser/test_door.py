"""Other people's pages, names and links against the running console, in a real Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.console_page import ConsolePage
from tests.browser.other_site import EVIL, REBOUND, TRY_ALL, OtherSite, framed
from tests.chromium import open_chromium
from tests.live_console import Program, open_console

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def deceived() -> AsyncIterator[Browser]:
    """A Chromium for whom two names of somebody else lead to this machine."""
    rules = f"MAP {EVIL} 127.0.0.1,MAP {REBOUND} 127.0.0.1"
    async with open_chromium({}, arguments=[f"--host-resolver-rules={rules}"]) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def program(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    """A console of these tests' own: some of them count who is inside."""
    directory = tmp_path_factory.mktemp("door")
    async with open_console(directory, "--target", "simulator", environment={}) as program:
        yield program


@pytest_asyncio.fixture(loop_scope="session")
async def victim(deceived: Browser, program: Program) -> AsyncIterator[BrowserContext]:
    """A browser profile that is inside, with the console open in a tab."""
    context = await deceived.new_context()
    await ConsolePage(await context.new_page()).open(program.url)
    yield context
    await context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def other() -> AsyncIterator[OtherSite]:
    async with OtherSite().serve() as site:
        yield site


def addresses(program: Program, host: str = "127.0.0.1") -> dict[str, Any]:
    place = f"{host}:{urlsplit(program.origin).port}"
    return {"origin": f"http://{place}", "socket": f"ws://{place}"}


async def test_a_link_leaves_the_address_and_the_cookie_is_not_for_scripts(victim) -> None:
    (page,) = victim.pages

    assert urlsplit(page.url).query == ""
    assert "rtc-" not in await page.evaluate("document.cookie")
    assert await page.evaluate("history.length") <= 2


async def test_our_own_page_may_what_others_may_not(victim, program) -> None:
    outcome = await victim.pages[0].evaluate(TRY_ALL, addresses(program))

    assert (outcome["session"], outcome["nicegui"]) == ("open", "open")
    assert outcome["page"].startswith("200 ")
    assert outcome["door"] == "204 "


async def test_a_page_of_another_origin_opens_and_reads_nothing(victim, program, other) -> None:
    page = await victim.new_page()
    await page.goto(other.origin)

    outcome = await page.evaluate(TRY_ALL, addresses(program))

    assert set(outcome.values()) == {"refused"}
    assert len(outcome) == 7


async def test_a_page_on_another_port_of_this_machine_opens_and_reads_nothing(
    victim, program, other
) -> None:
    # Same site, so that even a strict cookie is sent along.
    page = await victim.new_page()
    await page.goto(f"http://127.0.0.1:{other.port}")

    outcome = await page.evaluate(TRY_ALL, addresses(program))

    assert set(outcome.values()) == {"refused"}


async def test_a_page_of_another_origin_cannot_frame_ours(victim, program, other) -> None:
    for site in (other.origin, f"http://127.0.0.1:{other.port}"):
        page = await victim.new_page()
        await page.goto(site)

        frame = await framed(page, f"{program.origin}/")

        assert frame.url.startswith("chrome-error://")


async def test_a_name_that_was_rebound_to_this_machine_shows_nothing(victim, program) -> None:
    there = addresses(program, REBOUND)
    page = await victim.new_page()

    answer = await page.goto(there["origin"])

    assert answer is not None
    assert answer.status == 400
    assert "Not under this name" in await page.inner_text("body")
    outcome = await page.evaluate(TRY_ALL, there)
    assert set(outcome.values()) == {"refused"}
    behind = await page.evaluate(TRY_ALL, addresses(program))
    assert set(behind.values()) == {"refused"}
    own = await framed(page, there["origin"])
    assert own.url.startswith("chrome-error://")
    assert (await framed(page, program.origin)).url.startswith("chrome-error://")


async def test_pictures_of_another_site_do_not_lock_our_user_out(victim, program, other) -> None:
    page = await victim.new_page()
    await page.goto(other.origin)
    await page.evaluate(
        """(origin) => Promise.all(Array.from({length: 20}, (_, n) => new Promise((done) => {
          const picture = new Image();
          picture.onload = picture.onerror = done;
          picture.src = `${origin}/?token=wrong${n}`;
        })))""",
        program.origin,
    )

    fresh = await victim.browser.new_context()
    await ConsolePage(await fresh.new_page()).open(program.url)
    await fresh.close()


async def test_a_link_on_another_site_leads_in(deceived, program, other) -> None:
    context = await deceived.new_context()
    page = await context.new_page()
    other.html = (
        f"<!doctype html><a href='{program.url}'>join us</a><a href='{program.origin}'>again</a>"
    )
    await page.goto(other.origin)

    await page.get_by_role("link", name="join us").click()

    await expect(ConsolePage(page).connect).to_be_enabled()
    assert page.url == f"{program.origin}/"
    await page.goto(other.origin)
    await page.get_by_role("link", name="again").click()
    await expect(ConsolePage(page).connect).to_be_enabled()
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_who_has_no_link_sees_one_page_that_fetches_nothing(
    deceived, program, scheme
) -> None:
    context = await deceived.new_context(
        color_scheme=scheme, viewport={"width": 390, "height": 844}
    )
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    answer = await page.goto(program.origin)

    assert answer is not None
    assert answer.status == 403
    await expect(page.get_by_role("heading")).to_have_text("This console needs its link")
    assert asked == [f"{program.origin}/"]
    assert await context.cookies() == []
    assert await fits(page)
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(246, 247, 249)", "dark": "rgb(15, 18, 22)"}[scheme]
    await context.close()


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_an_open_tab_says_that_the_console_was_started_anew_and_tries_no_more(
    deceived: Browser, tmp_path: Path
) -> None:
    context = await deceived.new_context()
    page = await context.new_page()
    navigations: list[str] = []
    async with open_console(tmp_path, "--target", "simulator", environment={}) as first:
        await ConsolePage(page).open(first.url)
        page.on("framenavigated", lambda frame: navigations.append(frame.url))
        port = str(urlsplit(first.origin).port)
    arguments = ("--target", "simulator", "--port", port)
    async with open_console(tmp_path, *arguments, environment={}) as second:
        dialog = page.get_by_role("alertdialog")
        await expect(dialog).to_contain_text("started anew", timeout=20_000)
        # What would try again is gone: the worker of the session's line, and NiceGUI's socket.
        await page.wait_for_function("!window.socket.active")
        assert page.workers == []
        assert navigations == []

        await dialog.get_by_role("button", name="Reload").click()
        await expect(page.get_by_role("heading")).to_have_text("This console needs a new link")
        await expect(page.locator("body")).to_contain_text("started anew")

        await ConsolePage(page).open(second.url)
    await context.close()
