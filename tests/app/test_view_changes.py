"""Changes of a view on their way to the pages that show it."""

from __future__ import annotations

from console.app.view_changes import ViewChanges
from console.app.view_model import Part, Target, ViewModel
from tests.fakes import settle

TARGET = Target("simulator", "m", "v", "", is_simulator=True)


async def test_changes_that_come_together_are_told_once_and_later_ones_again() -> None:
    changes, told = ViewChanges(), list[frozenset[Part]]()
    changes.told.connect(told.append)
    view = ViewModel(target=TARGET, on_change=changes.note)

    view.set_turn("vad")
    view.set_memory({"a": 1})
    view.set_turn("manual")
    assert told == []
    await settle()
    view.set_memory({})
    await settle()

    assert told == [frozenset({"turn", "memory"}), frozenset({"memory"})]


async def test_what_changes_while_a_change_is_told_is_told_next() -> None:
    changes, told = ViewChanges(), list[frozenset[Part]]()
    changes.told.connect(told.append)
    changes.told.connect(lambda parts: changes.note("usage") if "turn" in parts else None)

    changes.note("turn")
    await settle()

    assert told == [frozenset({"turn"}), frozenset({"usage"})]
