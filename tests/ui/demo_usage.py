"""What a session has used, as a test says it; a budget is noted, or refused as it really is."""

from __future__ import annotations

from typing import Any

from console.app import usage_report
from console.app.spending import own_budget
from console.app.spending.ledger import Spent
from console.app.turn import Turn
from console.realtime.prices import Cost
from console.realtime.usage import SessionUsage, TokenUsage, TranscriptionUsage


def turn(number: int, waited_ms: float, **changes: Any) -> Turn:
    """Return a spoken turn that was answered after so long."""
    start_ms = number * 10_000.0
    return Turn(
        number,
        "speech",
        start_ms - 1_500,
        speech_ended_ms=start_ms,
        committed_ms=start_ms + waited_ms * 0.6,
        created_ms=start_ms + waited_ms * 0.65,
        first_transcript_ms=start_ms + waited_ms * 0.85,
        first_audio_ms=start_ms + waited_ms * 0.9,
        first_heard_ms=start_ms + waited_ms,
        done_ms=start_ms + waited_ms + 900,
        playback_ended_ms=start_ms + waited_ms + 4_000,
        status="completed",
        item_ids=[f"u{number}", f"a{number}"],
        response_ids=[f"r{number}"],
        tokens=TokenUsage(total=300 + number, input=240, output=60 + number),
        cost=Cost(0.0031),
        **changes,
    )


class DemoUsage:
    """A `SessionUse` in the hands of a test."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.usage = SessionUsage()
        self.spent = Spent()
        self.context: dict[str, int | None] = {"used": 0, "most": 128_000}
        self.ends_in_s: float | None = None
        self.limits: list[dict[str, Any]] = []
        self.budgets: list[tuple[str, str]] = []

    def be_used(self, n_turns: int = 12) -> None:
        """Have what a session of some minutes has."""
        waits = (812, 1_240, 930, 700, 2_900, 1_010, 860, 990, 1_120, 640, 780, 1_330)
        self.turns = [turn(n + 1, float(waits[n % len(waits)])) for n in range(n_turns)]
        if n_turns > 2:
            self.turns[1].tools, self.turns[1].cost = ["get_weather"], Cost(0.01, is_estimate=True)
            self.turns[2].status = "cancelled"
        self.usage = SessionUsage(
            TokenUsage(
                total=5_310, input=4_100, input_text=2_900, input_audio=1_200, cached=1_640,
                cached_text=1_400, cached_audio=240, output=1_210, output_text=310,
                output_audio=900, n_responses=n_turns,
            ),
            TranscriptionUsage(n_transcripts=n_turns, seconds=42.5),
        )  # fmt: skip
        self.spent = Spent(seconds=180, dollars=0.0731)
        self.context = {"used": 5_210, "most": 128_000}
        self.ends_in_s = 3_411.0
        self.limits = [{"name": "tokens", "limit": 40_000, "remaining": 34_200, "resets_in_s": 8.7}]

    def report(self) -> dict[str, Any]:
        return {
            **usage_report.totals(self.usage, self.spent),
            **usage_report.latency(self.turns),
            "prices": "2026-11-23",
            "model": "gpt-realtime-2.1",
            "context": self.context,
            "ends_in_s": self.ends_in_s,
            "limits": self.limits,
            "budget": [],
        }

    def set_budget(self, dollars: str, minutes: str) -> str:
        own_budget.read({"dollars": dollars, "minutes": minutes}, self.spent, ())
        self.budgets.append((dollars, minutes))
        return "It holds."
