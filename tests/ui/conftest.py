"""What the tests of the page have in common."""

import gc

import pytest


@pytest.fixture(scope="module", autouse=True)
def spared() -> None:
    """Spare the collector of garbage what earlier tests have left for good.

    A simulated page has it look through everything twice; what thousands of tests and their
    reports keep by then would take it most of a second each time.
    """
    gc.collect()
    gc.freeze()
