"""The money of one process: what was spent, what is held for answers under way, what is left."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from console import tasks
from console.app.spending.caps import Cap, Payer, Scope, caps_of
from console.app.spending.ledger import Ledger, Spent
from console.app.spending.other_consoles import OtherConsoles
from console.app.spending.starts import SessionStarts
from console.clock import Clock
from console.realtime.prices import Cost, PriceTable
from console.serving.shared_store import SharedStore
from console.serving.windows import Windows
from console.settings import Settings
from console.signals import Signal

FILE_NAME: Final = "spending.sqlite3"
TELL_S: Final = 2.0
"""How long what changes is gathered before it is told."""


@dataclass(slots=True)
class Account:
    """What one session has used so far; it knows whose it is."""

    payer: Payer
    spent: Spent = field(default_factory=Spent)
    held: Spent = field(default_factory=Spent)
    """For answers that are under way."""


@dataclass(eq=False, slots=True)
class Hold:
    """What is set aside for an answer that is under way; in the counter as if it were spent."""

    account: Account
    day: str
    amount: Spent
    is_open: bool = field(default=True)


class Budget:
    """Counts what all sessions use, and says which limit is near or reached.

    An answer under way is in the counter with a pessimistic estimate from its beginning, so that
    a process that is killed has counted too much rather than nothing, and two sessions of one
    person cannot both spend what is left.
    """

    def __init__(
        self,
        settings: Settings,
        prices: PriceTable,
        ledger: Ledger,
        starts: SessionStarts,
        clock: Clock,
        others: OtherConsoles | None = None,
    ) -> None:
        self.changed: Signal[None] = Signal("budget changed")
        """What was used by anybody, or the remark, is another; told now and then after `start`."""
        self._settings = settings
        self.prices = prices
        self.starts = starts
        """How many sessions may begin."""
        self._ledger = ledger
        self._others = others
        self._clock = clock
        self._is_changed = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None
        if others is not None:
            others.changed.connect(lambda _: self._is_changed.set())
        self._holds: set[Hold] = set()

    @classmethod
    def open(
        cls,
        settings: Settings,
        directory: Path | None,
        clock: Clock,
        store: SharedStore | None = None,
        windows: Windows | None = None,
    ) -> Budget:
        """Open the counter of a console.

        Args:
            settings: Of the console.
            directory: Where its file is; None: it counts in memory.
            clock: Time.
            store: Where other consoles count, too; closed with the budget.
            windows: Where the starts of sessions are counted; in this process by default.

        Raises:
            ConfigurationError: The file of prices cannot be used.
        """
        prices = PriceTable.read(Path(settings.prices) if settings.prices else None)
        path = None if directory is None else directory / FILE_NAME
        ledger = Ledger(path, wall_s=clock.wall_s)
        others = None if store is None else OtherConsoles(ledger, store, clock)
        return cls(settings, prices, ledger, SessionStarts(settings, windows), clock, others)

    @property
    def remark(self) -> str:
        """What the owner should know of the counter, in a sentence; empty: all is well."""
        remarks = (self._ledger.remark, self._others.remark if self._others else "")
        return " ".join(filter(None, remarks))

    def start(self) -> None:
        """Tell what changes from now on; exchange sums with other consoles, if there are any."""
        self._telling = tasks.spawn(self._tell(), name="tell what was used")
        if self._others is not None:
            self._others.start()

    async def refresh(self) -> None:
        """Hear what other consoles have counted up to now, if they can be reached."""
        if self._others is not None:
            await self._others.exchange()

    def caps_of(self, payer: Payer) -> tuple[Cap, ...]:
        """Return the limits of somebody."""
        return caps_of(self._settings, payer)

    def spent(self, cap: Cap, account: Account) -> Spent:
        """Return what was used of a limit, without what is held for answers under way."""
        total = self._counted(cap.scope, account)
        for hold in self._holds:
            if _concerns(hold, cap.scope, account, self._ledger.today()):
                total -= hold.amount
        return total

    def committed(self, cap: Cap, account: Account) -> Spent:
        """Return what was used of a limit, or is held for answers of other sessions."""
        total = self._counted(cap.scope, account)
        for hold in self._holds:
            is_own = hold.account is account
            if is_own and _concerns(hold, cap.scope, account, self._ledger.today()):
                total -= hold.amount
        return total

    def add_time(self, account: Account, seconds: float) -> None:
        """Count time of a session."""
        self._add(account, Spent(seconds=seconds))

    def add_cost(self, account: Account, cost: Cost) -> None:
        """Count a cost of a session."""
        self._add(account, _amount(cost))

    def hold(self, account: Account, cost: Cost) -> Hold:
        """Set something aside for an answer that begins."""
        hold = Hold(account, self._ledger.today(), Spent())
        self._holds.add(hold)
        self._change(hold, _amount(Cost(cost.dollars, is_estimate=True)))
        return hold

    def raise_hold(self, hold: Hold, cost: Cost) -> None:
        """Set more aside: an answer turns out to be longer than was thought."""
        if cost.dollars > hold.amount.dollars:
            self._change(hold, _amount(Cost(cost.dollars, is_estimate=True)))

    def settle(self, hold: Hold, cost: Cost) -> None:
        """Count what an answer has cost in place of what was held for it."""
        if not hold.is_open:
            return
        hold.is_open = False
        self._holds.discard(hold)
        account, amount = hold.account, _amount(cost)
        account.held -= hold.amount
        account.spent += amount
        self._count(account, amount - hold.amount, hold.day)

    async def close(self) -> None:
        """Close the counter; other consoles are told the last of it."""
        await tasks.cancel(self._telling)
        if self._others is not None:
            await self._others.close()
        self._ledger.close()

    async def _tell(self) -> None:
        while True:
            await self._is_changed.wait()
            await self._clock.sleep(TELL_S)
            self._is_changed.clear()
            self.changed.emit(None)

    def _counted(self, scope: Scope, account: Account) -> Spent:
        match scope:
            case "session":
                return account.spent + account.held
            case "guest":
                return self._of_all_consoles(self._ledger.today(), account.payer.id)
            case "day":
                return self._of_all_consoles(self._ledger.today())
            case "total":
                return self._of_all_consoles()

    def _of_all_consoles(self, day: str | None = None, person: str | None = None) -> Spent:
        own = self._ledger.spent(day=day, person=person)
        return own if self._others is None else own + self._others.spent(day=day, person=person)

    def _add(self, account: Account, amount: Spent) -> None:
        account.spent += amount
        self._count(account, amount)

    def _count(self, account: Account, amount: Spent, day: str | None = None) -> None:
        self._ledger.add(account.payer.id, amount, day=day)
        self._is_changed.set()
        if self._others is not None:
            self._others.note_change()

    def _change(self, hold: Hold, amount: Spent) -> None:
        more = amount - hold.amount
        hold.amount = amount
        hold.account.held += more
        self._count(hold.account, more, hold.day)


def _amount(cost: Cost) -> Spent:
    return Spent(dollars=cost.dollars, estimated=cost.dollars if cost.is_estimate else 0.0)


def _concerns(hold: Hold, scope: Scope, account: Account, today: str) -> bool:
    match scope:
        case "session":
            return hold.account is account
        case "guest":
            return hold.day == today and hold.account.payer.id == account.payer.id
        case "day":
            return hold.day == today
        case "total":
            return True
