"""The tokens of the last minute, as `rate_limits.updated` tells of them. Nothing is refused."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Any, Final

TOKENS_PER_MINUTE: Final = 40_000
_WINDOW: Final = timedelta(minutes=1)


class RateLimits:
    """Counts tokens in a window that moves with the time."""

    def __init__(self, tokens_per_minute: int = TOKENS_PER_MINUTE) -> None:
        self._limit = tokens_per_minute
        self._spent: deque[tuple[datetime, int]] = deque()

    def spend(self, tokens: int, now: datetime) -> None:
        """Count the tokens of a response that ends now."""
        self._spent.append((now, tokens))
        self._forget_before(now - _WINDOW)

    def wire(self, now: datetime) -> list[dict[str, Any]]:
        """Return `rate_limits`: what is left now, and when all of it will be there again."""
        self._forget_before(now - _WINDOW)
        spent = [(at, tokens) for at, tokens in self._spent if tokens]
        reset_s = (spent[-1][0] + _WINDOW - now).total_seconds() if spent else 0.0
        return [
            {
                "name": "tokens",
                "limit": self._limit,
                "remaining": max(0, self._limit - sum(tokens for _, tokens in spent)),
                "reset_seconds": round(reset_s, 3),
            }
        ]

    def _forget_before(self, start: datetime) -> None:
        while self._spent and self._spent[0][0] <= start:
            self._spent.popleft()
