"""The conversation pane."""

from __future__ import annotations

from console.ui.elements.conversation import Conversation
from console.ui.page_session import PageSession, ShownSession
from console.ui.panels.panel import panel


def conversation_panel(session: PageSession) -> Conversation:
    """What was said, heard and called, in the order of the protocol."""
    with panel("Conversation", has_own_bar=True):
        return Conversation(
            session.session_id, on_delete=session.delete_item, on_decide=session.decide_approval
        )


def watched_conversation_panel(session: ShownSession) -> Conversation:
    """The same for those who watch: nothing of it can be changed."""
    with panel("Conversation", has_own_bar=True):
        return Conversation(session.session_id)
