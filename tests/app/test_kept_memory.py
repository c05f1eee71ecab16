"""What people keep beyond a session."""

import os
import weakref

import orjson
import pytest

from console.app.kept_memory import FILE_NAME, MAX_GUESTS, KeptMemories, KeptMemory
from console.errors import ConsoleError


@pytest.fixture
def path(tmp_path):
    return tmp_path / FILE_NAME


async def test_what_the_host_keeps_is_there_at_the_next_start(path):
    kept = KeptMemory(path)
    assert kept.values is None

    kept.keep({"name": "Ada"}, is_offered=True)
    await kept.written()

    again = KeptMemory(path)
    assert (again.values, again.is_offered) == ({"name": "Ada"}, True)
    assert str(path) in again.where


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
async def test_the_file_is_for_its_owner_alone(path):
    kept = KeptMemory(path)
    kept.keep({"name": "Ada"}, is_offered=False)
    await kept.written()

    assert path.stat().st_mode & 0o777 == 0o600


async def test_what_is_forgotten_is_deleted(path):
    kept = KeptMemory(path)
    kept.keep({"name": "Ada"}, is_offered=True)
    await kept.written()

    kept.forget()
    await kept.written()

    assert not path.exists()
    assert (kept.values, kept.is_offered) == (None, False)


async def test_many_changes_are_written_as_the_last(path):
    kept = KeptMemory(path)
    for n in range(50):
        kept.keep({"n": n}, is_offered=False)
    await kept.written()

    assert orjson.loads(path.read_bytes())["values"] == {"n": 49}


async def test_a_change_is_told_once(path):
    kept = KeptMemory(path)
    told: list[None] = []
    kept.changed.connect(told.append)

    for _ in range(2):
        kept.keep({"a": 1}, is_offered=False)
    for _ in range(2):
        kept.forget()
    await kept.written()

    assert len(told) == 2


@pytest.mark.parametrize(
    "content", [b"no json", b"[]", b'{"values": 3}', b'{"values": {"": 1}}', b"{}"]
)
async def test_a_file_that_is_no_memory_is_left_as_it_is(path, content):
    path.write_bytes(content)

    kept = KeptMemory(path)
    with pytest.raises(ConsoleError, match="holds no memory"):
        kept.keep({"a": 1}, is_offered=False)
    await kept.written()

    assert path.read_bytes() == content
    assert kept.values is None
    assert f"{path} holds no memory" in kept.problem


async def test_a_file_that_cannot_be_read_is_named(path):
    path.mkdir()

    kept = KeptMemory(path)

    assert kept.problem.startswith(f"{path} cannot be read: ")


async def test_a_file_that_cannot_be_written_is_told_and_tried_again(path):
    kept = KeptMemory(path)
    told: list[str] = []
    kept.changed.connect(lambda _: told.append(kept.problem))
    path.mkdir()
    (path / "inside").touch()

    kept.keep({"a": 1}, is_offered=False)
    await kept.written()
    assert "cannot be written: " in told[-1]

    (path / "inside").unlink()
    path.rmdir()
    kept.keep({"a": 2}, is_offered=False)
    await kept.written()
    assert kept.problem == ""
    assert KeptMemory(path).values == {"a": 2}


async def test_each_guest_has_one_of_their_own_that_is_never_written(tmp_path):
    memories = KeptMemories(tmp_path)

    memories.of("guest_1").keep({"name": "Eve"}, is_offered=False)
    memories.of().keep({"name": "Ada"}, is_offered=False)
    await memories.close()

    assert memories.of("guest_1").values == {"name": "Eve"}
    assert memories.of("guest_2").values is None
    assert "until that ends" in memories.of("guest_1").where
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]


def test_only_so_many_guests_are_remembered():
    memories = KeptMemories()
    for n in range(MAX_GUESTS + 1):
        memories.of(str(n)).keep({"n": n}, is_offered=False)

    assert memories.of(str(MAX_GUESTS)).values == {"n": MAX_GUESTS}
    assert memories.of("0").values is None


def test_of_a_guest_who_keeps_nothing_nothing_is_left():
    memories = KeptMemories()
    guest = memories.of("guest_1")
    assert memories.of("guest_1") is guest
    guest.keep({"n": 1}, is_offered=False)
    guest.forget()

    gone = weakref.ref(guest)
    del guest

    assert gone() is None
