"""What the toolkit would work out anew for each element of a page, told to it beforehand.

Each element has three collections: its classes, its style, its properties. Each of them asks
`inspect.signature`, when it is made, whether what it calls at a change takes an argument. That was half
of what an element costs, and the answers are always the same. A function that carries its signature as
`__signature__` is not looked at any more: that is the attribute's purpose, and the answer stays the
same. Where a release of the toolkit calls something else, nothing is told, and nothing else changes.
"""

from __future__ import annotations

import inspect

from nicegui.classes import Classes
from nicegui.props import Props
from nicegui.style import Style


def tell() -> None:
    """Let elements be made without looking at the same three functions again; call once."""
    for collection in (Classes, Props, Style):
        called = vars(collection).get("_update")
        if called is not None:
            called.__signature__ = inspect.signature(called)
