"""The session pane as a whole."""

from __future__ import annotations

import asyncio

from console.app.reference.catalogue import MISSING, Catalogue, ReferenceUnavailableError
from console.ui.panels import read_catalogue
from tests.fakes import settle
from tests.ui.session_pane_rig import opened_session


async def test_its_parts_are_seen_one_at_a_time() -> None:
    async with opened_session() as page:
        await page.user.should_not_see("Save it as session.py")

        page.press("Program")
        await page.user.should_see("Save it as session.py")

        page.press("Fields")
        await page.user.should_not_see("Save it as session.py")


async def test_the_program_is_that_of_what_is_asked_for_now() -> None:
    async with opened_session() as page:
        program = page.pane.program
        assert program is not None

        page.press("Program")
        assert "'voice': 'marin'" in program.text
        page.edit("audio", "output", "voice", value="cedar")
        await settle()

        assert "'voice': 'cedar'" in program.text


async def test_it_is_built_once() -> None:
    async with opened_session() as page:
        form = page.form

        await asyncio.gather(page.pane.open(), page.pane.open())

        assert page.form is form


async def test_who_watches_has_no_program() -> None:
    async with opened_session(may_change=False) as page:
        assert page.pane.program is None


async def test_without_the_package_it_is_said_what_to_do(monkeypatch) -> None:
    async def missing() -> Catalogue:
        raise ReferenceUnavailableError(MISSING)

    monkeypatch.setattr(read_catalogue, "load_catalogue", missing)
    async with opened_session() as page:
        await page.user.should_see(MISSING)
        assert page.pane.form is None


async def test_with_a_package_that_documents_no_session_it_is_said_what_to_do(monkeypatch) -> None:
    async def bare() -> Catalogue:
        return Catalogue("0", ())

    monkeypatch.setattr(read_catalogue, "load_catalogue", bare)
    async with opened_session() as page:
        await page.user.should_see("documents no session")
        assert page.pane.form is None
