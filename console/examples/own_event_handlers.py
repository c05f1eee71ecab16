"""See every event on the wire, and act on those that one cares about.

::

    python -m console.examples.own_event_handlers "Hello!"
"""

# ruff: noqa: T201 - it talks to a terminal

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Final

from console.client.happenings import ErrorReport, RealtimeEvent
from console.examples import program
from console.realtime.fields import mapping, mappings

LIMITS_TIMEOUT_S: Final = 1.0


async def watch(url: str, model: str, line: str) -> None:
    """Talk once, print both directions of the wire, and count."""
    client = program.client(url, model)
    await client.update_session(output_modalities=["text"])
    counts: Counter[str] = Counter()
    limits_came = asyncio.Event()

    def on_event(told: RealtimeEvent) -> None:
        # Both directions come here, before anything is done about them.
        counts[told.event.type] += 1
        arrow = "->" if told.source == "client" else "<-"
        print(f"{told.at_s:7.3f} s  {arrow} {told.event.type}")
        if told.event.type == "response.done":
            usage = mapping(mapping(told.event.fields, "response"), "usage")
            print(f"{'':11}{usage.get('total_tokens', 'unknown')} tokens")
        elif told.event.type == "rate_limits.updated":
            limits_came.set()
            for limit in mappings(told.event.fields, "rate_limits"):
                left, most = limit.get("remaining"), limit.get("limit")
                print(f"{'':11}{left} of {most} {limit.get('name')} are left")

    async def on_error(report: ErrorReport) -> None:
        # A handler may be a coroutine; it then runs beside the session.
        cause = report.cause.type if report.cause is not None else "nothing of ours"
        print(f"error about {cause}: {report.message}")

    client.on("realtime.event", on_event)
    stop = client.on("error", on_error)
    async with client:
        await program.answer(client, client.send_user_message_content(line))
        # They may come after the answer, and not every server tells them.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIMITS_TIMEOUT_S):
                await limits_came.wait()
        stop()
    for event_type, count in counts.most_common(3):
        print(f"{count} of {event_type}")


def main(argv: Sequence[str] | None = None) -> int:
    """Read the flags and run."""
    parser = program.parser("console.examples.own_event_handlers", "Watch the wire.")
    program.add_model(parser)
    parser.add_argument("line", nargs="?", default="Hello!")
    given = parser.parse_args(argv)
    return program.run(watch(given.url, given.model, given.line))


if __name__ == "__main__":
    sys.exit(main())
