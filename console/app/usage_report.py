"""What a session has used, as the page shows it: tokens, money, and how long each turn took."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

from console.app.spending.caps import amount
from console.app.spending.ledger import Spent
from console.app.turn import Turn
from console.realtime.prices import Cost
from console.realtime.usage import SessionUsage, TokenUsage, TranscriptionUsage

SHOWN_TURNS: Final = 100
"""The newest; all are counted in the percentiles."""
PLOTTED_TURNS: Final = 500
UNKNOWN: Final = "unknown"
STAGES: Final = {
    "committed": "committed",
    "created": "response created",
    "first_transcript": "first words",
    "first_audio": "first audio received",
    "first_heard": "first sample heard",
    "done": "done",
    "playback_ended": "playback ended",
}
"""What happens in a turn, each counted from the end of speech, or from when the question was sent."""


def stages_of(turn: Turn) -> dict[str, float]:
    """Return how long after its start a turn came to each stage, in ms; in the order of `STAGES`."""
    reached = {name: getattr(turn, f"{name}_ms") for name in STAGES}
    return {
        name: max(0.0, at_ms - turn.start_ms)
        for name, at_ms in reached.items()
        if at_ms is not None
    }


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of all do not exceed; None of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def latency(turns: Sequence[Turn]) -> dict[str, Any]:
    """Return what the page shows of the times of turns."""
    within = [each for each in turns if each.kind != "out_of_band"]
    waited = [(each.number, each.latency_ms) for each in within if each.latency_ms is not None]
    found = [stages_of(each) for each in within]
    return {
        "turns": [_turn(each) for each in turns[-SHOWN_TURNS:]],
        "total": len(turns),
        "plot": [[number, round(ms, 1)] for number, ms in waited[-PLOTTED_TURNS:]],
        "waited": _spread([ms for _, ms in waited]),
        "stages": [
            {
                "name": name,
                "label": label,
                **_spread([each[name] for each in found if name in each]),
            }
            for name, label in STAGES.items()
        ],
    }


def totals(usage: SessionUsage, spent: Spent) -> dict[str, Any]:
    """Return what the page shows of tokens and money."""
    responses = usage.responses
    return {
        "tokens": _kinds(responses),
        "n_responses": responses.n_responses,
        "reasoning": responses.reasoning,
        "cached_share": responses.cached / responses.input if responses.input else None,
        "transcripts": _transcripts(usage.transcripts),
        "cost": session_cost(spent),
    }


def session_cost(spent: Spent) -> dict[str, str]:
    """Return what a session has cost, in words, and what is not known of it."""
    if not spent.estimated:
        return {"words": amount(spent.dollars, "dollars"), "note": ""}
    known = amount(max(0.0, spent.dollars - spent.estimated), "dollars")
    assumed = amount(spent.estimated, "dollars")
    return {
        "words": UNKNOWN,
        "note": f"{known} are known; the rest is not, and counts as {assumed}, rather too much.",
    }


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "number": turn.number,
        "kind": turn.kind,
        "start_ms": round(turn.start_ms, 1),
        "stages": {name: round(ms, 1) for name, ms in stages_of(turn).items()},
        "latency": None if turn.latency_ms is None else round(turn.latency_ms, 1),
        "status": turn.status,
        "tools": list(turn.tools),
        "tokens": turn.tokens.total,
        "cost": _cost(turn.cost),
        "item": turn.item_ids[0] if turn.item_ids else None,
        "response": turn.response_ids[0] if turn.response_ids else None,
    }


def _cost(cost: Cost | None) -> dict[str, str]:
    if cost is None:
        return {"words": "", "note": ""}
    dollars = amount(cost.dollars, "dollars")
    if cost.is_estimate:
        return {"words": UNKNOWN, "note": f"counts as {dollars}, rather too much"}
    return {"words": dollars, "note": ""}


def _spread(values: Sequence[float]) -> dict[str, Any]:
    shares = {"p50": 0.5, "p95": 0.95}
    found = {name: percentile(values, share) for name, share in shares.items()}
    return {
        "n": len(values),
        **{name: None if value is None else round(value, 1) for name, value in found.items()},
    }


def _kinds(tokens: TokenUsage) -> list[dict[str, Any]]:
    """Return the counts by kind; what a server has not said the kind of is told as such."""
    rows: list[dict[str, Any]] = [
        {
            "kind": kind,
            "input": getattr(tokens, f"input_{kind}"),
            "cached": getattr(tokens, f"cached_{kind}"),
            "output": getattr(tokens, f"output_{kind}", None),
        }
        for kind in ("text", "audio", "image")
    ]
    rest = {
        way: max(0, getattr(tokens, way) - sum(each[way] or 0 for each in rows))
        for way in ("input", "cached", "output")
    }
    if any(rest.values()):
        rows.append({"kind": "kind not told", **rest})
    rows.append(
        {"kind": "all", "input": tokens.input, "cached": tokens.cached, "output": tokens.output}
    )
    return rows


def _transcripts(usage: TranscriptionUsage) -> dict[str, Any] | None:
    if not usage.n_transcripts:
        return None
    return {"count": usage.n_transcripts, "seconds": usage.seconds, "tokens": usage.total}
