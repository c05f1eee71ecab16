"""What the collector of garbage looks at, and when."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from console.app import garbage
from console.app.garbage import PAGES_AT_ONCE, GarbageRounds
from tests.fakes import settle


class Ring:
    """Only the collector gets rid of it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    gc.collect()
    gc.freeze()  # as tests/conftest.py does


def test_what_is_there_at_the_start_is_not_looked_at_again_and_what_comes_later_is() -> None:
    early = Ring()
    n_before = gc.get_freeze_count()
    n_looked_at = len(gc.get_objects())
    gone = weakref.ref(Ring())

    GarbageRounds().start()

    assert gone() is None
    assert gc.get_freeze_count() > n_before
    assert len(gc.get_objects()) < n_looked_at / 10
    late = Ring()
    seen = weakref.ref(early), weakref.ref(late)
    del early, late
    gc.collect()
    assert [each() is None for each in seen] == [False, True]


def test_everything_is_looked_through_seldom_by_itself() -> None:
    young, middle, full = gc.get_threshold()

    GarbageRounds().start()

    assert gc.get_threshold() == (young, middle, 100 * full)


def test_the_end_of_the_program_looks_at_everything_again() -> None:
    rounds = GarbageRounds()
    rounds.start()

    rounds.stop()

    assert gc.get_freeze_count() == 0


async def test_pages_that_have_gone_are_freed_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "SOON_S", 0)
    rounds = GarbageRounds()
    for _ in range(2):
        pages = [weakref.ref(Ring()) for _ in range(PAGES_AT_ONCE)]
        for _ in pages[1:]:
            rounds.page_gone()
        await settle()
        assert all(each() is not None for each in pages)

        rounds.page_gone()
        await settle()
        assert all(each() is None for each in pages)
