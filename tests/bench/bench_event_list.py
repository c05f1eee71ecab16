"""The event list while events stream in, beside a NiceGUI label for each event.

    python tests/bench/bench_event_list.py --rows 10000 100000 --seconds 8

Both begin with the same number of events and get 100 more a second; our list shows each as a row of
its own, which is the most there can be. "Busy" is the share of the time in which the page's main
thread ran tasks; frames are counted by requestAnimationFrame; "tasks" are those that held the page for
over 50 ms, as the browser tells them: a frame is late for other reasons too, a task of the page is ours.
"On the screen" is from the event's arrival in the log to the frame in which its row is there. A filter's
answer is from the key to the frame that shows its rows. The plain list is not asked for more than 10,000:
it does not get there. The exit status says whether what is promised of our list was kept.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.async_api import Browser, CDPSession, Page

from tests.browser.played import Played, demo_server
from tests.chromium import open_chromium

PER_SECOND = 100
LONGEST_TASK_MS = 50
LONGEST_ARRIVAL_MS = 150
LONGEST_ANSWER_MS = 200
MOST_HEAP_GROWTH = 1.2
MOST_PLAIN_ROWS = 10_000
LOAD_S = 180

_WATCH = """(plain) => {
  window.frames_ms = [];
  window.shown_ms = {};
  let last = performance.now();
  let newest = 0;
  const look = plain
    ? () => [document.querySelector(".nicegui-column").lastElementChild?.textContent ?? ""]
    : () => [...document.querySelectorAll(".rc-row:not([hidden])[data-i]")].map((row) => `event_${row.dataset.i}`);
  const step = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    for (const text of look()) {
      const found = /event_0*(\\d+)/.exec(text);
      if (found && !(found[1] in window.shown_ms)) window.shown_ms[found[1]] = Date.now();
    }
    window.watching = requestAnimationFrame(step);
  };
  window.watching = requestAnimationFrame(step);
}"""
_WATCH_TASKS = """() => {
  window.tasks_ms = [];
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) window.tasks_ms.push(each.duration);
  }).observe({ type: "longtask" });
}"""
_TASKS = "(new Promise((told) => setTimeout(() => told(window.tasks_ms.splice(0)))))"
_FRAMES = "(cancelAnimationFrame(window.watching), window.frames_ms.slice(1))"
_ANSWER_MS = """([kind, value]) => new Promise((resolve) => {
  const count = document.querySelector(".rc-panel__count");
  const before = count.textContent;
  const began = performance.now();
  if (kind === "text") {
    const box = document.querySelector(".rc-filter input");
    box.value = value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  } else {
    [...document.querySelectorAll(".rc-zoom, .rc-toggle")]
      .find((each) => each.textContent.trim().startsWith(value)).click();
  }
  const step = () => count.textContent === before
    ? requestAnimationFrame(step)
    : requestAnimationFrame(() => resolve(performance.now() - began));
  requestAnimationFrame(step);
})"""
QUESTIONS = (
    ("text", "limits 7 event"),
    ("text", r"/limits.*99\d$|event 12\d\d\b/"),
    ("text", ""),
    ("button", "server"),
    ("button", "server"),
    ("button", "spans"),
    ("text", "event 777"),
    ("text", ""),
    ("button", "turns"),
    ("button", "frames"),
)
"""What is asked one after the other; each answer has another number of rows."""


@dataclass(frozen=True)
class Result:
    fps: float
    p95_ms: float
    longest_ms: float
    tasks_ms: list[float]
    """Those of over 50 ms."""
    busy: float
    arrivals_ms: list[float]
    heap_mb: tuple[float, float]

    def __str__(self) -> str:
        middle = statistics.median(self.arrivals_ms) if self.arrivals_ms else float("nan")
        return (
            f"{self.fps:5.1f} fps   frames {self.p95_ms:6.1f} ms p95 {self.longest_ms:6.1f} longest   "
            f"{told_tasks(self.tasks_ms)}   busy {self.busy:5.1%}   on the screen {middle:5.0f} ms median {self.late_ms:5.0f} p99   "
            f"heap {self.heap_mb[0]:.1f} to {self.heap_mb[1]:.1f} MB"
        )

    @property
    def broken(self) -> list[str]:
        """What was promised of the list and is not so."""
        promises = {
            "a task of the page holds a frame up": all(
                each <= LONGEST_TASK_MS for each in self.tasks_ms
            ),
            "an event comes late to the screen": self.late_ms <= LONGEST_ARRIVAL_MS,
            "the heap grows": self.heap_mb[1] <= self.heap_mb[0] * MOST_HEAP_GROWTH,
        }
        return [words for words, is_kept in promises.items() if not is_kept]

    @property
    def late_ms(self) -> float:
        """How late the latest hundredth of the events was."""
        ordered = sorted(self.arrivals_ms)
        return ordered[int(len(ordered) * 0.99)] if ordered else float("nan")


def told_tasks(tasks_ms: list[float]) -> str:
    """Say how many tasks took over 50 ms, and the longest."""
    return f"{len(tasks_ms)} tasks up to {max(tasks_ms):.0f} ms" if tasks_ms else "no long task"


async def metric(devtools: CDPSession, name: str) -> float:
    metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == name))


async def heap_mb(devtools: CDPSession) -> float:
    await devtools.send("HeapProfiler.collectGarbage")
    return await metric(devtools, "JSHeapUsedSize") / 1e6


async def measured(page: Page, played: Played, rows: int, seconds: float, *, plain: bool) -> Result:
    """Stream events at the page and watch its frames, its main thread and its heap meanwhile."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable")
    heap = await heap_mb(devtools)
    await page.evaluate(_WATCH_TASKS)
    await page.evaluate(_WATCH, plain)
    busy = await metric(devtools, "TaskDuration")
    began = float(await page.evaluate("performance.now()"))
    added = await played.flood(seconds=seconds, per_second=PER_SECOND, first=rows)
    passed = (float(await page.evaluate("performance.now()")) - began) / 1000
    frames = sorted(float(each) for each in await page.evaluate(_FRAMES))
    busy = await metric(devtools, "TaskDuration") - busy
    shown = {int(n): float(at) for n, at in (await page.evaluate("window.shown_ms")).items()}
    return Result(
        fps=len(frames) / passed,
        p95_ms=frames[int(len(frames) * 0.95)],
        longest_ms=frames[-1],
        tasks_ms=[float(each) for each in await page.evaluate(_TASKS)],
        busy=busy / passed,
        arrivals_ms=[shown[n] - at_ms for n, at_ms in added.items() if n in shown],
        heap_mb=(heap, await heap_mb(devtools)),
    )


@dataclass(frozen=True)
class Answers:
    """How long each question took, in ms, and what of it held the page up."""

    took_ms: list[tuple[str, float]]
    tasks_ms: list[float]

    @property
    def broken(self) -> list[str]:
        """What was promised of them and is not so."""
        late = [f"{each!r} is answered late" for each, ms in self.took_ms if ms > LONGEST_ANSWER_MS]
        if any(each > LONGEST_TASK_MS for each in self.tasks_ms):
            late.append("a task of the page holds an answer up")
        return late


async def answers(page: Page) -> Answers:
    """Ask all questions."""
    await page.evaluate(_TASKS)  # what came before them, as looking at the heap does, is not theirs
    found = []
    for kind, value in QUESTIONS:
        took_ms = float(await page.evaluate(_ANSWER_MS, [kind, value]))
        found.append((value or "(no words)", took_ms))
        await page.wait_for_timeout(300)  # a hand is not quicker
    return Answers(found, [float(each) for each in await page.evaluate(_TASKS)])


async def windowed(browser: Browser, url: str, rows: int, seconds: float) -> tuple[Result, Answers]:
    """Measure our list."""
    page, played = await browser.new_page(), Played(url)
    await played.open(page)
    await played.fill(rows)
    await page.get_by_role("button", name="frames").click()
    await page.locator(f".rc-row[data-i='{rows - 1}']:visible").wait_for()
    result = await measured(page, played, rows, seconds, plain=False)
    asked = await answers(page)
    await page.close()
    await played.close()
    return result, asked


async def plain(browser: Browser, url: str, rows: int, seconds: float) -> Result:
    """Measure a label for each event."""
    page, played = await browser.new_page(), Played(url)
    await page.goto(f"{url}/?session={played.session}&naive={rows}")
    await page.wait_for_function(
        f"document.querySelector('.nicegui-column')?.childElementCount >= {rows}",
        timeout=LOAD_S * 1000,
    )
    result = await measured(page, played, rows, seconds, plain=True)
    await page.close()
    await played.close()
    return result


async def run(counts: list[int], seconds: float) -> bool:
    """Print the table; whether the promises were kept."""
    broken: list[str] = []
    async with demo_server() as url, open_chromium({}) as browser:
        for rows in counts:
            ours, asked = await windowed(browser, url, rows, seconds)
            print(f"{rows:>7} rows   event list    {ours}")
            for question, took_ms in asked.took_ms:
                print(f"{'':>22} {question:<32} answered in {took_ms:4.0f} ms")
            print(f"{'':>22} {'meanwhile':<32} {told_tasks(asked.tasks_ms)}")
            if rows <= MOST_PLAIN_ROWS:
                floor = await plain(browser, url, rows, seconds)
                print(f"{'':>7}        plain list    {floor}")
                print(
                    f"{'':>7}        ratio: {ours.fps / floor.fps:.1f} times the frames, "
                    f"{floor.p95_ms / ours.p95_ms:.1f} times shorter at p95, "
                    f"{floor.busy / ours.busy:.1f} times less busy"
                )
            else:
                print(f"{'':>7}        plain list    does not get there")
            broken += [f"{rows} rows: {each}" for each in (*ours.broken, *asked.broken)]
    print("\n".join(broken) or "all promises kept")
    return not broken


def main() -> int:
    """Read the arguments; the exit status says whether the promises were kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    return 0 if asyncio.run(run(arguments.rows, arguments.seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
