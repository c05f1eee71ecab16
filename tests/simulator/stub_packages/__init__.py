"""Packages that stand in for extras; `use` puts them where this and started programs look."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stand-ins be found until the test ends."""
    folder = str(Path(__file__).parent)
    monkeypatch.syspath_prepend(folder)
    path = os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))
    monkeypatch.setenv("PYTHONPATH", path)
    importlib.invalidate_caches()
