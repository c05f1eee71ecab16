"""The reference pane: every event with its fields, documentation and an example."""

from __future__ import annotations

from collections.abc import Callable

from console.app.composer import SessionComposer
from console.app.reference.catalogue import Catalogue
from console.ui.elements.reference_view import ReferenceView
from console.ui.panels.said_line import SaidLine

_UNKNOWN = "{type} is in no documentation of the installed openai {version}: it may be newer, or a server's own."


class ReferencePanel:
    """All events of the protocol, and how often the session has seen them."""

    def __init__(
        self, composer: SessionComposer, catalogue: Catalogue, on_compose: Callable[[str], None]
    ) -> None:
        """Build the pane where the caller is; nothing is open yet.

        Args:
            composer: Of the session, which knows what it has seen.
            catalogue: The events.
            on_compose: Called with the type of a client event that shall be composed.
        """
        self._composer = composer
        self._catalogue = catalogue
        self._unknown = SaidLine()
        self.view = ReferenceView(catalogue, on_chosen=self.open, on_compose=on_compose)
        self.open(catalogue.events[0].type)

    def open(self, event_type: str, field: str = "") -> None:
        """Open an event; one that nobody has documented is said to be so.

        Args:
            event_type: Of the event.
            field: The path of a field that is pointed out, as errors name it; where it leads
                nowhere, that what is known of it.
        """
        is_known = self.view.show(event_type, self._composer.seen(), field)
        version = self._catalogue.version
        self._unknown.tell("" if is_known else _UNKNOWN.format(type=event_type, version=version))

    def refresh(self) -> None:
        """Count anew what the session has seen."""
        self.view.count(self._composer.seen())
