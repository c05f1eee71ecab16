"""What a pane shows while the reference is read, which is most of what it is made of."""

from __future__ import annotations

from nicegui import ui

from console.app.reference.catalogue import Catalogue, ReferenceUnavailableError
from console.app.reference_library import load_catalogue
from console.ui.panels.panel import panel


async def read_catalogue(root: ui.element, name: str) -> Catalogue | None:
    """Read the reference, off the event loop, for a pane that is empty until then.

    Args:
        root: The pane, which tells meanwhile that it is read, or why it cannot be.
        name: Of the pane.

    Returns:
        None when there is nothing to show: it cannot be read, or the page is gone.
    """
    root.clear()
    with root, panel(name, has_own_bar=True):
        note = ui.label("Reading the reference...").classes("rc-composer__note")
        note.props("role=status")
    try:
        catalogue = await load_catalogue()
    except ReferenceUnavailableError as error:
        note.text = str(error)
        return None
    if root.is_deleted:
        return None
    root.clear()
    return catalogue
