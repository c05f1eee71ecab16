"""A YAML or JSON document as plain values that know where they stand."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from console.errors import ConfigurationError
from console.regular_file import read_regular

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 40
MAX_VALUES: Final = 200_000
"""Aliases of aliases multiply; a file of a megabyte has no more by itself."""
Place = tuple[str | int, ...]
"""The way to a value: keys and positions."""


@dataclass(frozen=True, slots=True)
class Document:
    """A value with what is needed to say what is wrong with it."""

    value: Any
    source: str
    """The file's name, or what the document is called."""
    lines: Mapping[Place, int] = field(default_factory=dict)

    def error(self, place: Place, what: str) -> ConfigurationError:
        """Return an error that names the place."""
        where = [self.source]
        if (line := self.lines.get(place)) is not None:
            where.append(f"line {line}")
        if place:
            where.append(_written(place))
        return ConfigurationError(f"{', '.join(where)}: {what}")


def read(path: Path) -> Document:
    """Return what stands in a file, in JSON if it is called so, else in YAML.

    Raises:
        ConfigurationError: It cannot be read, or is neither.
    """
    try:
        data = read_regular(path)
        text = data.decode()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text (byte {error.start}).") from error
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"{path} is larger than 1 MiB, which no such file is.")
    return _of_json(text, str(path)) if path.suffix == ".json" else _of_yaml(text, str(path))


def _of_json(text: str, source: str) -> Document:
    try:
        return Document(json.loads(text, object_pairs_hook=_unique), source)
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"{source}, line {error.lineno}: {error.msg}.") from error
    except _TwiceError as error:
        raise ConfigurationError(f"{source}: {error}") from error
    except RecursionError:
        raise ConfigurationError(f"{source} is nested too deeply.") from None


class _Loader(yaml.SafeLoader):
    def close(self) -> None:
        self.dispose()


def _of_yaml(text: str, source: str) -> Document:
    lines: dict[Place, int] = {}
    try:
        with contextlib.closing(_Loader(text)) as loader:
            node = loader.get_single_node()
            value = _value(loader, node, (), lines) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise ConfigurationError(f"{source}{line}: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{source} is no YAML: {error}.") from error
    except RecursionError:
        raise ConfigurationError(f"{source} is nested too deeply.") from None
    return Document(value, source, lines)


def _value(loader: _Loader, node: yaml.Node, place: Place, lines: dict[Place, int]) -> Any:
    if len(place) > MAX_DEPTH:
        raise _problem(node, "this is nested too deeply, or contains itself")
    if len(lines) >= MAX_VALUES:
        raise _problem(node, "these are too many values")
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, place, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, each, (*place, n), lines) for n, each in enumerate(node.value)]
    return loader.construct_object(node)


def _mapping(
    loader: _Loader, node: yaml.MappingNode, place: Place, lines: dict[Place, int]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        # Keys are taken as written: `no: 1` has the key "no", not false.
        if not isinstance(key_node, yaml.ScalarNode):
            raise _problem(key_node, "a key must be a word")
        key = str(key_node.value)
        if key in found:
            raise _problem(key_node, f"{key!r} is given twice")
        found[key] = _value(loader, value_node, (*place, key), lines)
        lines[(*place, key)] = key_node.start_mark.line + 1
    return found


def _problem(node: yaml.Node, what: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=what, problem_mark=node.start_mark)


class _TwiceError(Exception):
    """A key is given twice."""


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _TwiceError(f"{twice!r} is given twice.")
    return found


def _written(place: Place) -> str:
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place)
    return text.removeprefix(".")
