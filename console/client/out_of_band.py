"""Responses beside the conversation: asked for, told apart by metadata, and awaited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.client import choices
from console.errors import ConsoleError
from console.realtime import events
from console.realtime.items import Item, Response

METADATA_KEY: Final = "console_question"
"""Under this key stands whose answer a response is."""
MAX_METADATA: Final = 16
"""Entries that the service takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question beside the conversation."""

    response: Response
    """Completed, incomplete or cancelled; `metadata` holds what was given."""
    items: list[Item]

    @property
    def text(self) -> str:
        """What is written or said in it."""
        return "\n".join(each.text for each in self.items if each.text)


def question(
    question_id: str,
    input_items: str | Sequence[Mapping[str, Any]] | None,
    *,
    instructions: str | None = None,
    metadata: Mapping[str, str] | None = None,
    tools: Sequence[Mapping[str, Any]] | None = None,
    output_modalities: Sequence[str] = ("text",),
) -> dict[str, Any]:
    """Return what `response.create` is to hold; see `RealtimeClient.ask_out_of_band`.

    Raises:
        ValueError: The text is empty, or there is too much metadata or a name of ours in it.
        TypeError: An argument is of another type than it may be.
    """
    choices.check_kind("metadata", metadata, Mapping | None, "a mapping of texts, or None")
    choices.check_kind("instructions", instructions, str | None, "a text, or None")
    if isinstance(output_modalities, str) or not isinstance(output_modalities, Sequence):
        kind = type(output_modalities).__name__
        raise TypeError(f"output_modalities must be a list such as ['text'], not of type {kind}.")
    given = dict(metadata or {})
    if METADATA_KEY in given or len(given) >= MAX_METADATA:
        raise ValueError(
            f"Metadata may have {MAX_METADATA - 1} entries here, and none called "
            f"{METADATA_KEY!r}: that one tells the answers apart."
        )
    asked: dict[str, Any] = {
        "conversation": "none",
        "metadata": {**given, METADATA_KEY: question_id},
        "output_modalities": list(output_modalities),
    }
    if input_items is not None:
        asked["input"] = _input(input_items)
    if instructions is not None:
        asked["instructions"] = instructions
    if tools is not None:
        choices.check_mappings("tools", tools, "a list of definitions as the wire has them")
        asked["tools"] = [dict(tool) for tool in tools]
    return asked


def _input(items: str | Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not isinstance(items, str):
        wanted = "a text, a list of items as the wire has them, or None"
        choices.check_mappings("content", items, wanted)
        return [dict(item) for item in items]
    if not items:
        raise ValueError("A question needs words, or items, or None for the conversation so far.")
    return [{"type": "message", "role": "user", "content": [events.text_content(items)]}]


def is_answer(response: Response, question_id: str) -> bool:
    """Return whether a response is the one that answers a question."""
    return response.metadata.get(METADATA_KEY) == question_id


def answer(response: Response, items: Sequence[Item]) -> Answer:
    """Return the answer that a finished response is.

    Raises:
        ConsoleError: It failed; the sentence says why.
    """
    if response.status == "failed":
        why = (response.reason or "nobody said why").rstrip(".")
        raise ConsoleError(f"The model could not answer: {why}.")
    return Answer(response, list(items))
