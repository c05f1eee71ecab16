"""How often an address may knock, and how often it may load a page; all limits of the door."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Self

from limits import RateLimitItemPerMinute

from console.serving.windows import OwnWindows, Windows
from console.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """How much the door bears of one address, and in all."""

    wrong_links: int = 10
    """In a minute."""
    ban_minutes: int = 5
    """For which an address with more of them may try none."""
    pages: int = 30
    """In a minute; so many browsers may come in by a link for guests, too."""
    sockets: int = 20
    """At once; a page has two."""
    sockets_in_all: int = 200

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the limits that the settings name."""
        return cls(
            wrong_links=settings.door_wrong_links,
            ban_minutes=settings.door_ban_minutes,
            pages=settings.door_pages,
            sockets=settings.door_sockets,
            sockets_in_all=settings.door_sockets_in_all,
        )


class Rates:
    """Counts tokens that open nothing, those who come in, and pages, by address."""

    def __init__(self, limits: DoorLimits | None = None, windows: Windows | None = None) -> None:
        """Begin to count.

        Args:
            limits: How much is borne.
            windows: Where it is counted; in this process by default.
        """
        self.limits = limits or DoorLimits()
        """How much is borne."""
        self._windows = windows or OwnWindows()
        self._wrong_links = RateLimitItemPerMinute(self.limits.wrong_links)
        self._ban = RateLimitItemPerMinute(1, self.limits.ban_minutes)
        self._pages = RateLimitItemPerMinute(self.limits.pages)

    @property
    def ban_s(self) -> int:
        """For how long an address may try no link after too many wrong ones."""
        return self.limits.ban_minutes * 60

    async def is_banned(self, address: str) -> bool:
        """Return whether an address may show no token at present."""
        return not await self._windows.test(self._ban, "ban", address)

    async def note_bad_token(self, address: str) -> bool:
        """Count a token that opened nothing; returns whether that was one too many."""
        if await self._windows.hit(self._wrong_links, "bad token", address):
            return False
        if await self._windows.hit(self._ban, "ban", address):
            logger.warning("%s has tried too many tokens; refused for %d s", address, self.ban_s)
        return True

    async def note_newcomer(self, address: str) -> bool:
        """Count a browser that comes in by a link; returns whether that was one too many."""
        return not await self._windows.hit(self._pages, "newcomer", address)

    async def note_page_load(self, address: str) -> bool:
        """Count a page; returns whether that was one too many."""
        return not await self._windows.hit(self._pages, "page", address)
