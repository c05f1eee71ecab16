"""An event that is being composed: a form and JSON of the same value, checked before it is sent."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from console.app.reference.catalogue import Catalogue, EventDoc
from console.app.reference.checks import Problem, problems_of
from console.app.reference.form import Edit, Row
from console.app.reference.form_draft import FormDraft
from console.app.reference.shapes import Anything, Shape
from console.app.reference.values import blank
from console.app.reference.variables import SUGGESTED, Variable, filled


class Draft:
    """One client event on its way from a blank form to the line."""

    def __init__(self, catalogue: Catalogue, event_type: str = "session.update") -> None:
        """Begin with the least event of a type.

        Args:
            catalogue: What there is to compose.
            event_type: Of a client event.

        Raises:
            KeyError: There is no such client event.
        """
        self._events = catalogue.of("client")
        self._draft = FormDraft(self._shape_of, {}, SUGGESTED.get)
        self.begin(event_type)

    @property
    def text(self) -> str:
        """The event as JSON, as it was typed or as the form has it."""
        return self._draft.text

    @property
    def misread(self) -> str:
        """What is wrong with the JSON itself; empty: it can be read."""
        return self._draft.misread

    @property
    def types(self) -> tuple[str, ...]:
        """All client events."""
        return tuple(self._events)

    @property
    def event(self) -> Any:
        """The event as it is written, with its variables; of JSON that can be read, the last."""
        return self._draft.value

    @property
    def doc(self) -> EventDoc | None:
        """The documentation of the event; None while its type is none that we know."""
        value = self.event
        return self._events.get(str(value.get("type"))) if isinstance(value, dict) else None

    @property
    def rows(self) -> list[Row]:
        """The lines of its form; none while nobody knows what it may hold."""
        return [] if self.doc is None else self._draft.rows

    def begin(self, event_type: str) -> None:
        """Begin anew with the least event of a type.

        Raises:
            KeyError: There is no such client event.
        """
        shape = self._events[event_type].shape
        event = blank(shape, SUGGESTED.get)
        self.open({"type": event.pop("type"), **event})

    def open(self, event: Mapping[str, Any]) -> None:
        """Go on with an event that was sent or saved before."""
        self._draft.open(dict(event))

    def edit(self, edit: Edit) -> bool:
        """Change it by its form; returns whether the edit led somewhere."""
        return self._draft.edit(edit)

    def type_json(self, text: str) -> None:
        """Change it by its JSON; while that cannot be read the form stays as it is."""
        self._draft.type_json(text)

    def finished(
        self, variables: Mapping[str, Variable]
    ) -> tuple[dict[str, Any] | None, list[str]]:
        """Return the event as it would be sent now, and all that is wrong with it.

        Returns:
            The event, or None when it cannot be sent at all; a sentence for each problem.
        """
        event, problems = self.check(variables)
        return event, [str(each) for each in problems]

    def check(
        self, variables: Mapping[str, Variable]
    ) -> tuple[dict[str, Any] | None, list[Problem]]:
        """Return what `finished` does, with the place of each problem."""
        if self.misread:
            return None, [Problem((), f"This is no JSON: {self.misread}.")]
        if not isinstance(self.event, dict):
            return None, [Problem((), "An event is a JSON object: { ... }.")]
        event, problems = filled(self.event, variables)
        if not isinstance(event.get("type"), str) or not event["type"]:
            return None, [Problem(("type",), "is missing: it says which event this is")]
        if self.doc is None:
            return event, [Problem(("type",), self._unknown_type(event["type"])), *problems]
        told = {each.path for each in problems}
        wrong = [each for each in problems_of(self.doc.shape, event) if each.path not in told]
        return event, [*self._draft.unreadable(), *problems, *wrong]

    def _unknown_type(self, event_type: str) -> str:
        near = difflib.get_close_matches(event_type, self._events, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        return f"there is no client event {event_type}{meant}"

    def _shape_of(self, event: Any) -> Shape:
        doc = self._events.get(str(event.get("type"))) if isinstance(event, dict) else None
        return Anything() if doc is None else doc.shape
