"""What somebody writes of a session, on top of what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.app.reference.catalogue import Catalogue
from console.app.reference.form_draft import FormDraft
from console.app.reference.session_shapes import session_shapes, shape_of_session
from console.app.session_state import SessionState
from console.realtime import session


class SessionDraft:
    """The session as it is written: what was changed stays when the rest changes elsewhere."""

    def __init__(self, catalogue: Catalogue, state: SessionState) -> None:
        """Begin with what is asked for.

        Args:
            catalogue: Says what a session may hold.
            state: Of the session.

        Raises:
            ReferenceUnavailableError: The installed package documents no session.
        """
        shapes = session_shapes(catalogue)
        self._base = dict(state.requested)
        self.draft = FormDraft(lambda value: shape_of_session(shapes, value), self._base)
        """Form and JSON."""

    @property
    def changes(self) -> list[str]:
        """The fields that would be changed, as in `audio.output.speed`; those left out with them."""
        value = self._value
        return [*session.changed(self._base, value), *session.left_out(self._base, value)]

    @property
    def _value(self) -> Mapping[str, Any]:
        return self.draft.value if isinstance(self.draft.value, dict) else {}

    def follow(self, state: SessionState) -> bool:
        """Take over what is asked for now, below what was changed here.

        Returns:
            Whether anything is another than before.
        """
        asked = dict(state.requested)
        if asked == self._base:
            return False
        if session.session_type(asked) != session.session_type(self._base):
            self.discard(state)
            return True
        mine = session.difference(self._base, self._value)
        gone = session.left_out(self._base, self._value)
        self._base = asked
        if self.draft.misread:  # what is being typed is not taken away
            return True
        merged = session.merge(asked, mine)
        for name in gone:
            merged = session.without(merged, name)
        if merged != self.draft.value:
            self.draft.open(merged)
        return True

    def discard(self, state: SessionState) -> None:
        """Go back to what is asked for."""
        self._base = dict(state.requested)
        self.draft.open(self._base)
