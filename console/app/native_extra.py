"""The extra that a window of its own needs: whether it is there, and how to get it."""

from __future__ import annotations

import importlib.util
from typing import Final

from console import invocation

PACKAGE: Final = "webview"
INSTALL: Final = invocation.install_extra("native")


def is_available() -> bool:
    """Whether pywebview is installed; nothing of it is loaded."""
    return importlib.util.find_spec(PACKAGE) is not None
