"""A real Chromium for tests, whose sound goes through a virtual sound card."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from playwright.async_api import Browser, async_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # What people have: sound begins with a click. Headless Chromium would play without one.
    "--autoplay-policy=document-user-activation-required",
)  # fmt: skip


def find_chromium() -> str | None:
    """Return the path of the installed Chromium, or None."""
    found = (shutil.which(each) for each in PROGRAMS)
    return next((path for path in found if path), None)


def microphone_from_file(wav: Path) -> list[str]:
    """Return the arguments that make the WAV file, played once, the microphone."""
    return [
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}%noloop",
    ]


@contextlib.asynccontextmanager
async def open_chromium(
    environment: Mapping[str, str],
    *,
    arguments: Sequence[str] = (),
    grant_microphone: bool = True,
) -> AsyncIterator[Browser]:
    """Start Chromium and end it with the block.

    Args:
        environment: Added to its environment, such as that of a `VirtualSoundCard`.
        arguments: Further command line arguments.
        grant_microphone: Whether a page that asks for the microphone is given it without a
            question; else the browser refuses, unless the context grants the permission.

    Raises:
        RuntimeError: No Chromium is installed.
    """
    program = find_chromium()
    if program is None:
        raise RuntimeError("not installed: chromium; run tests/check.py")
    granted = ["--use-fake-ui-for-media-stream"] if grant_microphone else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program,
            args=[*_QUIET, *granted, *arguments],
            # Headless Chromium is muted by default; the tests measure what it plays.
            ignore_default_args=["--mute-audio"],
            env={**os.environ, **environment},
        )
        try:
            await _give_our_priority(browser)
            yield browser
        finally:
            await browser.close()


async def _give_our_priority(browser: Browser) -> None:
    """Let a browser have the priority of our session of processes: Playwright gives it its own."""
    devtools = await browser.new_browser_cdp_session()
    told = await devtools.send("SystemInfo.getProcessInfo")
    (pid,) = (each["id"] for each in told["processInfo"] if each["type"] == "browser")
    _share_priority(pid)
    await devtools.detach()


def _share_priority(pid: int) -> None:
    # Where there are no such priorities, it has ours already; where there are, only root may raise one.
    with contextlib.suppress(OSError):
        ours = Path("/proc/self/autogroup").read_text(encoding="ascii").split()[-1]
        Path(f"/proc/{pid}/autogroup").write_text(ours, encoding="ascii")
