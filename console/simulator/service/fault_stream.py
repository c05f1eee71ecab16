"""Faults in the stream of events: what a session sends, reworked on its way out.

Events of both dialects are known by their names, since the session may speak either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from console.simulator.faults import Faults
from console.simulator.protocol.ids import NewId

Event = dict[str, Any]

_DELTA: Final = re.compile(r"response\..+\.delta")
_CLOSER: Final = re.compile(
    r"response\.(output_item|content_part|(output_)?(text|audio|audio_transcript)"
    r"|function_call_arguments|mcp_call_arguments)\.done"
)
_FAILURES: Final = {
    "insufficient_quota": "You exceeded your current quota, please check your plan and billing "
    "details.",
    "rate_limit_exceeded": "Rate limit reached. Please try again later.",
    "model_not_found": "The model does not exist or you do not have access to it.",
    "server_error": "The server had an error while processing your request.",
}
_TRANSCRIPTION: Final = "conversation.item.input_audio_transcription."


class FaultStream:
    """Reworks the events of one session; `faults` may change between any two of them."""

    def __init__(self, faults: Faults, new_id: NewId) -> None:
        self.faults = faults
        self.expires_at: int | None = None
        """When the session will end, in seconds since 1970; None: as it says itself."""
        self._new_id = new_id
        self._last_deltas: dict[str, dict[str, Event]] = {}
        """Of each response that goes on, the last delta of each type."""
        self._item_of_response: dict[str, str] = {}
        """Which response each item being made belongs to."""
        self._held: dict[str, list[Event]] = {}
        """Of each response, closers that wait for the next item's first delta."""

    def rework(self, events: Iterable[Event]) -> list[tuple[int, Event]]:
        """Return what to send instead of `events`, each with its delay in milliseconds."""
        reworked: list[tuple[int, Event]] = []
        for event in events:
            self._note(event)
            if self.expires_at is not None and "expires_at" in event.get("session", ()):
                event = {**event, "session": {**event["session"], "expires_at": self.expires_at}}
            if self.faults or self._held:
                for each in self._held_back(event):
                    reworked += self._one(each)
            else:
                reworked.append((0, event))
            if event["type"] == "response.done":
                self._forget(event["response"]["id"])
        return reworked

    def _note(self, event: Event) -> None:
        kind, response_id = event["type"], event.get("response_id")
        if kind == "response.output_item.added":
            self._item_of_response[event["item"]["id"]] = response_id or ""
        elif response_id is not None and _DELTA.fullmatch(kind):
            self._last_deltas.setdefault(response_id, {})[kind] = event

    def _forget(self, response_id: str) -> None:
        self._last_deltas.pop(response_id, None)
        self._item_of_response = {
            item_id: of for item_id, of in self._item_of_response.items() if of != response_id
        }

    # ------------------------------------------------------------ overlapping items

    def _held_back(self, event: Event) -> list[Event]:
        """Return `event`, and what had waited for it; nothing when it has to wait itself."""
        response_id = self._response_of(event)
        if response_id is None:
            return [event]
        if self.faults.overlapping_items and self._is_closer(event):
            self._held.setdefault(response_id, []).append(event)
            return []
        if event["type"] == "response.done":
            return [*self._held.pop(response_id, []), event]
        if _DELTA.fullmatch(event["type"]) and response_id in self._held:
            return [event, *self._closers_of_others(response_id, event["item_id"])]
        return [event]

    def _closers_of_others(self, response_id: str, item_id: str) -> list[Event]:
        held = self._held.pop(response_id)
        own = [each for each in held if _item_id(each) == item_id]
        if own:
            self._held[response_id] = own
        return [each for each in held if _item_id(each) != item_id]

    def _response_of(self, event: Event) -> str | None:
        if event["type"] in {"response.created", "response.done"}:
            return str(event["response"]["id"])
        if "response_id" in event:
            return str(event["response_id"])
        return self._item_of_response.get(_item_id(event))

    def _is_closer(self, event: Event) -> bool:
        kind = event["type"]
        if kind == "conversation.item.done":
            return _item_id(event) in self._item_of_response
        return _CLOSER.fullmatch(kind) is not None

    # ------------------------------------------------------------ one event

    def _one(self, event: Event) -> list[tuple[int, Event]]:
        kind = event["type"]
        if kind.startswith(_TRANSCRIPTION):
            return self._transcription(event)
        if kind == "error" and self.faults.null_event_id:
            event = {**event, "error": {**event["error"], "event_id": None}}
        if kind == "rate_limits.updated" and self.faults.no_rate_limits:
            return []
        if self.faults.missing_closers and self._is_closer(event):
            return []
        if kind == "response.done":
            return [(0, event), *((0, late) for late in self._late_deltas(event["response"]))]
        return [(0, event)]

    def _transcription(self, event: Event) -> list[tuple[int, Event]]:
        delay_ms = self.faults.late_transcription_ms
        if not self.faults.fail_transcription or event["type"].endswith(".failed"):
            return [(delay_ms, event)]
        if not event["type"].endswith(".completed"):
            return []
        item_id = event["item_id"]
        failed = {
            "type": f"{_TRANSCRIPTION}failed",
            "event_id": event["event_id"],
            "item_id": item_id,
            "content_index": event["content_index"],
            "error": {
                "type": "server_error",
                "code": "DeploymentNotFound",
                "message": f"Input transcription failed for item '{item_id}'.",
                "param": None,
            },
        }
        return [(delay_ms, failed)]

    def _late_deltas(self, response: Event) -> list[Event]:
        deltas = self._last_deltas.get(response["id"], {})
        if not self.faults.late_deltas or response["status"] != "cancelled":
            return []
        return [{**delta, "event_id": self._new_id("event_")} for delta in deltas.values()]


def failure_message(code: str) -> str:
    """Return what a response says that fails with `code`."""
    return _FAILURES.get(code, f"The response failed: {code}.")


def _item_id(event: Event) -> str:
    return str(event["item"]["id"] if "item" in event else event.get("item_id"))
