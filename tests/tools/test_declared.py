"""Functions whose hints and docstring make them tools."""

import asyncio
import dataclasses
import datetime
import enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from console.errors import ToolError
from console.tools.declared import DeclarationError, declared, made_of, tool
from console.tools.registry import ToolRegistry


class Area(enum.Enum):
    IN = "in"
    OUT = "out"


@dataclasses.dataclass
class Contact:
    name: str
    phone: str = ""


@dataclasses.dataclass
class Node:
    children: "list[Node]"


async def book_table(
    guests: Annotated[int, Field(ge=1, le=12)],
    when: datetime.datetime,
    contact: Contact,
    area: Area = Area.IN,
    wishes: list[str] | None = None,
    kind: Literal["lunch", "dinner"] = "dinner",
) -> dict[str, Any]:
    """Book a table.

    It is held for fifteen minutes.

    Args:
        guests: How many come.
        when: Day and time.
        contact: Who has booked.
        area: Where to sit.
    """
    return {
        "at": when.hour,
        "who": contact.name,
        "area": area.name,
        "wishes": wishes,
        "for": guests,
    }


async def answered(made, arguments):
    registry = ToolRegistry()
    registry.add(made)
    return await registry.call(made.name, arguments)


def test_name_words_and_parameters_are_those_of_the_function():
    made = made_of(book_table)

    assert made.name == "book_table"
    assert made.description == "Book a table.\n\nIt is held for fifteen minutes."
    properties = made.parameters["properties"]
    assert properties["guests"] == {
        "type": "integer", "minimum": 1, "maximum": 12, "description": "How many come.",
    }  # fmt: skip
    assert properties["area"] == {
        "enum": ["in", "out"], "type": "string", "description": "Where to sit.", "default": "in",
    }  # fmt: skip
    assert properties["kind"]["enum"] == ["lunch", "dinner"]
    assert properties["contact"]["properties"]["phone"] == {"type": "string", "default": ""}
    assert made.parameters["required"] == ["guests", "when", "contact"]
    assert "$defs" not in made.parameters


async def test_arguments_become_what_the_hints_say():
    arguments = (
        '{"guests": 2, "when": "2026-03-01T19:30", "contact": {"name": "Ada"}, "area": "out"}'
    )

    assert await answered(made_of(book_table), arguments) == {
        "at": 19, "who": "Ada", "area": "OUT", "wishes": None, "for": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"guests": 13, "when": "2026-03-01T19:30", "contact": {"name": "A"}}', "'guests' must"),
        ('{"guests": 2, "when": "soon", "contact": {"name": "A"}}', "'when': .*datetime"),
        ('{"guests": 2, "when": "2026-03-01T19:30", "contact": {}}', "'contact.name' is missing"),
    ],
)
async def test_arguments_that_the_hints_do_not_allow_are_named(arguments, words):
    with pytest.raises(ToolError, match=words):
        await answered(made_of(book_table), arguments)


async def test_a_function_that_is_not_async_runs_beside_the_event_loop():
    def add(a: float, b: float = 1) -> float:
        """Add two numbers."""
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return a + b

    assert await answered(made_of(add), '{"a": 2}') == 3


def test_the_decorator_leaves_the_function_as_it_is():
    @tool
    def plain() -> str:
        """Do nothing."""
        return "done"

    @tool(name="other", timeout_s=3, guests=True)
    def named() -> None:
        """Do nothing."""

    assert plain() == "done"
    first, second = declared(plain), declared(named)
    assert first is not None
    assert second is not None
    assert (first.tool.name, first.for_guests) == ("plain", False)
    assert first.tool.parameters["properties"] == {}
    assert (second.tool.name, second.tool.timeout_s, second.for_guests) == ("other", 3, True)
    assert second.line > first.line


def test_what_is_no_tool_is_none():
    assert declared(book_table) is None
    assert declared(3) is None


NEVER = object()


def test_a_default_that_json_cannot_carry_is_the_functions_own():
    def wait(until: Annotated[Any, Field(description="When")] = NEVER) -> None:
        """Wait."""

    assert "default" not in made_of(wait).parameters["properties"]["until"]


def untold(city):
    """Tell the time."""


def silent(city: str) -> None:
    pass


def many(*cities: str) -> None:
    """Tell the times."""


def strange(city: asyncio.Event) -> None:
    """Tell the time."""


def endless(node: Node) -> None:
    """Walk."""


def unknown(city: "Town") -> None:  # type: ignore[name-defined]  # noqa: F821 - the point
    """Tell the time."""


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (untold, "'city' of untold has no type hint: write what it is, as in city: str"),
        (silent, "silent has no docstring"),
        (many, "neither \\*args"),
        (strange, "a type that JSON cannot carry"),
        (endless, "the type Node, which holds itself"),
        (unknown, "hint of unknown cannot be read: name 'Town'"),
    ],
)
def test_a_function_that_a_model_could_not_call_is_refused_with_what_to_write(function, words):
    with pytest.raises(DeclarationError, match=words):
        tool(function)


def test_a_name_that_the_service_would_refuse_is_refused():
    with pytest.raises(DeclarationError, match="cannot be a tool's name"):
        tool(name="two words")(book_table)
