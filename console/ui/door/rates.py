"""How often an address may knock, and how often it may load a page."""

from __future__ import annotations

import logging
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

logger = logging.getLogger(__name__)

BAN_S: Final = 300
_BAD_TOKENS: Final = RateLimitItemPerMinute(10)
_BAN: Final = RateLimitItemPerMinute(1, BAN_S // 60)
_PAGE_LOADS: Final = RateLimitItemPerMinute(30)


class Rates:
    """Counts by address: 10 bad tokens a minute, else none for 5 minutes; 30 pages a minute."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def is_banned(self, address: str) -> bool:
        """Return whether an address may show no token at present."""
        return not self._limiter.test(_BAN, "ban", address)

    def note_bad_token(self, address: str) -> bool:
        """Count a token that opened nothing; returns whether that was one too many."""
        if self._limiter.hit(_BAD_TOKENS, "bad token", address):
            return False
        if self._limiter.hit(_BAN, "ban", address):
            logger.warning("%s has tried too many tokens; refused for %d s", address, BAN_S)
        return True

    def note_page_load(self, address: str) -> bool:
        """Count a page; returns whether that was one too many."""
        return not self._limiter.hit(_PAGE_LOADS, "page", address)
