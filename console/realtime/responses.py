"""The responses of a session, and which of them is being made."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from console.realtime.fields import mapping, text, text_or_none
from console.realtime.items import Response
from console.realtime.usage import TokenUsage

MAX_RESPONSES: Final = 512
"""Beyond it the oldest are forgotten."""
MAX_ITEMS: Final = 1024
"""Items of one response: each call among them must be answered, though it be refused."""


class Responses:
    """Finds responses by id; knows the conversation's own that is not done yet."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all responses."""
        self.by_id: OrderedDict[str, Response] = OrderedDict()
        """Oldest first."""
        self.unfinished: Response | None = None
        """The conversation's response that is not done yet, interrupted or not."""
        self.usage = TokenUsage()
        """What the responses of the session cost together."""

    @property
    def active(self) -> Response | None:
        """The unfinished response, unless it is being interrupted."""
        found = self.unfinished
        return found if found is not None and not found.is_interrupted else None

    def find_or_begin(self, response_id: str) -> Response | None:
        """Return the response of an id, a new one if need be; None for no id."""
        if not response_id:
            return None
        response = self.by_id.get(response_id)
        if response is None:
            response = self.by_id[response_id] = Response(response_id)
            if len(self.by_id) > MAX_RESPONSES:
                self.by_id.popitem(last=False)
        return response

    def created(self, raw: dict[str, Any]) -> Response | None:
        """Take over that a response began; None without an id.

        One that is done does not begin again.
        """
        response = self.find_or_begin(text(raw, "id"))
        if response is not None and not response.is_done:
            # Whatever it says of its status: what was created is in progress until it is done.
            _fill(response, {**raw, "status": "in_progress"})
            if not response.is_out_of_band:
                self.unfinished = response
        return response

    def done(self, raw: dict[str, Any]) -> Response | None:
        """Take over that a response ended; None without an id."""
        response = self.find_or_begin(text(raw, "id"))
        if response is None:
            return None
        _fill(response, raw)
        if not response.is_done:
            response.status = "completed"
        if response.usage and response.tokens is None:
            response.tokens = TokenUsage.of_response(response.usage)
            self.usage += response.tokens
        if self.unfinished is response:
            self.unfinished = None
        return response

    def interrupt(self) -> None:
        """Take note that the active response is being cancelled."""
        if self.unfinished is not None:
            self.unfinished.is_interrupted = True


def add_item(response: Response, item_id: str) -> None:
    """Take note that a response made an item."""
    if item_id not in response.item_ids and len(response.item_ids) < MAX_ITEMS:
        response.item_ids.append(item_id)


def _fill(response: Response, raw: dict[str, Any]) -> None:
    response.has_begun = True
    status = text(raw, "status")
    if status and not (response.is_done and status == "in_progress"):
        response.status = status
    details = raw.get("status_details")
    if isinstance(details, dict):
        response.status_details = details
    elif isinstance(details, str):
        # Some compatible servers send a sentence.
        response.status_details = {"reason": details}
    if "conversation_id" in raw:
        response.conversation_id = text_or_none(raw, "conversation_id")
        response.is_out_of_band = raw["conversation_id"] is None
    response.usage = mapping(raw, "usage") or response.usage
    response.metadata = mapping(raw, "metadata") or response.metadata
