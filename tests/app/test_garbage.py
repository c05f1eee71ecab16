"""What the collector of garbage looks at."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from console.app import garbage


class Ring:
    """Only the collector gets rid of it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _frozen_as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()  # as tests/conftest.py does


def test_what_is_there_at_the_start_is_not_looked_at_again_and_what_comes_later_is() -> None:
    early = Ring()
    n_before = gc.get_freeze_count()
    n_looked_at = len(gc.get_objects())
    gone = weakref.ref(Ring())

    garbage.spare_what_stays()

    assert gone() is None
    assert gc.get_freeze_count() > n_before
    assert len(gc.get_objects()) < n_looked_at / 10
    late = Ring()
    seen = weakref.ref(early), weakref.ref(late)
    del early, late
    gc.collect()
    assert [each() is None for each in seen] == [False, True]
