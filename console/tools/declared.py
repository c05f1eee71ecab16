"""Tools from functions: type hints and docstring say what a model has to know.

A function that `tool` stands before is a tool of the console, or of any client::

    from typing import Annotated, Literal
    from pydantic import Field
    from console.tools.declared import tool

    @tool
    async def book_table(
        guests: Annotated[int, Field(ge=1, le=12)], when: str, area: Literal["in", "out"] = "in"
    ) -> dict[str, str]:
        '''Book a table in the restaurant.

Args:
            guests: How many people will come.
            when: Day and time, as in 2026-03-01T19:30.
            area: Whether to sit in the house or in the garden.
        '''

The name of the function is the tool's, the text of the docstring its description, and each
parameter becomes one of the schema, with its hint, its words under `Args:` and its default. Hints
may be whatever `pydantic` reads from JSON: numbers, texts, `Literal`, `Enum`, lists, dates,
dataclasses. What the model sends is converted to them before the function is called.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, overload

import docstring_parser
import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema

from console.errors import ToolError
from console.tools.registry import DEFAULT_TIMEOUT_S, Tool, ToolHandler

F = TypeVar("F", bound=Callable[..., Any])

_MARK: Final = "__console_tool__"
_BY_NAME: Final = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}


class DeclarationError(ValueError):
    """A function cannot be a tool; the sentence says what to write."""


@dataclasses.dataclass(frozen=True, slots=True)
class DeclaredTool:
    """A tool that was made of a function."""

    tool: Tool
    for_guests: bool
    """Whether sessions of others than the host have it, too."""
    line: int
    """Where the function begins in its file."""


@overload
def tool(function: F) -> F: ...
@overload
def tool(
    *, name: str = "", timeout_s: float = DEFAULT_TIMEOUT_S, guests: bool = False
) -> Callable[[F], F]: ...
def tool(
    function: F | None = None,
    *,
    name: str = "",
    timeout_s: float = DEFAULT_TIMEOUT_S,
    guests: bool = False,
) -> F | Callable[[F], F]:
    """Make a function a tool; it stays the function that it is.

    Args:
        function: May be `async`; one that is not runs in a thread of its own.
        name: Of the tool, if not the function's.
        timeout_s: After how long the model is told that it does not answer.
        guests: Whether guests of the console may have it called, too; else only the host.

    Raises:
        DeclarationError: A parameter has no type hint or one that JSON does not know, there is no
            docstring, or the name is none for a tool.
    """

    def declare(function: F) -> F:
        made = made_of(function, name=name, timeout_s=timeout_s)
        line = inspect.unwrap(function).__code__.co_firstlineno
        setattr(function, _MARK, DeclaredTool(made, guests, line))
        return function

    return declare if function is None else declare(function)


def declared(value: object) -> DeclaredTool | None:
    """Return the tool that a function was made; None for all else."""
    found = getattr(value, _MARK, None)
    return found if isinstance(found, DeclaredTool) else None


def made_of(
    function: Callable[..., Any], *, name: str = "", timeout_s: float = DEFAULT_TIMEOUT_S
) -> Tool:
    """Return a function as a tool, as in `client.add_tool(made_of(book_table))`.

    Raises:
        DeclarationError: See `tool`.
    """
    called = getattr(function, "__name__", "")
    told = docstring_parser.parse(inspect.getdoc(function) or "")
    about = "\n\n".join(filter(None, (told.short_description, told.long_description)))
    if not about:
        raise DeclarationError(
            f"{called} has no docstring: write in it what the tool does, for the model to know"
        )
    words = {each.arg_name: each.description or "" for each in told.params}
    parameters = _parameters(function, called)
    adapter, schema = _adapter(called, parameters)
    for each, property_ in schema.get("properties", {}).items():
        _describe(property_, words.get(each, ""), parameters[each].default)
    try:
        return Tool(
            name=name or called,
            description=about,
            handler=_handler(function, name or called, adapter),
            parameters=schema,
            timeout_s=timeout_s,
        )
    except ValueError as error:
        raise DeclarationError(str(error).rstrip(".")) from error


def _parameters(function: Callable[..., Any], called: str) -> dict[str, inspect.Parameter]:
    """Return the parameters of a function, with their hints as types."""
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise DeclarationError(f"a type hint of {called} cannot be read: {error}") from error
    found = {}
    for each in inspect.signature(function).parameters.values():
        if each.kind not in _BY_NAME:
            raise DeclarationError(
                f"parameter {each.name!r} of {called} has no name to a model: tools take neither "
                "*args nor **kwargs nor anything before a '/'"
            )
        if each.name not in hints:
            raise DeclarationError(
                f"parameter {each.name!r} of {called} has no type hint: write what it is, as in "
                f"{each.name}: str"
            )
        found[each.name] = each.replace(annotation=hints[each.name])
    return found


def _adapter(
    called: str, parameters: Mapping[str, inspect.Parameter]
) -> tuple[TypeAdapter[Any], dict[str, Any]]:
    """Return what checks and converts arguments, and their schema."""
    taken = dataclasses.make_dataclass(
        called,
        [
            (name, each.annotation, _field(each.default))  # the hint may be of any kind
            for name, each in parameters.items()
        ],
        kw_only=True,
        namespace={"__pydantic_config__": ConfigDict(extra="forbid")},
    )
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(taken)
        schema = adapter.json_schema(schema_generator=_Untitled)
    except (PydanticUserError, TypeError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise DeclarationError(
            f"{called} has a parameter of a type that JSON cannot carry: {reason}"
        ) from error
    definitions = schema.pop("$defs", {})
    return adapter, _in_place(schema, definitions, called)


def _field(default: Any) -> Any:
    if default is inspect.Parameter.empty:
        return dataclasses.field()
    return dataclasses.field(default_factory=lambda: default)


class _Untitled(GenerateJsonSchema):
    """Leaves out titles: they say what the names say."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _in_place(
    schema: Any, definitions: Mapping[str, Any], called: str, within: tuple[str, ...] = ()
) -> Any:
    """Return a schema with its definitions where they are used: not every model follows them."""
    if isinstance(schema, list):
        return [_in_place(each, definitions, called, within) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(reference := schema.get("$ref"), str):
        name = reference.rsplit("/", 1)[-1]
        if name in within:
            raise DeclarationError(
                f"{called} has a parameter of the type {name}, which holds itself: a schema of a "
                "tool cannot"
            )
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**definitions[name], **beside}
        within = (*within, name)
    found = {}
    for key, value in schema.items():
        if key == "properties":
            found[key] = {
                name: _in_place(each, definitions, called, within) for name, each in value.items()
            }
        elif key not in ("title", "default", "enum", "const", "examples"):
            found[key] = _in_place(value, definitions, called, within)
        elif key != "title":
            found[key] = value
    return found


def _describe(schema: dict[str, Any], words: str, default: Any) -> None:
    if words:
        schema.setdefault("description", words)
    if default is inspect.Parameter.empty:
        return
    try:
        schema["default"] = orjson.loads(orjson.dumps(default))
    except TypeError:  # JSON cannot carry it; the function knows it all the same
        return


def _handler(function: Callable[..., Any], called: str, adapter: TypeAdapter[Any]) -> ToolHandler:
    def read(arguments: Mapping[str, Any]) -> dict[str, Any]:
        try:
            taken = adapter.validate_python(dict(arguments))
        except ValidationError as error:
            found = "; ".join(
                f"'{'.'.join(map(str, each['loc']))}': {each['msg']}" for each in error.errors()
            )
            raise ToolError(f"The arguments of {called} do not fit: {found}.") from error
        return {name: getattr(taken, name) for name in arguments}

    if inspect.iscoroutinefunction(function):

        async def run(**arguments: Any) -> Any:
            return await function(**read(arguments))

        return run

    return lambda **arguments: function(**read(arguments))
