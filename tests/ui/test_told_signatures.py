"""Functions that the toolkit asks about for each element carry their answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from nicegui import ui
from nicegui.classes import Classes
from nicegui.helpers import functions
from nicegui.props import Props
from nicegui.style import Style

from console.ui import told_signatures
from tests.ui.simulated_user import user_simulation


def called_at_changes() -> list[Any]:
    return [vars(each)["_update"] for each in (Classes, Style, Props)]


async def test_for_each_element_the_toolkit_asks_about_three_functions_that_carry_their_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    def recorded(function: Callable[..., Any]) -> inspect.Signature:
        asked.append(function)
        return inspect.signature(function)

    def page() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(functions, "signature", recorded)
            ui.element("div")

    told_signatures.tell()
    async with user_simulation(root=page) as user:
        await user.open("/")

    # Where a release asks no more, or about others, the module is to go, or to follow.
    assert [each.__func__ for each in asked] == called_at_changes()
    assert all([*each.__signature__.parameters] == ["self"] for each in called_at_changes())


async def test_what_was_told_about_still_sends_each_change_to_the_browser() -> None:
    made: list[ui.element] = []
    told_signatures.tell()
    async with user_simulation(root=lambda: made.append(ui.element("div"))) as user:
        await user.open("/")
        (element,) = made
        waiting = element.client.outbox.updates

        for change in (
            lambda: element.classes("new"),
            lambda: element.style("color: red"),
            lambda: element.props("title=new"),
        ):
            waiting.clear()
            change()
            assert waiting[element.id] is element
