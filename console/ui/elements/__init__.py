"""Custom elements: a Python class beside its JavaScript.

Importing this package gives the page the import prefix ``rc/`` for the folder, so that one
element's JavaScript can write ``import { bus } from "rc/bus.js"``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nicegui.dependencies import register_esm

ELEMENTS: Final = Path(__file__).parent

# The address of a module contains a hash of this time. The folder's own time does not change when
# a file is edited in place, and browsers keep modules for a year: so the newest file decides.
register_esm("rc", ELEMENTS, max_time=max(each.stat().st_mtime for each in ELEMENTS.glob("*.js")))
