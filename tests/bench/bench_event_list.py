"""How smooth the event list is while events stream in, beside a NiceGUI label for each event.

    python tests/bench/bench_event_list.py --rows 1000 10000 --seconds 8

Both start with the same number of rows and receive 100 events a second. "Busy" is the share of
the time in which the page's main thread ran tasks; frames are counted by requestAnimationFrame.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.async_api import Browser, CDPSession, Page

from tests.browser.demo_page import plain_row
from tests.browser.played import Played, demo_server
from tests.chromium import open_chromium

PER_SECOND = 100
LONGEST_FRAME_MS = 50
LOAD_S = 120

_WATCH_FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const step = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    window.watching = requestAnimationFrame(step);
  };
  window.watching = requestAnimationFrame(step);
}"""
_FRAMES = "(cancelAnimationFrame(window.watching), window.frames_ms.slice(1))"


@dataclass(frozen=True)
class Result:
    fps: float
    p95_ms: float
    longest_ms: float
    busy: float

    def __str__(self) -> str:
        return (
            f"{self.fps:6.1f} fps   frame p95 {self.p95_ms:7.1f} ms   "
            f"longest {self.longest_ms:7.1f} ms   busy {self.busy:6.1%}"
        )


async def busy_seconds(devtools: CDPSession) -> float:
    metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


async def measured(page: Page, played: Played, rows: int, seconds: float) -> Result:
    """Stream events at the page and watch its frames and its main thread meanwhile."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable")
    await page.evaluate(_WATCH_FRAMES)
    busy = await busy_seconds(devtools)
    began = float(await page.evaluate("performance.now()"))
    await played.flood(seconds=seconds, per_second=PER_SECOND, first=rows)
    passed = (float(await page.evaluate("performance.now()")) - began) / 1000
    frames = sorted(float(each) for each in await page.evaluate(_FRAMES))
    busy = await busy_seconds(devtools) - busy
    return Result(
        fps=len(frames) / passed,
        p95_ms=frames[int(len(frames) * 0.95)],
        longest_ms=frames[-1],
        busy=busy / passed,
    )


async def windowed(browser: Browser, url: str, rows: int, seconds: float) -> Result:
    """Measure our list."""
    page, played = await browser.new_page(), Played(url)
    await played.open(page)
    for first in range(0, rows, 1000):
        await played.send_rows(*(plain_row(index) for index in range(first, first + 1000)))
    await page.get_by_text(f"event {rows - 1}", exact=True).wait_for()
    result = await measured(page, played, rows, seconds)
    await page.close()
    await played.close()
    return result


async def naive(browser: Browser, url: str, rows: int, seconds: float) -> Result:
    """Measure a label for each event."""
    page, played = await browser.new_page(), Played(url)
    await page.goto(f"{url}/?session={played.session}&naive={rows}")
    await page.get_by_text(re.compile(rf"event {rows - 1}$")).wait_for(
        state="attached", timeout=LOAD_S * 1000
    )
    result = await measured(page, played, rows, seconds)
    await page.close()
    await played.close()
    return result


async def run(counts: list[int], seconds: float) -> bool:
    """Print the table; whether our frames stayed short."""
    is_smooth = True
    async with demo_server() as url, open_chromium({}) as browser:
        for rows in counts:
            ours = await windowed(browser, url, rows, seconds)
            floor = await naive(browser, url, rows, seconds)
            print(f"{rows:>7} rows   windowed list   {ours}")
            print(f"{'':>7}        label per event {floor}")
            print(
                f"{'':>7}        ratio: {ours.fps / floor.fps:.1f} times the frames, "
                f"{floor.p95_ms / ours.p95_ms:.1f} times shorter at p95, "
                f"{floor.busy / ours.busy:.1f} times less busy"
            )
            is_smooth = is_smooth and ours.p95_ms <= LONGEST_FRAME_MS
    return is_smooth


def main() -> int:
    """Read the arguments; the exit status says whether the promise was kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    return 0 if asyncio.run(run(arguments.rows, arguments.seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
