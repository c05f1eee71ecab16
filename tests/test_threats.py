"""The tables of threats, bad inputs and faults are whole, and every test that they name is there."""

from __future__ import annotations

import pytest

from tests.bad_inputs import BAD_INPUTS
from tests.faults_table import FAULTS, Fault
from tests.tables import Row, is_there
from tests.threats import THREATS

ALL = (*THREATS, *BAD_INPUTS, *FAULTS)
PARTS_TO_COME = {"the recordings"}


@pytest.mark.parametrize(
    ("rows", "letter", "first", "last"),
    [(THREATS, "T", 1, 32), (BAD_INPUTS, "D", 1, 84), (FAULTS, "F", 1, 46)],
    ids=["threats", "bad inputs", "faults"],
)
def test_each_table_has_every_row_once_and_in_order(rows, letter, first, last):
    assert [each.id for each in rows] == [f"{letter}{n}" for n in range(first, last + 1)]


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.id)
def test_a_row_names_its_tests_or_says_why_there_are_none(row: Row):
    assert row.what
    assert bool(row.tests) != bool(row.elsewhere)
    assert len(set(row.tests)) == len(row.tests)
    assert not row.elsewhere or row.elsewhere in PARTS_TO_COME or row.elsewhere.endswith(".")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_says_what_is_told_and_what_is_kept(fault: Fault):
    assert bool(fault.tests) == bool(fault.sentence) == bool(fault.kept)


@pytest.mark.parametrize("node", sorted({node for each in ALL for node in each.tests}))
def test_a_test_that_a_table_names_is_there(node):
    assert is_there(node)
