"""How soon the page can be used, and what building it costs the server.

    python tests/bench/bench_first_paint.py --runs 5 --visits 40

"Painted" is the browser's first contentful paint, "usable" the moment at which Connect can be
clicked, both from the start of navigation. The floor is an empty NiceGUI page in the same run.

Then the page is visited again and again without a browser, which would take a processor of its own.
"Built" is processor time of the server; beside it stands as much of a page of as many elements with
nothing in them. "Answered" is what the request for the page takes, "opened" its line: the handshake,
the building, all that is sent. The exit status says whether the promises were kept.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import httpx
from playwright.async_api import Browser

from tests.browser.played import demo_server
from tests.chromium import open_chromium
from tests.live_console import Site
from tests.page_visitor import PageVisitor

MOST_USABLE_MS = 3000
MOST_BUILT_MS = 30
MOST_ELEMENTS = 149
_VISITOR: Final = {"accept": "text/html"}
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


async def load(browser: Browser, url: str, ready: str, *, is_warm: bool) -> tuple[float, float]:
    """Return milliseconds until painted and until the element `ready` is there."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    if is_warm:
        page = await context.new_page()
        await page.goto(url)
        await page.locator(ready).wait_for(state="attached")
        await page.close()
    page = await context.new_page()
    await page.goto(url, wait_until="commit")
    await page.locator(ready).wait_for(state="attached")
    usable = float(await page.evaluate("performance.now()"))
    painted = await page.evaluate(_PAINTED)
    await context.close()
    return float(painted if painted is not None else usable), usable


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visit took of the server's processor, in ms."""

    built: float
    answered: float
    opened: float
    n_elements: int


async def visit(client: httpx.AsyncClient, name: str, query: str = "") -> Visit:
    """Visit a page without a browser, until all of it has come."""

    async def taken() -> float:
        return float((await client.get("/demo/processor")).json())

    url = str(client.base_url).rstrip("/")
    visitor = PageVisitor(Site(url), path=f"/?session={name}{query}")
    asking = -await taken() + await taken()
    before = await taken()
    await visitor.load(_VISITOR)
    loaded = await taken()
    await visitor.open(_VISITOR)
    await visitor.until(lambda: bool(visitor.elements))
    opened = await taken()
    await visitor.close()
    built, n_elements = (await client.get(f"/demo/{name}/cost")).json()
    answered = loaded - before - asking
    return Visit(built, answered, opened - loaded - asking - answered, n_elements)


def least_and_median(values: list[float]) -> str:
    return f"{min(values):.1f} ms at least, {statistics.median(values):.1f} as median"


async def run_alone(visits: int) -> bool:
    """Print what a page costs the server; whether it was built in time, and as light as promised."""
    async with demo_server() as url, httpx.AsyncClient(base_url=url, timeout=60) as client:
        await visit(client, "first")
        ours, bare = [], []
        for number in range(visits):
            ours.append(await visit(client, f"ours-{number}"))
            query = f"&bare={ours[0].n_elements}"
            bare.append(await visit(client, f"bare-{number}", query))
    built = [each.built for each in ours]
    floor = [each.built for each in bare]
    n_elements = ours[0].n_elements
    print(f"alone, {visits} visits of {n_elements} elements")
    for name, values in (
        ("built", built),
        ("as many bare elements", floor),
        ("answered", [each.answered for each in ours]),
        ("opened", [each.opened for each in ours]),
        ("in all", [each.answered + each.opened for each in ours]),
    ):
        print(f"    {name:22} {least_and_median(values)}")
    print(f"    ratio of both medians  {statistics.median(built) / statistics.median(floor):.2f}")
    return statistics.median(built) < MOST_BUILT_MS and n_elements <= MOST_ELEMENTS


async def run(runs: int) -> bool:
    """Print the table of the browser; whether the page was usable in time, and as light as promised."""
    is_kept = True
    async with demo_server() as url, open_chromium({}) as browser:
        await load(browser, url, "[data-rc-connect]", is_warm=False)
        for name, is_warm in (("cold cache", False), ("warm cache", True)):
            ours, floor = [], []
            for number in range(runs):
                query = f"/?session=paint-{is_warm}-{number}"
                ours.append(await load(browser, url + query, "[data-rc-connect]", is_warm=is_warm))
                empty = f"{url}/?session=empty&naive=0"
                floor.append(await load(browser, empty, ".nicegui-column", is_warm=is_warm))
            painted, usable = (statistics.median(each) for each in zip(*ours, strict=True))
            floor_usable = statistics.median(each[1] for each in floor)
            async with httpx.AsyncClient(base_url=url) as client:
                answers = [
                    (await client.get(f"/demo/paint-{is_warm}-{number}/cost")).json()
                    for number in range(runs)
                ]
            built, n_elements = statistics.median(each[0] for each in answers), answers[0][1]
            print(
                f"{name}   painted {painted:5.0f} ms   usable {usable:5.0f} ms   "
                f"empty page {floor_usable:5.0f} ms   ratio {usable / floor_usable:.2f}   "
                f"built beside the browser in {built:.1f} ms, {n_elements} elements"
            )
            is_kept = is_kept and usable <= MOST_USABLE_MS and n_elements <= MOST_ELEMENTS
    return is_kept


def main() -> int:
    """Read the arguments; the exit status says whether the promises were kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="in the browser, each kind")
    parser.add_argument("--visits", type=int, default=40, help="without one")
    wanted = parser.parse_args()

    async def both() -> bool:
        is_light = await run_alone(wanted.visits)
        return (await run(wanted.runs) if wanted.runs else True) and is_light

    return 0 if asyncio.run(both()) else 1


if __name__ == "__main__":
    sys.exit(main())
