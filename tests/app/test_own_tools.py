"""The host's file of tools, read at the start and followed."""

import asyncio
import threading

import pytest

from console.app import own_tools as own_tools_module
from console.app.own_tools import OwnTools
from console.errors import ConfigurationError
from console.tools import stoppable
from tests.tools.test_tool_file import ADD, HEAD

ADD_MORE = '@tool\ndef more() -> int:\n    "Add more."\n    return 1\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "my_tools.py"
    path.write_text(HEAD + ADD)
    return path


def names(own):
    return [each.tool.name for each in own.tools]


class Saves:
    """Tells of changes when the test says so."""

    def __init__(self):
        self.queue: asyncio.Queue[OSError | None] = asyncio.Queue()

    async def __call__(self, path):
        while True:
            error = await self.queue.get()
            if error is not None:
                raise error
            yield path


async def followed(file, saves):
    own = OwnTools(file, changes=saves)
    await own.start()
    return own


async def test_without_a_file_there_are_none():
    own = OwnTools()
    await own.start()
    await own.reload()

    assert own.tools == ()
    await own.close()


def test_a_file_that_cannot_be_used_ends_the_start_with_its_line(file):
    file.write_text(HEAD + "oops\n")

    with pytest.raises(ConfigurationError, match=r"--tools: .*my_tools.py, line 3: NameError"):
        OwnTools(file)


def test_names_of_the_consoles_own_tools_are_taken(file):
    with pytest.raises(ConfigurationError, match="line 3: the console has a tool named add"):
        OwnTools(file, taken=("add",))


async def test_a_change_is_read_and_told(file):
    saves = Saves()
    own = await followed(file, saves)
    file.write_text(HEAD + ADD + ADD_MORE)

    saves.queue.put_nowait(None)
    await own.changed.wait(timeout_s=5)

    assert names(own) == ["add", "more"]
    await own.close()


async def test_a_change_that_cannot_be_used_leaves_the_tools_and_says_why(file):
    saves = Saves()
    own = await followed(file, saves)
    file.write_text(HEAD + "def (\n")
    saves.queue.put_nowait(None)
    await own.changed.wait(timeout_s=5)
    assert names(own) == ["add"]
    assert "my_tools.py, line 3" in own.problem

    file.write_text(HEAD + ADD_MORE)
    saves.queue.put_nowait(None)
    await own.changed.wait(timeout_s=5)

    assert (names(own), own.problem) == (["more"], "")
    await own.close()


async def test_a_file_that_does_not_load_is_not_waited_for_but_stopped(file, monkeypatch):
    own = OwnTools(file)
    file.write_text("while True:\n    pass\n")
    monkeypatch.setattr(own_tools_module, "LOAD_TIMEOUT_S", 0.01)

    await own.reload()

    assert names(own) == ["add"]
    assert "did not load within 0.01 s" in own.problem
    assert own.problem.endswith("Move what takes long into the functions.")
    for each in threading.enumerate():
        if each.name == "load own tools":
            each.join(5)
            assert not each.is_alive()


async def test_a_file_that_waits_for_ever_is_said_to_go_on_until_the_console_ends(
    file, monkeypatch
):
    own = OwnTools(file)
    release = threading.Event()
    monkeypatch.setattr(own_tools_module, "LOAD_TIMEOUT_S", 0.01)
    monkeypatch.setattr(stoppable, "STOP_S", 0.06)
    monkeypatch.setattr(own, "_read", lambda _: release.wait())

    await own.reload()
    release.set()

    assert names(own) == ["add"]
    assert own.problem.endswith("It goes on until the console is started again.")


async def test_when_changes_are_seen_no_more_it_is_said(file):
    saves = Saves()
    own = await followed(file, saves)

    saves.queue.put_nowait(OSError("too many watches"))
    await own.changed.wait(timeout_s=5)

    assert "not seen any more (too many watches). Start again" in own.problem
    assert names(own) == ["add"]
    await own.close()


async def test_a_saved_file_is_noticed_also_when_it_takes_the_place_of_the_old_one(file):
    own = OwnTools(file)
    watched = own_tools_module._changes(file)
    seen = asyncio.ensure_future(anext(watched))  # the watch begins before anything is saved
    fresh = file.with_name("my_tools.py.new")
    try:
        async with asyncio.timeout(10):
            while not seen.done():  # when the system has begun to watch, nobody tells
                fresh.write_text(HEAD + ADD_MORE)
                fresh.replace(file)
                await asyncio.wait([seen], timeout=0.1)
    finally:
        seen.cancel()
        await asyncio.wait([seen])
        await watched.aclose()

    await own.reload()
    assert names(own) == ["more"]
