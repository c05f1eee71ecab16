"""What the page shows of the key, as plain values; never the key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

KeySource = Literal["none", "settings", "typed", "keyring"]
KeyOutcome = Literal["done", "warning", "error"]
_SHOWN: Final = 4
_LONG_ENOUGH: Final = 20


@dataclass(frozen=True, slots=True)
class KeyState:
    """Whether there is a key of the OpenAI API, and what may be done with it here."""

    may_change: bool = False
    """Whether who looks at the page may type one in: the owner, where the target is OpenAI or the
    simulator."""
    source: KeySource = "none"
    """`settings`: from the environment or `.env`."""
    masked: str = ""
    """How it begins and ends, as "sk-...abcd"; empty without one."""
    is_stored: bool = False
    """It is in the system's keyring too."""
    keyring_problem: str = ""
    """Why the system's keyring cannot be used, in a sentence; empty: it can."""


class KeyAnswer(NamedTuple):
    """What came of a request about the key: for the page that asked, and for no other."""

    sentence: str
    outcome: KeyOutcome = "done"
    """`error`: nothing was done; `warning`: only a part was."""


def masked(key: str) -> str:
    """Return what may be shown of a key: how it begins, and its end if it is long enough."""
    lead = "sk-" if key.startswith("sk-") else ""
    return f"{lead}...{key[-_SHOWN:]}" if len(key) >= _LONG_ENOUGH else f"{lead}..."
