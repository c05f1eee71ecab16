"""What the browser plays when, of sound that comes early, late or in lumps; to the sample.

Time is exact here: the queue of the playback worklet is read block by block without an audio context,
or the worklet plays what another worklet delivers by the clock that renders it.
"""

from __future__ import annotations

import base64
import functools
import http.server
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parent.parent.parent
MS = 24
"""Samples in a millisecond."""
DELTA_MS = 20
FADE = 4 * MS
SMOOTH = 32_768 // FADE + 700
"""The largest step between two samples that is no click: the voice's own and the slope of a fade."""

_VOICE = """const packed = (blocks) => {
    const bytes = new Uint8Array(Int16Array.from(blocks.flatMap((each) =>
      [...each].map((one) => Math.round(one * 32768)))).buffer);
    let text = "";
    for (const each of bytes) text += String.fromCharCode(each);
    return btoa(text);
  };
  const voice = ({ from, to }) => Int16Array.from({ length: to - from }, (_, i) =>
  8000.5 + 4000 * Math.sin((2 * Math.PI * 300 * (from + i)) / 24000));"""
_READ = f"""async ({{ deliveries, ms }}) => {{
  {_VOICE}
  const {{ PlaybackQueue }} = await import("/assets/playback_queue.js");
  const said = [], played = [], out = new Float32Array(128);
  let now = 0;
  const queue = new PlaybackQueue({{
    say: (message) => said.push({{ ...message, at: now }}), onPlaying: () => {{}},
  }});
  const commands = {{
    write: (message) => queue.write(message.track, voice(message)),
    finish: (message) => queue.finish(message.track),
    interrupt: (message) => queue.interrupt(message.id),
    forget: () => queue.forget(),
  }};
  for (let n = 0; n < ms * 24; n += out.length) {{
    now = n / 24;
    while (deliveries.length && deliveries[0][0] <= now) {{
      const [, message] = deliveries.shift();
      commands[message.command](message);
    }}
    queue.read(out);
    if (ms <= 5000) played.push(out.slice());
  }}
  return {{ said, played: packed(played) }};
}}"""
_RENDER = f"""async ({{ deliveries, last }}) => {{
  {_VOICE}
  const context = new AudioContext({{ sampleRate: 24000 }});
  for (const each of ["assets/playback", "tests/browser/feeder", "tests/browser/tap"])
    await context.audioWorklet.addModule(`/${{each}}.worklet.js`);
  for (const [, message] of deliveries)
    if (message.command === "write") message.pcm = voice(message).buffer;
  const node = new AudioWorkletNode(context, "rc-playback", {{ numberOfInputs: 0, outputChannelCount: [1] }});
  const feeder = new AudioWorkletNode(context, "rc-feeder", {{ processorOptions: {{ deliveries }} }});
  const tap = new AudioWorkletNode(context, "rc-tap");
  node.connect(tap).connect(context.destination);
  feeder.connect(context.destination);
  const said = [], line = new MessageChannel();
  node.port.postMessage({{ port: line.port1 }}, [line.port1]);
  const ended = new Promise((resolve) => {{
    feeder.port.onmessage = ({{ data }}) => {{
      said.push(data);
      if (data.k === last) resolve();
    }};
  }});
  feeder.port.postMessage({{ port: line.port2 }}, [line.port2]);
  await ended;
  await new Promise((done) => setTimeout(done, 50)); // what fades
  const blocks = await new Promise((resolve) => {{
    tap.port.onmessage = ({{ data }}) => resolve(data);
    tap.port.postMessage("all");
  }});
  await context.close();
  return {{ said, played: packed(blocks) }};
}}"""

Delivery = tuple[float, dict[str, Any]]


@dataclass(frozen=True)
class Played:
    """What came out, from the first sound on, and what the queue said meanwhile."""

    samples: npt.NDArray[np.int64]
    said: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.said if each["k"] == kind]

    @property
    def underruns(self) -> int:
        return int(max(each["underruns"] for each in self.of("heard")))

    @property
    def buffer_ms(self) -> float:
        return float(self.of("heard")[-1]["buffer"] / MS)


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    """Where the project's own files are served."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(ROOT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(chromium: Browser, files: str) -> AsyncIterator[Page]:
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(f"{files}/tests/browser/")
    yield page
    await context.close()


async def read(page: Page, deliveries: Sequence[Delivery], ms: float) -> Played:
    """Return what the queue gives in so many ms; of more than five seconds only what it says."""
    return played(await page.evaluate(_READ, {"deliveries": deliveries, "ms": ms}))


async def render(page: Page, deliveries: Sequence[Delivery], last: str) -> Played:
    """Return what an audio context renders until the playback says `last`."""
    await page.mouse.click(1, 1)  # sound begins with a sign of the user
    return played(await page.evaluate(_RENDER, {"deliveries": deliveries, "last": last}))


def played(answer: dict[str, Any]) -> Played:
    samples = np.frombuffer(base64.b64decode(answer["played"]), dtype="<i2").astype(np.int64)
    return Played(np.trim_zeros(samples, "f"), answer["said"])


def voice(n_samples: int, start: int = 0) -> npt.NDArray[np.int64]:
    times = np.arange(start, start + n_samples) / 24_000
    return (8000.5 + 4000 * np.sin(2 * np.pi * 300 * times)).astype(np.int64)


def write(track: str, start: int, end: int) -> dict[str, Any]:
    return {"command": "write", "track": track, "from": start, "to": end}


def line(
    ms: int, *, speed: float = 1.0, stalls: Sequence[tuple[int, int]] = (), track: str = "a"
) -> list[Delivery]:
    """Deltas of 20 ms as a line brings them.

    Args:
        ms: How much sound comes.
        speed: How many times faster than it is heard.
        stalls: When the line stops, after so many ms of sound, and for how long; what was held up
            comes at once when it goes on.
        track: Whose sound it is.
    """
    deliveries: list[Delivery] = []
    for start in range(0, ms, DELTA_MS):
        at = start / speed
        for begins, lasts in stalls:
            if begins / speed <= at < begins / speed + lasts:
                at = begins / speed + lasts
        deliveries.append((at, write(track, start * MS, (start + DELTA_MS) * MS)))
    deliveries.append((deliveries[-1][0], {"command": "finish", "track": track}))
    return deliveries


def contains(played: npt.NDArray[np.int64], sound: npt.NDArray[np.int64]) -> bool:
    """Say whether `sound` was played whole and unchanged."""
    starts = np.flatnonzero(played[: len(played) - len(sound) + 1] == sound[0])
    return any(np.array_equal(played[at : at + len(sound)], sound) for at in starts)


def largest_step(samples: npt.NDArray[np.int64]) -> int:
    return int(np.abs(np.diff(samples)).max())


# --- what is rendered


async def test_deltas_of_20_ms_in_real_time_are_rendered_without_a_gap(page: Page) -> None:
    heard = await render(page, line(3000), "drained")

    assert np.array_equal(heard.samples[: 3000 * MS], voice(3000 * MS))
    assert heard.underruns == 0


async def test_a_stall_of_300_ms_leaves_a_gap_once_in_real_time_and_none_afterwards(
    page: Page,
) -> None:
    heard = await render(
        page, line(4000, stalls=[(1000, 300), (2000, 300), (3000, 300)]), "drained"
    )

    assert heard.underruns == 1
    assert heard.buffer_ms >= 300
    gap = np.flatnonzero(heard.samples[: 4000 * MS] == 0)
    assert 0 < len(gap) < 400 * MS
    assert np.ptp(gap) + 1 == len(gap), "there is one gap"
    assert np.array_equal(heard.samples[: 1000 * MS], voice(1000 * MS))
    # The first samples after the gap rise out of the silence; all others are as they were sent.
    assert contains(heard.samples, voice(3000 * MS, start=1000 * MS)[FADE:])


async def test_a_stall_of_300_ms_is_not_heard_when_sound_comes_at_twice_its_speed(
    page: Page,
) -> None:
    heard = await render(page, line(3000, speed=2, stalls=[(1000, 300)]), "drained")

    assert np.array_equal(heard.samples[: 3000 * MS], voice(3000 * MS))
    assert heard.underruns == 0


async def test_an_interruption_is_rendered_within_a_fade_and_told_to_the_sample(
    page: Page,
) -> None:
    deliveries = line(1000, speed=2)
    deliveries.append((600, write("b", 0, 24_000)))
    deliveries.append((700, {"command": "interrupt", "id": 1}))
    deliveries.append((700, write("a", 0, 4800)))  # late, of a track that is cut
    heard = await render(page, deliveries, "interrupted")

    (answer,) = heard.of("interrupted")
    n = answer["samples"]
    assert answer["track"] == "a"
    assert np.array_equal(heard.samples[:n], voice(n))
    assert not heard.samples[n + FADE :].any()
    assert largest_step(heard.samples) <= SMOOTH


async def test_the_last_samples_are_rendered_though_they_fill_no_block(page: Page) -> None:
    deliveries: list[Delivery] = [
        (0, write("a", 0, 1999)),
        (0, {"command": "finish", "track": "a"}),
        (0, write("b", 1999, 4001)),
        (0, {"command": "finish", "track": "b"}),
    ]
    heard = await read(page, deliveries, 400)

    assert [(each["track"], each["samples"]) for each in heard.of("drained")] == [
        ("a", 1999),
        ("b", 2002),
    ]
    assert np.array_equal(heard.samples[:4001], voice(4001))


# --- how much waits before sound begins


async def test_a_quiet_line_needs_40_ms_after_a_while(page: Page) -> None:
    heard = await read(page, line(20_000), 20_500)

    assert heard.of("heard")[0]["buffer"] == 60 * MS
    assert heard.buffer_ms == 40
    assert heard.underruns == 0


async def test_a_line_that_stalls_keeps_what_it_needs_and_gives_it_back_when_calm(
    page: Page,
) -> None:
    stalls = [(start, 200) for start in range(1000, 20_000, 2000)]
    stalling = await read(page, line(21_000, stalls=stalls), 22_000)
    calm = await read(page, line(80_000, stalls=stalls[:1]), 81_000)

    assert stalling.underruns == calm.underruns == 1
    assert stalling.buffer_ms == pytest.approx(250, abs=25)
    assert calm.buffer_ms == 40


async def test_a_pause_that_no_buffer_would_have_bridged_teaches_little(page: Page) -> None:
    heard = await read(page, line(2000, stalls=[(1000, 3000)]), 6000)

    assert heard.underruns == 1
    assert heard.buffer_ms == 80


async def test_nothing_waits_longer_than_half_a_second(page: Page) -> None:
    stalls = [(start, 450) for start in range(1000, 9000, 1000)]
    heard = await read(page, line(10_000, stalls=stalls), 12_000)

    assert max(each["buffer"] for each in heard.of("heard")) == 500 * MS


async def test_an_end_that_is_told_late_is_no_underrun(page: Page) -> None:
    deliveries = line(500)
    deliveries[-1] = (900, deliveries[-1][1])
    heard = await read(page, deliveries, 1500)

    assert heard.underruns == 0
    assert heard.buffer_ms == 60
    assert [each["samples"] for each in heard.of("drained")] == [500 * MS]


# --- nothing clicks


@pytest.mark.parametrize("ms_left", [1, 2, 3, 5, 100])
async def test_an_interruption_does_not_click_however_little_is_at_hand(
    page: Page, ms_left: int
) -> None:
    at = 300
    deliveries: list[Delivery] = [(0, write("a", 0, 200 * MS))]
    deliveries += [(100, write("a", n, n + MS)) for n in range(200 * MS, (at + ms_left) * MS, MS)]
    deliveries.append((at, {"command": "interrupt", "id": 1}))
    heard = await read(page, deliveries, 500)

    (answer,) = heard.of("interrupted")
    end = answer["samples"]
    assert 0 <= end - at * MS < 256
    assert np.array_equal(heard.samples[:end], voice(end))
    assert largest_step(heard.samples) <= SMOOTH
    assert not heard.samples[end + FADE :].any()


async def test_the_edges_of_a_gap_do_not_click_and_nothing_of_the_sound_is_lost(
    page: Page,
) -> None:
    heard = await read(page, line(1000, stalls=[(500, 200)]), 1500)

    assert heard.underruns == 1
    assert largest_step(heard.samples) <= SMOOTH
    assert np.array_equal(heard.samples[: 500 * MS], voice(500 * MS))
    assert contains(heard.samples, voice(500 * MS, start=500 * MS)[FADE:])


async def test_a_track_that_ends_loud_ends_without_a_click(page: Page) -> None:
    deliveries: list[Delivery] = [
        (0, write("a", 0, 4800)),
        (0, {"command": "finish", "track": "a"}),
    ]
    heard = await read(page, deliveries, 400)

    assert largest_step(heard.samples) <= SMOOTH
    assert not heard.samples[4800 + FADE :].any()


# --- which track, and how far


async def test_positions_go_on_counting_over_a_gap(page: Page) -> None:
    deliveries = [each for each in line(1000, stalls=[(500, 200)]) if each[0] < 950]
    deliveries.append((950, {"command": "interrupt", "id": 7}))
    heard = await read(page, deliveries, 1200)

    (answer,) = heard.of("interrupted")
    assert (answer["id"], answer["track"]) == (7, "a")
    silent_ms = 950 - answer["samples"] / MS
    assert 200 <= silent_ms < 320, "silence counts for no track"
    assert [each["samples"] for each in heard.of("heard")] == sorted(
        each["samples"] for each in heard.of("heard")
    )


async def test_a_track_that_waits_for_more_is_the_one_that_is_heard(page: Page) -> None:
    deliveries: list[Delivery] = [
        (0, write("a", 0, 2400)),
        (300, {"command": "interrupt", "id": 1}),
    ]
    heard = await read(page, deliveries, 400)

    (answer,) = heard.of("interrupted")
    assert (answer["track"], answer["samples"]) == ("a", 2400)


async def test_a_track_that_is_forgotten_may_come_again(page: Page) -> None:
    deliveries: list[Delivery] = [
        (0, write("a", 0, 4800)),
        (100, {"command": "interrupt", "id": 1}),
        (110, write("a", 0, 4800)),
        (150, {"command": "forget"}),
        (200, write("a", 0, 2400)),
        (200, {"command": "finish", "track": "a"}),
    ]
    heard = await read(page, deliveries, 600)

    (drained,) = heard.of("drained")
    assert drained["samples"] == 2400


async def test_reports_come_at_least_four_times_a_second(page: Page) -> None:
    heard = await read(page, line(3000), 3500)

    times = [each["at"] for each in heard.of("heard")]
    assert np.diff(times).max() <= 250
    assert times[0] < 100
