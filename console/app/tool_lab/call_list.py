"""The calls of a session's tools, bounded in number and length."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import orjson

from console.app.tool_lab.state import CallEntry

MAX_CALLS: Final = 50
"""Older ones are in the event list alone."""
MAX_CHARACTERS: Final = 2_000
"""Of arguments and of a result, as the page shows them."""


class CallList:
    """What was called, oldest first."""

    def __init__(self) -> None:
        self._calls: dict[str, CallEntry] = {}

    def __iter__(self) -> Iterator[CallEntry]:
        """Yield the calls, oldest first."""
        return iter(tuple(self._calls.values()))

    def begin(self, call: CallEntry) -> None:
        """Add a call."""
        self._calls.pop(call.id, None)
        self._calls[call.id] = replace(call, arguments=_cut(call.arguments))
        while len(self._calls) > MAX_CALLS:
            del self._calls[next(iter(self._calls))]

    def change(self, call_id: str, **changed: Any) -> None:
        """Change what is known of a call; one that is forgotten is left so."""
        if call_id in self._calls:
            self._calls[call_id] = replace(self._calls[call_id], **changed)

    def finish(self, call_id: str, result: Any, error: str | None, duration_s: float) -> None:
        """Say what became of a call.

        Args:
            call_id: Of the call.
            result: What was answered; nothing when it failed.
            error: Why it failed; None: it did not.
            duration_s: How long it took.
        """
        self.change(
            call_id,
            status="done" if error is None else "failed",
            result=_cut(_written(result)) if error is None else "",
            error=error or "",
            duration_ms=duration_s * 1000,
        )

    def clear(self) -> None:
        """Forget those that have an answer."""
        self._calls = {key: each for key, each in self._calls.items() if each.duration_ms is None}


def _written(result: Any) -> str:
    value = orjson.loads(orjson.dumps(result, option=orjson.OPT_NON_STR_KEYS))
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    left = len(text) - MAX_CHARACTERS
    return text if left <= 0 else f"{text[:MAX_CHARACTERS]}\n... {left:,} more characters"
