"""An application that is not ours talks through a relay; the console shows it live."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from openai import AsyncOpenAI
from playwright.async_api import BrowserContext, Page, expect

from console import pcm
from console.simulator.server import SimulatorServer
from console.ui.pages.relays import WATCHING
from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.live_console import Program, open_console
from tests.relay.operated import OPERATOR, Operated, operated
from tests.simulator.fake_senses import FakeSenses, tone
from tests.simulator.serving import running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AGENT = "pizza-bot/2"
BYTES_OF_A_CHUNK = 100 * pcm.BYTES_PER_MS
POLICY = {"session": {"client_may_set": {"audio.input.turn_detection": True}}}
"""Instructions are not its client's to give."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def relay() -> AsyncIterator[Operated]:
    """A relay before a simulator."""
    senses = FakeSenses()
    senses.ears.says = ["two pizzas"]
    simulator: SimulatorServer
    async with running(senses) as simulator, operated(simulator.url, POLICY, is_open=True) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watching_console(
    relay: Operated, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Program]:
    """A console that may watch it."""
    async with open_console(
        tmp_path_factory.mktemp("watching"),
        *("--target", "simulator", "--watch", relay.server.url),
        environment={"CONSOLE_OPERATOR_TOKEN": OPERATOR},
    ) as program:
        yield program


async def enter(page: Page, console: Program) -> Page:
    """Come in as the owner, and go to the sessions of relays by the button for that."""
    await page.goto(console.url)
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name="Sessions of relays").click()
    return await opened.value


async def test_an_application_that_is_not_ours_is_seen_and_heard_while_it_talks(
    browser_context: BrowserContext, watching_console: Program, relay: Operated
) -> None:
    sdk = AsyncOpenAI(
        api_key="any",
        base_url=f"http://127.0.0.1:{relay.server.port}/v1",
        default_headers={"User-Agent": AGENT},
    )
    async with sdk.realtime.connect(
        model="any", extra_headers={"User-Agent": AGENT}
    ) as application:
        listed = await enter(await browser_context.new_page(), watching_console)
        await expect(listed.get_by_text(AGENT)).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
        # Else it would take the session of the page that it was opened from.
        assert await listed.evaluate("window.opener") is None
        await listed.get_by_role("link", name="Watch").click()
        await expect(listed.get_by_text(WATCHING)).to_be_visible()
        await listed.get_by_role("button", name="Listen").click()

        await application.session.update(
            session={
                "type": "realtime",
                "instructions": "Be a pirate.",
                "audio": {"input": {"turn_detection": None}},
            }
        )
        said = tone(1000)
        for at in range(0, len(said), BYTES_OF_A_CHUNK):
            chunk = said[at : at + BYTES_OF_A_CHUNK]
            await application.input_audio_buffer.append(audio=pcm.encode(chunk))
        await application.input_audio_buffer.commit()
        await application.response.create()

        page = ConsolePage(listed)
        user, assistant = page.items("user"), page.items("assistant")
        await expect(user.get_by_role("button", name="Play")).to_be_visible(
            timeout=ANSWER_TIMEOUT_MS
        )
        await expect(assistant).to_contain_text("You said two pizzas.", timeout=ANSWER_TIMEOUT_MS)
        # Heard while it is said: the meter of the speaker moves.
        await listed.wait_for_function(
            "() => Number(document.querySelector('.rc-meter--server').ariaValueNow) > 0"
        )
        await page.expect_events(
            "relay.settings_left_out",
            "input_audio_buffer.append",
            "input_audio_buffer.commit",
            "response.output_audio.delta",
            "response.done",
        )
        (left_out,) = await page.events_of("relay.settings_left_out")
        assert left_out["event"]["left_out"] == ["session.instructions"]

        # There is no composer here to read it in.
        await (await page.show_events("input_audio_buffer.commit ")).first.click()
        await page.events.get_by_role("button", name="What is this").click()
        note = page.events.get_by_role("region", name="Documentation")
        await expect(note).to_contain_text("It has: type, ", timeout=ANSWER_TIMEOUT_MS)
        await expect(note).to_contain_text("commit the user input audio buffer")
        await expect(note.get_by_role("button", name="Read on")).to_be_hidden()
    await expect(listed.get_by_text("The session has ended")).to_be_visible()
    await expect(assistant).to_contain_text("You said two pizzas.")


async def test_who_is_not_the_owner_sees_no_relay(
    browser_context: BrowserContext, watching_console: Program
) -> None:
    page = await browser_context.new_page()

    answer = await page.goto(f"{watching_console.origin}/relays")

    assert answer is not None
    assert answer.status == 403
