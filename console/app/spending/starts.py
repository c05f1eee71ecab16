"""How many sessions guests may begin: each costs something before a word is said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from limits import RateLimitItem, RateLimitItemPerHour

from console.app.spending.caps import Payer
from console.serving.windows import OwnWindows, Windows
from console.settings import Settings

_Ask = Callable[[RateLimitItem, str, str], Awaitable[bool]]


class SessionStarts:
    """Counts the sessions that guests begin in an hour, by browser and by address.

    By address, too, since whoever opens the link in another browser is another guest.
    """

    def __init__(self, settings: Settings, windows: Windows | None = None) -> None:
        """Begin to count.

        Args:
            settings: How many there may be.
            windows: Where they are counted; in this process by default.
        """
        self._of_guest = RateLimitItemPerHour(settings.limit_guest_starts)
        self._of_address = RateLimitItemPerHour(settings.limit_address_starts)
        self._windows = windows or OwnWindows()

    async def refusal(self, payer: Payer) -> str:
        """Return why somebody may begin no session now, in a sentence; empty: they may.

        The owner always may.
        """
        return await self._ask(payer, self._windows.test)

    async def begin(self, payer: Payer) -> str:
        """Count a session that has begun; returns why it may not go on, if it was one too many."""
        return await self._ask(payer, self._windows.hit)

    async def _ask(self, payer: Payer, ask: _Ask) -> str:
        if not payer.is_guest:
            return ""
        if payer.browser and not await ask(self._of_guest, "guest starts", payer.browser):
            return _sentence("You have begun", self._of_guest.amount, "for one guest")
        if not await ask(self._of_address, "address starts", payer.id):
            return _sentence(
                "The guests of your address have begun", self._of_address.amount, "for one address"
            )
        return ""


def _sentence(who: str, most: int, whose: str) -> str:
    sessions = "a session" if most == 1 else f"{most} sessions"
    return (
        f"{who} {sessions} within an hour, the most {whose}. Everything so far is kept; wait, or "
        "ask whoever runs the console to allow more."
    )
