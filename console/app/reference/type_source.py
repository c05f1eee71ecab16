"""Reads the types of an installed package from its source, without importing it.

Importing the package takes seconds and more than 50 MB and holds the interpreter's lock meanwhile;
and what is documented stands beside the fields, where only the source has it.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from console.app.reference.limits import default_of, with_limits
from console.app.reference.shapes import (
    Anything,
    Choice,
    Field,
    Flag,
    Listing,
    Null,
    Number,
    Record,
    Shape,
    Table,
    Text,
    one_of,
)

_PLAIN: Final[dict[str, Shape]] = {
    "str": Text(),
    "int": Number(is_whole=True),
    "float": Number(is_whole=False),
    "bool": Flag(),
    "None": Null(),
    "object": Anything(),
    "Any": Anything(),
}
_LISTS: Final = ("List", "list", "Iterable", "Sequence", "SequenceNotStr", "Tuple", "tuple")
_TABLES: Final = ("Dict", "dict", "Mapping", "MutableMapping")
_WRAPPERS: Final = ("Required", "NotRequired", "Annotated", "ReadOnly", "Final", "ClassVar")
_ROOTS: Final = ("BaseModel", "TypedDict")
ModuleName = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """A name that another module defines."""

    module: ModuleName
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """A type that was written down by its name, and where."""

    module: ModuleName
    name: str


class TypeSource:
    """The types of one package."""

    def __init__(self, root: Path) -> None:
        """Read nothing yet.

        Args:
            root: The package's folder.
        """
        self._root = root
        self._modules: dict[ModuleName, dict[str, ast.expr | ast.ClassDef | Import]] = {}
        self._shapes: dict[Named, Shape] = {}
        self._open: set[Named] = set()

    def has(self, module: ModuleName) -> bool:
        """Whether there is such a module."""
        return self._path(module) is not None

    def union(self, module: ModuleName, name: str) -> list[Named]:
        """Return the types that an alias joins, in its order.

        Raises:
            LookupError: There is no such alias.
        """
        match self._find(Named(module, name)):
            case (home, ast.expr() as expression):
                members = _union_members(expression)
                return [
                    self._home(Named(home, each.id))
                    for each in members
                    if isinstance(each, ast.Name)
                ]
            case _:
                raise LookupError(f"{'.'.join(module)} has no alias {name}")

    def shape(self, named: Named) -> Shape:
        """Return what a value of a type may be; what cannot be read may be anything."""
        if named in self._shapes:
            return self._shapes[named]
        found = self._find(named)
        if found is None or named in self._open:  # a type that holds itself is not unrolled
            return Anything()
        module, node = found
        self._open.add(named)
        try:
            if isinstance(node, ast.ClassDef):
                shape: Shape = self._record(module, node)
            else:
                shape = self._functional(module, named.name, node) or self._read(module, node)
        finally:
            self._open.discard(named)
        self._shapes[named] = shape
        return shape

    # Where names lead

    def _path(self, module: ModuleName) -> Path | None:
        stem = self._root.joinpath(*module)
        for path in (stem.with_suffix(".py"), stem / "__init__.py"):
            if path.is_file():
                return path
        return None

    def _home(self, named: Named) -> Named:
        found = self._names(named.module).get(named.name)
        return self._home(Named(found.module, found.name)) if isinstance(found, Import) else named

    def _find(self, named: Named) -> tuple[ModuleName, ast.expr | ast.ClassDef] | None:
        home = self._home(named)
        found = self._names(home.module).get(home.name)
        return None if found is None or isinstance(found, Import) else (home.module, found)

    def _names(self, module: ModuleName) -> dict[str, ast.expr | ast.ClassDef | Import]:
        if module not in self._modules:
            path = self._path(module)
            self._modules[module] = {} if path is None else _names_in(path, module)
        return self._modules[module]

    # Expressions

    def _read(self, module: ModuleName, node: ast.expr) -> Shape:
        match node:
            case ast.Name(id=name):
                return _PLAIN[name] if name in _PLAIN else self.shape(Named(module, name))
            case ast.Attribute(attr=name):
                return _PLAIN.get(name, Anything())
            case ast.Constant(value=None):
                return Null()
            case ast.Constant(value=str(text)):
                return self._read(module, ast.parse(text, mode="eval").body)
            case ast.BinOp():
                return one_of([self._read(module, each) for each in _union_members(node)])
            case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)):
                return self._subscript(module, name, _arguments(node), node)
            case _:
                return Anything()

    def _subscript(
        self, module: ModuleName, name: str, arguments: list[ast.expr], node: ast.expr
    ) -> Shape:
        if name == "Literal":
            options = [each.value for each in arguments if isinstance(each, ast.Constant)]
            return Choice(tuple(each for each in options if isinstance(each, str | int | float)))
        if name in ("Union", "Optional"):
            return one_of([self._read(module, each) for each in _union_members(node)])
        if name in _WRAPPERS:
            return self._read(module, arguments[0])
        if name in _LISTS:
            return Listing(self._read(module, arguments[0]))
        if name in _TABLES:
            return Table(self._read(module, arguments[-1]))
        return Anything()

    # Objects

    def _record(self, module: ModuleName, node: ast.ClassDef) -> Record:
        fields: dict[str, Field] = {}
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id not in _ROOTS:
                inherited = self.shape(Named(module, base.id))
                if isinstance(inherited, Record):
                    fields |= {each.name: each for each in inherited.fields}
        is_partial = any(
            each.arg == "total" and isinstance(each.value, ast.Constant) and not each.value.value
            for each in node.keywords
        )
        following = [*node.body[1:], None]
        for statement, after in zip(node.body, following, strict=True):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                field = self._field(module, statement, _docstring(after), is_partial)
                fields[field.name] = field
        return Record(node.name, tuple(fields.values()), ast.get_docstring(node) or "")

    def _field(
        self, module: ModuleName, statement: ast.AnnAssign, text: str, is_partial: bool
    ) -> Field:
        assert isinstance(statement.target, ast.Name)
        is_required = _is_required(statement, is_partial)
        name = _alias(statement) or statement.target.id
        shape = with_limits(self._read(module, _unwrapped(statement, is_partial)), text)
        return Field(name, shape, is_required, text, default_of(shape, text))

    def _functional(self, module: ModuleName, name: str, node: ast.expr) -> Record | None:
        """Read `Name = TypedDict("Name", {...})`, which takes names that are no identifiers."""
        match node:
            case ast.Call(func=ast.Name(id="TypedDict"), args=[_, ast.Dict(keys, values)]):
                is_total = not node.keywords
                return Record(
                    name,
                    tuple(
                        Field(str(key.value), self._read(module, value), is_total)
                        for key, value in zip(keys, values, strict=True)
                        if isinstance(key, ast.Constant)
                    ),
                )
            case _:
                return None


def _names_in(path: Path, module: ModuleName) -> dict[str, ast.expr | ast.ClassDef | Import]:
    names: dict[str, ast.expr | ast.ClassDef | Import] = {}
    package = module if path.name == "__init__.py" else module[:-1]
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name):
                names[name] = node
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names[name] = value
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = value
            case ast.ImportFrom(module=str(source), names=imported, level=level) if level:
                home = package[: len(package) - level + 1] + tuple(source.split("."))
                names |= {each.asname or each.name: Import(home, each.name) for each in imported}
    return names


def _union_members(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.Subscript(value=ast.Name(id="Annotated")):
            return _union_members(_arguments(node)[0])
        case ast.Subscript(value=ast.Name(id="Union")):
            return _arguments(node)
        case ast.Subscript(value=ast.Name(id="Optional")):
            return [*_arguments(node), ast.Constant(None)]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*_union_members(left), *_union_members(right)]
        case _:
            return [node]


def _arguments(node: ast.expr) -> list[ast.expr]:
    assert isinstance(node, ast.Subscript)
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _docstring(node: ast.stmt | None) -> str:
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return inspect.cleandoc(text)
        case _:
            return ""


def _is_required(statement: ast.AnnAssign, is_partial: bool) -> bool:
    if is_partial:
        return _subscript_name(statement.annotation) == "Required"
    return statement.value is None and _subscript_name(statement.annotation) != "NotRequired"


def _unwrapped(statement: ast.AnnAssign, is_partial: bool) -> ast.expr:
    """Return the type without the "or None" of a field that may be left out of a model."""
    node = statement.annotation
    if not is_partial and statement.value is not None and _subscript_name(node) == "Optional":
        return _arguments(node)[0]
    return node


def _subscript_name(node: ast.expr) -> str:
    match node:
        case ast.Subscript(value=ast.Name(id=name)):
            return name
        case _:
            return ""


def _alias(statement: ast.AnnAssign) -> str | None:
    """Return the name on the wire, where it is another than in Python."""
    calls: list[Any] = [each for each in ast.walk(statement) if isinstance(each, ast.Call)]
    for keyword in (keyword for call in calls for keyword in call.keywords):
        if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return None
