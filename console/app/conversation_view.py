"""The conversation as the page shows it, and what of it changed since each page last asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import orjson

from console.app.feed import Message
from console.realtime.items import Item, ItemDelta

Order = Callable[[], Iterable[str]]
"""Gives item ids in the order of the conversation; asked only when it may have changed."""

AUDIO_STEP_MS = 1_000
"""The page is told of more sound in steps of this length, and at the end."""
_KNOWN_TYPES = frozenset({
    "message", "function_call", "function_call_output",
    "mcp_list_tools", "mcp_call", "mcp_approval_request", "mcp_approval_response",
})  # fmt: skip
Approval = Literal["pending", "approved", "denied"]


@dataclass(slots=True)
class ItemView:
    """One item as the session channel sends it (`ItemView` in ARCHITECTURE.md)."""

    id: str
    type: str
    role: str | None
    status: str | None
    text: str
    pending: bool
    heard: int | None
    heard_ms: int | None
    cut: bool
    name: str | None
    arguments: str | None
    output: str | None
    error: str | None
    duration_ms: float | None
    audio_ms: int
    playable: bool
    note: str | None
    server: str | None = None
    approval: Approval | None = None


@dataclass(slots=True)
class CallOutcome:
    """What came of a tool call."""

    output: str | None = None
    error: str | None = None
    duration_ms: float | None = None


class ConversationReader:
    """What one page has not fetched yet of a conversation, merged."""

    def __init__(self, view: ConversationView) -> None:
        self._view = view
        self._forget()

    def snapshot(self) -> list[Message]:
        """Return the whole conversation as messages, beginning with `cleared`."""
        self._forget()
        messages: list[Message] = [{"k": "cleared"}]
        if views := self._view.views():
            items = [asdict(each) for each in views]
            messages.append({"k": "items", "items": items, "order": [each.id for each in views]})
        return messages

    def changes(self) -> list[Message]:
        """Return what changed since `snapshot` or the last call, in the order to apply it."""
        messages: list[Message] = []
        if self._cleared:
            messages.append({"k": "cleared"})
        if self._removed:
            messages.append({"k": "removed", "ids": self._removed})
        if self._dirty or self._order_changed:
            items = [asdict(self._view.view(each)) for each in self._dirty]
            message: dict[str, Any] = {"k": "items", "items": items}
            if self._order_changed:
                message["order"] = [each.id for each in self._view.views()]
            messages.append(message)
        deltas = [[item_id, "".join(parts)] for item_id, parts in self._appended.items()]
        if deltas:
            messages.append({"k": "text", "deltas": deltas})
        self._forget()
        return messages

    def close(self) -> None:
        """Take note of no more changes."""
        self._view.leave(self)

    def note_changed(self, item_id: str) -> None:
        """An item is new or other than it was."""
        self._dirty[item_id] = None
        # The whole item goes out, so its pending pieces of text are contained in it.
        self._appended.pop(item_id, None)

    def note_appended(self, item_id: str, text: str) -> None:
        """More text has come for an item."""
        if item_id not in self._dirty:
            self._appended.setdefault(item_id, []).append(text)

    def note_removed(self, item_id: str) -> None:
        """An item is gone."""
        self._dirty.pop(item_id, None)
        self._appended.pop(item_id, None)
        self._removed.append(item_id)

    def note_order(self) -> None:
        """The items stand in another order, or they are others."""
        self._order_changed = True

    def note_cleared(self) -> None:
        """All items are gone."""
        self._forget()
        self._cleared = True

    def _forget(self) -> None:
        self._dirty: dict[str, None] = {}
        self._appended: dict[str, list[str]] = {}
        self._removed: list[str] = []
        self._order_changed = False
        self._cleared = False


class ConversationView:
    """Holds a view of each item, and tells its readers what has changed."""

    def __init__(self) -> None:
        self._views: dict[str, ItemView] = {}
        self._items: dict[str, Item] = {}
        self._order: list[str] = []
        self._outcomes: dict[str, CallOutcome] = {}
        self._approvals: dict[str, Approval] = {}
        """By the item that asked for the approval."""
        self._readers: list[ConversationReader] = []

    def reader(self) -> ConversationReader:
        """Return what tells one page of changes from now on, until it is closed."""
        reader = ConversationReader(self)
        self._readers.append(reader)
        return reader

    def leave(self, reader: ConversationReader) -> None:
        """Tell `reader` no more."""
        if reader in self._readers:
            self._readers.remove(reader)

    def view(self, item_id: str) -> ItemView:
        """Return the view of an item that is there."""
        return self._views[item_id]

    def item(self, item_id: str) -> Item | None:
        """Return the item behind a view, for its audio."""
        return self._items.get(item_id)

    def views(self) -> list[ItemView]:
        """Return all views in the order of the conversation."""
        return [self._views[each] for each in self._order]

    def clear(self) -> None:
        """Forget all items: a new session has begun."""
        self._views.clear()
        self._items.clear()
        self._order.clear()
        self._outcomes.clear()
        self._approvals.clear()
        for reader in self._readers:
            reader.note_cleared()

    def update(self, item: Item, order: Order, delta: ItemDelta | None = None) -> None:
        """Take over what changed in `item`.

        Args:
            item: The item as the client holds it; it is kept, not copied.
            order: Gives the ids of all items as the conversation has them now.
            delta: What was appended, when nothing else changed.
        """
        if item.type == "function_call_output" and self._join_to_call(item):
            return
        if item.type == "mcp_approval_response" and self._join_to_request(item):
            return
        view = self._views.get(item.id)
        self._items[item.id] = item
        if view is None or delta is None or delta.arguments:
            self._show(item, order)
            return
        if delta.audio and item.audio_ms - view.audio_ms >= AUDIO_STEP_MS:
            self._show(item, order)
        elif appended := delta.text or delta.transcript:
            view.text = item.text
            for reader in self._readers:
                reader.note_appended(item.id, appended)

    def end_session(self, heard_id: str | None = None, heard_ms: int = 0) -> None:
        """Close what was going on: nothing more will come of this session.

        Args:
            heard_id: The item that was being played when it ended; None when nothing was.
            heard_ms: How much of it was heard.
        """
        for item in self._items.values():
            is_heard = item.id == heard_id
            if item.is_done and not is_heard and not self._views[item.id].pending:
                continue
            part = item.audio_part
            view = self._view_of(item, heard_ms if is_heard and part is not None else None)
            if view.pending:
                view.pending = False
                view.note = "No transcript: the session ended before it came."
            elif not item.is_done:
                view.status = "incomplete"
                view.note = "The session ended before this was finished."
            self._views[item.id] = view
            self._mark(item.id)

    def _join_to_call(self, output: Item) -> bool:
        """Show an output with the call that it answers; False when there is no such call."""
        call_id = output.call_id or ""
        if not any(each.call_id == call_id for each in self._items.values()):
            return False
        outcome = self._outcomes.get(call_id, CallOutcome())
        self.set_outcome(call_id, replace(outcome, output=output.output))
        return True

    def _join_to_request(self, answer: Item) -> bool:
        """Show an approval with the request that it answers; False when there is no such."""
        request = self._items.get(answer.approval_request_id or "")
        if request is None or answer.approve is None:
            return False
        self._approvals[request.id] = "approved" if answer.approve else "denied"
        self._views[request.id] = self._view_of(request)
        self._mark(request.id)
        return True

    def _show(self, item: Item, order: Order) -> None:
        self._views[item.id] = self._view_of(item)
        self._mark(item.id)
        self._set_order(order)

    def remove(self, item_id: str, order: Order) -> None:
        """Forget one item."""
        if self._views.pop(item_id, None) is None:
            return
        self._items.pop(item_id, None)
        for reader in self._readers:
            reader.note_removed(item_id)
        self._set_order(order)

    def set_outcome(self, call_id: str, outcome: CallOutcome) -> None:
        """Say what came of a tool call; shown with the call's item."""
        known = self._outcomes.get(call_id, CallOutcome())
        self._outcomes[call_id] = replace(outcome, output=outcome.output or known.output)
        for item in self._items.values():
            if item.type == "function_call" and item.call_id == call_id:
                self._views[item.id] = self._view_of(item)
                self._mark(item.id)

    def _mark(self, item_id: str) -> None:
        for reader in self._readers:
            reader.note_changed(item_id)

    def _set_order(self, order: Order) -> None:
        known = [each for each in order() if each in self._views]
        if known != self._order:
            self._order = known
            for reader in self._readers:
                reader.note_order()

    def _view_of(self, item: Item, heard_ms: int | None = None) -> ItemView:
        outcome = self._outcomes.get(item.call_id or "", CallOutcome())
        audio = item.audio_part
        if audio is not None and heard_ms is not None:
            audio = replace(audio, heard_ms=heard_ms)  # the client's item stays as it is
        heard = audio.heard_characters if audio is not None else None
        return ItemView(
            id=item.id,
            type=item.type,
            role=item.role,
            status=item.status,
            text=item.text,
            pending=any(part.transcription == "pending" for part in item.content),
            heard=heard,
            heard_ms=audio.heard_ms if audio is not None else None,
            cut=heard is not None and heard < len(item.text),
            name=item.name,
            arguments=item.arguments or None,
            output=item.output if item.output is not None else _listed(item) or outcome.output,
            error=str(item.error) if item.error is not None else outcome.error,
            duration_ms=outcome.duration_ms,
            audio_ms=round(item.audio_ms),
            playable=item.has_audio,
            note=_note(item),
            server=item.server_label,
            approval=self._approval_of(item),
        )

    def _approval_of(self, item: Item) -> Approval | None:
        if item.type != "mcp_approval_request":
            return None
        return self._approvals.get(item.id, "pending")


def _listed(item: Item) -> str | None:
    """Return the names of the tools that a server offers, as JSON; None for any other item."""
    if item.type != "mcp_list_tools" or not item.is_done:
        return None
    return orjson.dumps([each.name for each in item.tools]).decode()


def _note(item: Item) -> str | None:
    for part in item.content:
        if part.transcription == "failed":
            return f"Transcription failed: {part.transcription_error or 'no reason given'}"
        if part.transcription == "completed" and not part.shown_text:
            return "No words were recognised."
        if part.is_audio_dropped:
            return "The sound was given up to bound memory."
    if item.type not in _KNOWN_TYPES:
        return f"An item of the type {item.type or '(not known yet)'}."
    return None
