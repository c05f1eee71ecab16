import re
from collections.abc import Callable
from typing import Any

from console.app.reference.kept_events import KeptEvents
from console.ui.elements.browser_shelf import BrowserShelf
from tests.ui.composer_rig import keep_in
from tests.ui.simulated_user import user_simulation

KEPT = KeptEvents().with_saved("mine", {"type": "response.create"})


async def on_a_page(
    work: Callable[[BrowserShelf], Any], storage: dict[str, str] | None, answer: Any = None
) -> BrowserShelf:
    shelves: list[BrowserShelf] = []
    async with user_simulation(root=lambda: shelves.append(BrowserShelf())) as user:
        if storage is None:
            user.javascript_rules[re.compile(".*runMethod", re.DOTALL)] = lambda _: answer
        else:
            keep_in(user, storage)
        await user.open("/")
        await work(shelves[0])
    return shelves[0]


async def test_what_is_written_is_read_by_the_next_page() -> None:
    storage: dict[str, str] = {}

    await on_a_page(lambda shelf: shelf.write(KEPT), storage)
    shelf = await on_a_page(lambda shelf: shelf.read(), storage)

    assert shelf.kept == KEPT
    assert shelf.is_lasting


async def test_a_browser_that_keeps_nothing_leaves_it_to_the_page() -> None:
    async def work(shelf: BrowserShelf) -> None:
        await shelf.read()
        await shelf.write(KEPT)
        await shelf.read()

    for answer in (None, False):
        shelf = await on_a_page(work, None, answer)

        assert shelf.kept == KEPT
        assert not shelf.is_lasting
