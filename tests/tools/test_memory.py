"""What the model was asked to remember."""

import math

import pytest

from console.errors import ToolError
from console.tools import memory as memory_module
from console.tools.memory import Memory, memory_tool
from console.tools.registry import ToolRegistry


@pytest.fixture
def memory() -> Memory:
    return Memory()


async def test_the_tool_remembers_and_tells(memory):
    told: list[dict[str, object]] = []
    memory.changed.connect(told.append)
    registry = ToolRegistry()
    registry.add(memory_tool(memory))

    answer = await registry.call("set_memory", '{"key": "name", "value": "Ada"}')

    assert answer == {"ok": True}
    assert memory.values == {"name": "Ada"}
    assert told == [{"name": "Ada"}]


def test_a_value_is_replaced_removed_and_all_are_cleared(memory):
    told: list[dict[str, object]] = []
    memory.changed.connect(told.append)
    memory.set(" name ", "Ada")
    memory.set("name", "Eve")
    memory.remove("nobody")
    memory.remove("name")
    memory.set("a", 1)
    memory.clear()

    assert told == [{"name": "Ada"}, {"name": "Eve"}, {}, {"a": 1}, {}]


def test_what_is_told_is_a_copy(memory):
    told: list[dict[str, object]] = []
    memory.changed.connect(told.append)
    memory.set("a", "1")

    told[0]["b"] = "2"

    assert memory.values == {"a": "1"}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("  ", "x", "'key' is empty"),
        ("k" * (memory_module.MAX_KEY_CHARACTERS + 1), "x", "name has at most 64"),
        ("k", "x" * (memory_module.MAX_VALUE_CHARACTERS + 1), "memory has at most 4000"),
    ],
)
def test_what_is_too_long_or_has_no_name_is_refused(memory, key, value, words):
    with pytest.raises(ToolError, match=words):
        memory.set(key, value)

    assert memory.values == {}


def test_the_number_of_memories_is_bounded_but_known_ones_can_change(memory):
    for n in range(memory_module.MAX_KEYS):
        memory.set(str(n), "x")

    with pytest.raises(ToolError, match=r"100 memories can be kept; there are 100, .* make 101"):
        memory.set("one more", "x")
    memory.set("0", "changed")

    assert memory.values["0"] == "changed"
    assert len(memory.values) == memory_module.MAX_KEYS


def test_the_schema_names_key_and_value(memory):
    parameters = memory_tool(memory).definition()["parameters"]

    assert list(parameters["properties"]) == ["key", "value"]
    assert parameters["required"] == ["key", "value"]


def test_a_memory_is_renamed_in_its_place(memory):
    memory.replace({"a": "1", "b": "2", "c": "3"})

    memory.set("B", "22", instead_of="b")
    memory.set("d", "4", instead_of="gone")

    assert list(memory.values.items()) == [("a", "1"), ("B", "22"), ("c", "3"), ("d", "4")]


def test_a_memory_does_not_take_the_name_of_another(memory):
    memory.replace({"a": "1", "b": "2"})

    with pytest.raises(ToolError, match="memory named a already"):
        memory.set("a", "2", instead_of="b")

    assert memory.values == {"a": "1", "b": "2"}


def test_many_are_remembered_together_and_told_once(memory):
    told: list[dict[str, object]] = []
    memory.set("a", "1")
    memory.changed.connect(told.append)

    memory.merge({"b": [2], " a ": "one"})
    memory.merge({"b": [2]})

    assert told == [{"a": "one", "b": [2]}]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ok": "x", "": 1}, "'key' is empty"),
        ({"ok": "x", "deep": ["x" * 4001]}, "at most 4000 characters; deep has more"),
        ({"ok": "x", "odd": {1, 2}}, "JSON cannot carry the memory odd"),
        ({"ok": "x", "half": "\ud800"}, "JSON cannot carry the memory half"),
        ({"ok": "x", "rate": [math.nan]}, r"carry the memory rate: 'rate\[0\]' is NaN"),
        ({str(n): "x" * 3_900 for n in range(30)}, "together have at most 100,000"),
    ],
)
def test_of_many_that_cannot_all_be_remembered_none_is(memory, values, words):
    memory.set("name", "Ada")

    with pytest.raises(ToolError, match=words):
        memory.merge(values)
    with pytest.raises(ToolError, match=words):
        memory.replace(values)

    assert memory.values == {"name": "Ada"}
