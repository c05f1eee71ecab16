"""The memory of one session."""

import orjson
import pytest

from console.app import session_memory as session_memory_module
from console.app.kept_memory import KeptMemory
from console.app.session_memory import SessionMemory
from console.app.view_model import Target, ViewModel
from console.client import RealtimeClient
from console.errors import ConsoleError, NotConnectedError
from console.tools import memory as memory_module
from tests.fakes import settle


def opened(kept):
    view = ViewModel(Target("simulator", "m", "v", "", True))
    return SessionMemory(view, kept), view


@pytest.fixture
def kept():
    return KeptMemory()


@pytest.fixture
def memory(kept):
    return opened(kept)[0]


async def client_of(memory):
    client = RealtimeClient(url="ws://127.0.0.1:9")
    await client.update_session(instructions="Be short.")
    await memory.instruct(client)
    return client


def test_values_are_added_changed_renamed_and_forgotten(kept):
    memory, view = opened(kept)

    memory.set("name", "Ada")
    memory.set("city", "Oslo")
    memory.set("first name", "Eve", instead_of="name")
    assert list(view.memory.items()) == [("first name", "Eve"), ("city", "Oslo")]

    memory.remove("city")
    assert view.memory == {"first name": "Eve"}
    memory.clear()
    assert view.memory == {}


def test_what_the_tool_remembers_is_shown(kept):
    memory, view = opened(kept)

    memory.memory.set("name", "Ada")

    assert view.memory == {"name": "Ada"}


def test_what_cannot_be_remembered_changes_nothing(memory):
    memory.set("name", "Ada")
    memory.set("city", "Oslo")

    with pytest.raises(ConsoleError, match="needs a name"):
        memory.set(" ", "x")
    with pytest.raises(ConsoleError, match="named city already"):
        memory.set("city", "x", instead_of="name")

    assert memory.memory.values == {"name": "Ada", "city": "Oslo"}


def test_a_value_that_is_no_text_is_edited_as_json(memory):
    memory.take_in('{"pets": ["cat"]}')

    memory.set("pets", '["dog"]', instead_of="pets")
    with pytest.raises(ConsoleError, match="pets is JSON, and this is none: line 1"):
        memory.set("pets", "dog", instead_of="pets")

    assert memory.memory.values == {"pets": ["dog"]}


def test_what_was_exported_can_be_imported(memory, kept):
    memory.set("name", "Ada")
    other, _ = opened(KeptMemory())
    other.set("city", "Oslo")

    assert other.take_in(memory.export().decode()) == 1

    assert orjson.loads(other.export()) == {"city": "Oslo", "name": "Ada"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON: line 1"),
        ("[1]", "must hold a JSON object of names"),
        ('{"": 1}', "needs a name"),
        (
            orjson.dumps({str(n): n for n in range(200)}).decode(),
            r"there are 1, and this would make 201 of them",
        ),
        ('{"a": "' + "x" * memory_module.MAX_VALUE_CHARACTERS + 'x"}', "at most 4000"),
        (" " * (session_memory_module.MAX_IMPORT_CHARACTERS + 1), "500,000 is the most"),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_refused_whole(memory, text, words):
    memory.set("name", "Ada")

    with pytest.raises(ConsoleError, match=words):
        memory.take_in(text)

    assert memory.memory.values == {"name": "Ada"}


def test_nothing_is_kept_unless_it_was_chosen(kept):
    memory, view = opened(kept)
    memory.set("name", "Ada")

    assert kept.values is None
    assert not view.memory_state.is_kept


def test_where_nothing_can_be_kept_it_is_said(tmp_path):
    (tmp_path / "memory.json").write_text("no memory")
    memory, view = opened(KeptMemory(tmp_path / "memory.json"))
    memory.set("name", "Ada")

    with pytest.raises(ConsoleError, match="holds no memory"):
        memory.keep(True)
    memory.set("city", "Oslo")

    assert not view.memory_state.is_kept
    assert "holds no memory" in view.memory_state.remark


def test_what_is_kept_is_there_in_the_next_session(kept):
    memory, view = opened(kept)
    memory.set("name", "Ada")
    memory.keep(True)
    memory.set("city", "Oslo")
    assert view.memory_state.is_kept

    _, next_view = opened(kept)

    assert next_view.memory == {"name": "Ada", "city": "Oslo"}
    assert next_view.memory_state.is_kept


def test_what_is_kept_no_more_is_deleted_and_the_session_goes_on(kept):
    memory, view = opened(kept)
    memory.set("name", "Ada")
    memory.keep(True)

    memory.keep(False)
    memory.set("city", "Oslo")

    assert kept.values is None
    assert view.memory == {"name": "Ada", "city": "Oslo"}
    assert not view.memory_state.is_kept


def test_sessions_of_one_person_that_keep_have_one_memory(kept):
    first, first_view = opened(kept)
    second, second_view = opened(kept)
    first.set("name", "Ada")
    second.set("city", "Oslo")

    first.keep(True)
    assert first_view.memory == second_view.memory == {"name": "Ada", "city": "Oslo"}

    second.remove("name")
    assert first_view.memory == {"city": "Oslo"}
    second.keep(False)
    assert not first_view.memory_state.is_kept
    assert first_view.memory == {"city": "Oslo"}


def test_a_session_whose_memory_does_not_fit_keeps_its_own(kept, monkeypatch):
    monkeypatch.setattr(memory_module, "MAX_KEYS", 1)
    first, _ = opened(kept)
    second, second_view = opened(kept)
    first.set("name", "Ada")
    second.set("city", "Oslo")

    first.keep(True)

    assert second_view.memory == {"city": "Oslo"}
    assert not second_view.memory_state.is_kept
    assert kept.values == {"name": "Ada"}


def test_a_closed_session_follows_no_more(kept):
    first, _ = opened(kept)
    second, second_view = opened(kept)
    second.close()

    first.set("name", "Ada")
    first.keep(True)

    assert second_view.memory == {}


async def test_the_model_is_told_only_if_that_was_chosen(memory):
    memory.set("name", "Ada")
    client = await client_of(memory)
    assert client.session_config["instructions"] == "Be short."

    await memory.offer(True)
    assert client.session_config["instructions"].endswith('{"name":"Ada"}')

    await memory.offer(False)
    assert client.session_config["instructions"] == "Be short."


async def test_a_change_on_the_page_is_told_and_one_of_the_models_tool_is_not(memory):
    client = await client_of(memory)
    await memory.offer(True)

    memory.memory.set("by", "tool")
    await settle()
    assert client.session_config["instructions"] == "Be short."

    memory.set("by", "hand")
    await settle()
    assert client.session_config["instructions"].endswith('{"by":"hand"}')


async def test_that_it_is_told_is_kept_with_it(kept):
    memory, _ = opened(kept)
    memory.keep(True)
    await memory.offer(True)

    _, next_view = opened(kept)

    assert next_view.memory_state.is_offered


async def test_what_is_too_much_to_tell_is_said(kept):
    memory, view = opened(kept)
    for n in range(4):
        memory.set(str(n), "x" * 3_900)

    await memory.offer(True)

    assert view.memory_state.remark == "The 2 oldest are too much for the instructions."


async def test_a_line_that_does_not_take_it_is_told_to_who_chose_and_logged_otherwise(
    memory, monkeypatch
):
    client = await client_of(memory)

    async def no_line(**fields):
        raise NotConnectedError("change the session")

    monkeypatch.setattr(client, "update_session", no_line)
    memory.set("name", "Ada")
    with pytest.raises(ConsoleError):
        await memory.offer(True)
    memory.set("name", "Eve")
    await settle()

    assert memory.memory.values == {"name": "Eve"}


async def test_a_session_without_instructions_gets_none(memory):
    memory.set("name", "Ada")
    await memory.offer(True)
    client = RealtimeClient(url="ws://127.0.0.1:9", session_type="transcription")

    await memory.instruct(client)

    assert "instructions" not in client.session_config
