import asyncio

from console.app.presses import MOST_WAITING, TOO_MANY, Presses


class Button:
    """Presses of which each is acted on only when it is let through."""

    def __init__(self):
        self.acted: list[tuple[bool, float]] = []
        self.told: list[str] = []
        self._order, self._may_go_on = asyncio.Lock(), asyncio.Semaphore(0)
        self.presses = Presses(self._talk, refused=self.told.append)
        self.running: list[asyncio.Future[None]] = []

    async def _talk(self, is_down, held_ms):
        async with self._order:
            await self._may_go_on.acquire()
            self.acted.append((is_down, held_ms))

    def press_and_release(self):
        """Do as the channel does; return whether it was taken."""
        if not self.presses.may_press():
            return False
        self.running += [
            asyncio.ensure_future(self.presses.act(True, 0)),
            asyncio.ensure_future(self.presses.act(False, 300)),
        ]
        return True

    async def let_go_on(self, n):
        for each in self.running[:n]:
            self._may_go_on.release()
            await each
        del self.running[:n]


async def test_presses_that_are_acted_on_are_all_taken():
    button = Button()
    for _ in range(3 * MOST_WAITING):
        assert button.press_and_release()
        await button.let_go_on(2)

    assert len(button.acted) == 6 * MOST_WAITING
    assert button.told == []


async def test_no_more_wait_than_are_told_even_if_they_come_at_once():
    button = Button()

    taken = [button.press_and_release() for _ in range(1_000)]

    n_taken = MOST_WAITING // 2
    assert taken == [True] * n_taken + [False] * (1_000 - n_taken)
    assert len(button.running) == MOST_WAITING
    assert set(button.told) == {TOO_MANY}
    await button.let_go_on(MOST_WAITING)
    assert button.acted == [(True, 0), (False, 300)] * n_taken
    assert button.press_and_release(), "there is room again"
    await button.let_go_on(2)


async def test_one_that_fails_waits_no_longer():
    async def fail(_is_down, _held_ms):
        raise RuntimeError("no")

    presses = Presses(fail, refused=lambda _: None)
    for _ in range(2 * MOST_WAITING):
        assert presses.may_press()
        await asyncio.gather(presses.act(True, 0), return_exceptions=True)
