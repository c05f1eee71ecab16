"""How many sessions guests may begin: each costs something before a word is said."""

from __future__ import annotations

from limits import RateLimitItemPerHour

from console.app.spending.caps import Payer
from console.app.spending.windows import OwnWindows, Windows
from console.settings import Settings


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

    async def begin(self, payer: Payer) -> str:
        """Count a session that somebody begins.

        Returns:
            Why they may not, in a sentence; empty: they may. The owner always may.
        """
        if not payer.is_guest:
            return ""
        if payer.browser and not await self._windows.hit(
            self._of_guest, "guest starts", payer.browser
        ):
            return _sentence("You have begun", self._of_guest.amount, "for one guest")
        if not await self._windows.hit(self._of_address, "address starts", payer.id):
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
