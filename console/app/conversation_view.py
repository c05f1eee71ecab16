"""The conversation as the page shows it, and what of it changed since each page last asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any

from console.app.feed import Message
from console.app.item_view import (
    Approval,
    CallOutcome,
    ItemView,
    Known,
    Played,
    failed_answer,
    place,
    view_of,
)
from console.realtime.items import Item, ItemDelta

Order = Callable[[], Iterable[str]]
"""Gives item ids in the order of the conversation; asked only when it may have changed."""

AUDIO_STEP_MS = 1_000
"""The page is told of more sound in steps of this length, and at the end."""
MAX_APART = 256
"""Items outside the conversation, and failures, that are shown; older ones give way."""


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
        if self._moved:
            places = [self._view.position(each) for each in self._moved]
            messages.append({"k": "playing", "places": places})
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
        self._moved.pop(item_id, None)

    def note_appended(self, item_id: str, text: str) -> None:
        """More text has come for an item."""
        if item_id not in self._dirty:
            self._appended.setdefault(item_id, []).append(text)

    def note_moved(self, item_id: str) -> None:
        """An item was heard further, or is not being played any more."""
        if item_id not in self._dirty:
            self._moved[item_id] = None

    def note_removed(self, item_id: str) -> None:
        """An item is gone."""
        self._dirty.pop(item_id, None)
        self._appended.pop(item_id, None)
        self._moved.pop(item_id, None)
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
        self._moved: dict[str, None] = {}
        self._removed: list[str] = []
        self._order_changed = False
        self._cleared = False


class ConversationView:
    """Holds a view of each item, and tells its readers what has changed."""

    def __init__(self, now_s: Callable[[], float] | None = None) -> None:
        """Begin with no items.

        Args:
            now_s: A clock that never goes back; without one no transcript is late.
        """
        self._now_s = now_s
        self._readers: list[ConversationReader] = []
        self._forget()

    def _forget(self) -> None:
        self._views: dict[str, ItemView] = {}
        self._items: dict[str, Item] = {}
        self._order: list[str] = []
        self._apart: dict[str, str | None] = {}
        """What is no item of the conversation, oldest first, and after which item each is shown."""
        self._outcomes: dict[str, CallOutcome] = {}
        self._approvals: dict[str, Approval] = {}
        """By the item that asked for the approval."""
        self._played: dict[str, Played] = {}
        """Of items that are played now, or were stopped."""
        self._waiting_since_s: dict[str, float] = {}
        """When the transcript of an item began to be waited for."""
        self._transcript_ms: dict[str, float] = {}
        """How long it took."""

    def reader(self) -> ConversationReader:
        """Return what tells one page of changes from now on, until it is closed."""
        reader = ConversationReader(self)
        self._readers.append(reader)
        return reader

    def leave(self, reader: ConversationReader) -> None:
        """Tell `reader` no more."""
        if reader in self._readers:
            self._readers.remove(reader)

    def is_item(self, item_id: str) -> bool:
        """Return whether a view is of an item that the server has, or has had."""
        return item_id in self._items

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
        self._forget()
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
        self._time_transcript(item)
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
        self.lapse_approvals()
        self._outcomes = {name: replace(each, held="") for name, each in self._outcomes.items()}
        for item in self._items.values():
            is_heard = item.id == heard_id
            known = self._views[item.id]
            is_unanswered = item.type == "function_call" and not (known.output or known.error)
            if item.is_done and not (is_heard or known.pending or is_unanswered):
                continue
            part = item.audio_part
            self._played.pop(item.id, None)
            view = self._view_of(item, heard_ms if is_heard and part is not None else None)
            if view.pending:
                view.pending = False
                view.note = "No transcript: the session ended before it came."
            elif not item.is_done:
                view.status = "incomplete"
                view.note = "The session ended before this was finished."
            elif is_unanswered:
                view.note = "The session ended before this was answered."
            self._views[item.id] = view
            self._mark(item.id)

    def lapse_approvals(self) -> None:
        """Say of all that waits for approval that nobody can decide it: the session is another."""
        for item in self._items.values():
            if self._approval_of(item) == "pending":
                self._approvals[item.id] = "lapsed"
                self._views[item.id] = self._view_of(item)
                self._mark(item.id)

    def ask_again(self, item_id: str) -> None:
        """Have pages ask anew whether a call may be made: an answer to it went nowhere."""
        if item_id in self._views:
            self._mark(item_id)

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
        is_new = item.id not in self._views
        self._views[item.id] = self._view_of(item)
        self._mark(item.id)
        if not item.is_out_of_band:
            self._apart.pop(item.id, None)  # it has come into the conversation
        elif is_new:
            self._put_apart(item.id)
        self._set_order(order)

    def tell_failure(self, response_id: str, sentence: str, order: Order) -> None:
        """Show that an answer failed, behind what had come by then.

        Args:
            response_id: The response; stands for an item from now on, that no server knows.
            sentence: What happened.
            order: Gives the ids of all items as the conversation has them now.
        """
        is_new = response_id not in self._views
        self._views[response_id] = failed_answer(response_id, sentence)
        self._mark(response_id)
        if is_new:
            self._put_apart(response_id)
            self._set_order(order)

    def remove(self, item_id: str, order: Order) -> None:
        """Forget one item."""
        if item_id in self._views:
            self._drop(item_id)
            self._set_order(order)

    def _drop(self, item_id: str) -> None:
        del self._views[item_id]
        for known in (self._items, self._played, self._waiting_since_s, self._transcript_ms):
            known.pop(item_id, None)
        self._lean_on_others(item_id)
        for reader in self._readers:
            reader.note_removed(item_id)

    # What is heard

    def set_played(self, item_id: str, played_ms: int, *, is_speaking: bool) -> None:
        """Say how far the sound of an item was heard, and whether it goes on."""
        self._set_played(item_id, Played(played_ms, is_speaking))

    def stop_speaking(self, item_id: str) -> None:
        """Say that an item sounds no more; how far it was heard stays as it was told."""
        if (played := self._played.get(item_id)) is not None:
            self._set_played(item_id, replace(played, is_speaking=False))

    def all_heard(self, item_id: str) -> None:
        """Say that all of an item was heard."""
        self._set_played(item_id, None)

    def position(self, item_id: str) -> dict[str, Any]:
        """Return what changes of a view while its item is played."""
        view = self._views[item_id]
        names = ("id", "played", "played_ms", "speaking")
        return {name: getattr(view, name) for name in names}

    def _set_played(self, item_id: str, played: Played | None) -> None:
        item, view = self._items.get(item_id), self._views.get(item_id)
        if item is None or view is None or item.audio_part is None:
            return
        if played is None:
            self._played.pop(item_id, None)
            place(view, item, None)
        elif view.heard is None:
            self._played[item_id] = played
            place(view, item, played)
        for reader in self._readers:
            reader.note_moved(item_id)

    def set_outcome(self, call_id: str, outcome: CallOutcome) -> None:
        """Say what came of a tool call; shown with the call's item."""
        known = self._outcomes.get(call_id, CallOutcome())
        self._outcomes[call_id] = replace(outcome, output=outcome.output or known.output)
        for item in self._items.values():
            if item.type == "function_call" and item.call_id == call_id:
                self._views[item.id] = self._view_of(item)
                self._mark(item.id)

    def hold(self, call_id: str, why: str) -> None:
        """Say that a tool is not begun yet, and why; empty: it is."""
        known = self._outcomes.get(call_id, CallOutcome())
        if known.held != why:
            self.set_outcome(call_id, replace(known, held=why))

    def _mark(self, item_id: str) -> None:
        for reader in self._readers:
            reader.note_changed(item_id)

    def _set_order(self, order: Order) -> None:
        within = [each for each in order() if each in self._views and each not in self._apart]
        known = self._with_apart(within)
        if known != self._order:
            self._order = known
            for reader in self._readers:
                reader.note_order()

    # Outside the conversation

    def _with_apart(self, order: list[str]) -> list[str]:
        """Return the order with the items of answers outside the conversation where they came."""
        if not self._apart:
            return order
        after: dict[str | None, list[str]] = {}
        for item_id, neighbour in self._apart.items():
            after.setdefault(neighbour if neighbour in order else None, []).append(item_id)
        placed = after.get(None, [])
        return placed + [name for each in order for name in (each, *after.get(each, ()))]

    def _put_apart(self, item_id: str) -> None:
        within = [each for each in self._order if each not in self._apart]
        self._apart[item_id] = within[-1] if within else None
        while len(self._apart) > MAX_APART:
            self._drop(next(iter(self._apart)))

    def _lean_on_others(self, item_id: str) -> None:
        """Have what is shown after an item that goes be shown after the one before it."""
        self._apart.pop(item_id, None)
        at = self._order.index(item_id) if item_id in self._order else 0
        before = [each for each in self._order[:at] if each not in self._apart]
        for each, neighbour in self._apart.items():
            if neighbour == item_id:
                self._apart[each] = before[-1] if before else None

    # Views

    def _time_transcript(self, item: Item) -> None:
        if self._now_s is None or item.role != "user":
            return
        if any(part.transcription == "pending" for part in item.content):
            self._waiting_since_s.setdefault(item.id, self._now_s())
        elif (since_s := self._waiting_since_s.pop(item.id, None)) is not None:
            self._transcript_ms[item.id] = (self._now_s() - since_s) * 1000

    def _view_of(self, item: Item, heard_ms: int | None = None) -> ItemView:
        known = Known(
            outcome=self._outcomes.get(item.call_id or "", CallOutcome()),
            approval=self._approval_of(item),
            played=self._played.get(item.id),
            transcript_ms=self._transcript_ms.get(item.id),
            heard_ms=heard_ms,
        )
        return view_of(item, known)

    def _approval_of(self, item: Item) -> Approval | None:
        if item.type != "mcp_approval_request":
            return None
        return self._approvals.get(item.id, "pending")
