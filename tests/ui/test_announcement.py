import webbrowser
from types import SimpleNamespace

import pytest
from nicegui import app
from nicegui.server import Server

from console.app.reach import Reach
from console.ui.announcement import Announcement
from console.ui.door.door import Door

REACH = Reach(("127.0.0.1",), (), "http://127.0.0.1:8080")


@pytest.fixture(autouse=True)
def listening(monkeypatch):
    monkeypatch.setattr(Server, "instance", SimpleNamespace(started=True), raising=False)


class Window:
    def __init__(self) -> None:
        self.shown = ""

    def show(self, url, *, title, icon):
        self.shown = url

    async def wait_closed(self):
        assert self.shown


async def test_it_prints_the_owners_link(capsys):
    door = Door()

    await Announcement(REACH, door, (), remark="A word more.").run()

    assert capsys.readouterr().out == (
        f"Console ready at {door.owner.at(REACH.owner_base)}\nA word more.\n"
    )


async def test_the_browser_is_opened_with_a_link_that_opens_once(monkeypatch, capsys):
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    door = Door()

    await Announcement(REACH, door, (), opens_browser=True).run()

    token = opened[0].partition("token=")[2]
    assert opened[0].startswith("http://127.0.0.1:8080/?token=")
    assert token not in capsys.readouterr().out
    admission = door.admit(token)
    assert admission is not None
    assert admission.person.is_owner
    assert door.admit(token) is None


async def test_the_window_is_shown_and_its_end_is_the_end(monkeypatch):
    ended: list[bool] = []
    monkeypatch.setattr(app, "shutdown", lambda: ended.append(True))
    window = Window()
    door = Door()

    await Announcement(REACH, door, (), window, opens_browser=True).run()

    assert door.admit(window.shown.partition("token=")[2]) is not None
    assert ended == [True]
