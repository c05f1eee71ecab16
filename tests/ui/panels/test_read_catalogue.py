from nicegui import ui

from console.app.reference.catalogue import MISSING, Catalogue, ReferenceUnavailableError
from console.ui.panels import read_catalogue as module
from console.ui.panels.read_catalogue import read_catalogue
from tests.app.reference.rig import catalogue
from tests.ui.simulated_user import user_simulation


async def test_the_place_is_empty_again_once_it_is_read(monkeypatch) -> None:
    roots: list[ui.element] = []

    async def load() -> Catalogue:
        (note,) = (each for each in roots[0].descendants() if isinstance(each, ui.label))
        assert note.text == "Reading the reference..."
        return catalogue()

    monkeypatch.setattr(module, "load_catalogue", load)
    async with user_simulation(root=lambda: roots.append(ui.element("div"))) as user:
        await user.open("/")

        assert await read_catalogue(roots[0], "Session") is catalogue()
        assert list(roots[0].descendants()) == []


async def test_it_is_said_why_it_cannot_be_read(monkeypatch) -> None:
    async def load() -> Catalogue:
        raise ReferenceUnavailableError(MISSING)

    roots: list[ui.element] = []
    monkeypatch.setattr(module, "load_catalogue", load)
    async with user_simulation(root=lambda: roots.append(ui.element("div"))) as user:
        await user.open("/")

        assert await read_catalogue(roots[0], "Session") is None
        await user.should_see(MISSING)


async def test_nothing_is_built_on_a_page_that_is_gone(monkeypatch) -> None:
    roots: list[ui.element] = []

    async def load() -> Catalogue:
        roots[0].delete()
        return catalogue()

    monkeypatch.setattr(module, "load_catalogue", load)
    async with user_simulation(root=lambda: roots.append(ui.element("div"))) as user:
        await user.open("/")

        assert await read_catalogue(roots[0], "Session") is None
