"""What the tables of threats, bad inputs and faults share: a row that names its tests."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """What is tried or happens, and what shows that it ends as it shall."""

    id: str
    what: str
    tests: tuple[str, ...] = ()
    """Node ids, without parameters."""
    elsewhere: str = ""
    """Why there is no test of it: the part that it belongs to and that does not exist yet, or why
    it can do nothing here."""


def is_there(node: str) -> bool:
    """Return whether a test of this node id is written down."""
    path, _, name = node.partition("::")
    return name in _functions_of(path)


@cache
def _functions_of(path: str) -> set[str]:
    file = ROOT / path
    if not file.exists():
        return set()
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, kinds)}
