"""What the model was asked to remember."""

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

    with pytest.raises(ToolError, match="no more can be kept"):
        memory.set("one more", "x")
    memory.set("0", "changed")

    assert memory.values["0"] == "changed"
    assert len(memory.values) == memory_module.MAX_KEYS


def test_the_schema_names_key_and_value(memory):
    parameters = memory_tool(memory).definition()["parameters"]

    assert list(parameters["properties"]) == ["key", "value"]
    assert parameters["required"] == ["key", "value"]
