"""Events that somebody keeps: saved by name, and those that were sent last.

They live in the browser that composed them, as text; so nobody else sees them, and a link to the
console brings nobody those of another. What comes from there is read with care.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

MAX_SAVED: Final = 100
MAX_SENT: Final = 30
MAX_EVENT_CHARACTERS: Final = 50_000
"""Of JSON; a longer event is not kept."""
MAX_NAME_CHARACTERS: Final = 80
MAX_CHARACTERS: Final = 2_000_000
"""Of all together; browsers keep about five million."""

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """What one browser keeps."""

    saved: Mapping[str, Event] = field(default_factory=dict)
    """By name, in the order in which they were saved."""
    sent: tuple[Event, ...] = ()
    """The newest first, each once."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `dump` wrote; what makes no sense is left out."""
        if len(text) > MAX_CHARACTERS:
            return cls()
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(raw, dict):
            return cls()
        saved, sent = raw.get("saved"), raw.get("sent")
        named = saved.items() if isinstance(saved, dict) else ()
        return cls(
            {
                name: event
                for name, event in list(named)[:MAX_SAVED]
                if 0 < len(name) <= MAX_NAME_CHARACTERS and _is_event(event)
            },
            tuple(each for each in (sent if isinstance(sent, list) else ()) if _is_event(each))[
                :MAX_SENT
            ],
        )

    def dump(self) -> str:
        """Return it as text, without the oldest that was sent as far as it would be too much."""
        kept = self
        while len(text := json.dumps({"saved": dict(kept.saved), "sent": kept.sent})) > (
            MAX_CHARACTERS
        ):
            kept = (
                replace(kept, sent=kept.sent[:-1])
                if kept.sent
                else replace(kept, saved=dict(list(kept.saved.items())[1:]))
            )
        return text

    def with_saved(self, name: str, event: Event) -> Self:
        """Return it with an event saved under a name, instead of what had the name.

        Raises:
            ValueError: The name is empty or too long, the event too large, or there are too many.
        """
        if not 0 < len(name) <= MAX_NAME_CHARACTERS:
            raise ValueError(f"A name has 1 to {MAX_NAME_CHARACTERS} characters.")
        if not _is_event(event):
            raise ValueError(
                f"What is saved may have {MAX_EVENT_CHARACTERS:,} characters at the most."
            )
        if name not in self.saved and len(self.saved) >= MAX_SAVED:
            raise ValueError(f"{MAX_SAVED} are saved already. Delete one first.")
        others = {each: kept for each, kept in self.saved.items() if each != name}
        return replace(self, saved={**others, name: event})

    def without(self, name: str) -> Self:
        """Return it without what was saved under a name."""
        return replace(self, saved={k: v for k, v in self.saved.items() if k != name})

    def with_sent(self, event: Event) -> Self:
        """Return it with an event that was sent just now; one that is too large is left out."""
        if not _is_event(event):
            return self
        others = [each for each in self.sent if each != event]
        return replace(self, sent=(event, *others)[:MAX_SENT])


def _is_event(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("type"), str)
        and len(json.dumps(value)) <= MAX_EVENT_CHARACTERS
    )
