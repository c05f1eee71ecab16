"""The table of threats is whole, and every test that it names is there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.threats import THREATS

ROOT = Path(__file__).resolve().parent.parent


def test_every_threat_has_its_row_once_and_in_order():
    assert [each.id for each in THREATS] == [f"T{number}" for number in range(1, 33)]


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat.id)
def test_a_threat_names_its_tests_or_says_why_there_is_none(threat):
    assert threat.attack
    assert bool(threat.tests) != bool(threat.later)
    assert len(set(threat.tests)) == len(threat.tests)


@pytest.mark.parametrize("node", sorted({node for each in THREATS for node in each.tests}))
def test_a_test_that_the_table_names_is_there(node):
    path, _, name = node.partition("::")

    assert name in functions_of(path)


@cache
def functions_of(path: str) -> set[str]:
    """The functions at the top of a test file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name for node in tree.body if isinstance(node, kinds)}
