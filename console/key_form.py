"""What a key or token may be: one rule for the settings and for the field of the page."""

from __future__ import annotations

import re
from typing import Final

MAX_CHARACTERS: Final = 8000
"""Of any key or token: servers take no longer line of a header, and tokens of Entra have thousands."""
MAX_SERVICE_KEY: Final = 1000
"""Characters of a key of the OpenAI API; its keys have some 170."""
MIN_SERVICE_KEY: Final = 8
"""What is shorter is a beginning of one."""
_PREFIX: Final = "sk-"
_NAMED: Final = re.compile(
    r"(?:\S{1,9}\s+|\$env:)?[\w-]*[_-](?:key|token)\s*=\s*[^=\s]", re.IGNORECASE
)
"""A line of a file or shell instead of what stands behind its sign; in base64 that ends the text."""
# No key has one of these, JSON and shells write them with others before them, and what is written
# differently here and there is not found where it must not stand.
_NEVER: Final = frozenset("\"'\\")


def check_secret(text: str, name: str, kind: str = "key", example: str = "") -> None:
    """Refuse what can be no key or token of any server.

    Args:
        text: What was given, without blanks around it.
        name: What the sentence calls it, such as `CONSOLE_TARGET_KEY`.
        kind: `key` or `token`.
        example: How it is given rightly.

    Raises:
        ValueError: It has another form; the sentence says which, and shows nothing of it.
    """
    alone = f"paste the {kind} alone" + (f", as in {example}" if example else "")
    if _NAMED.match(text):
        raise ValueError(f"{name} holds the name of a variable and its = as well; {alone}")
    if not (text.isascii() and text.isprintable()) or " " in text or not _NEVER.isdisjoint(text):
        raise ValueError(
            f"{name} has spaces, quotes, backslashes or characters outside ASCII; {alone}"
        )
    if len(text) > MAX_CHARACTERS:
        raise ValueError(_too_long(name, kind, len(text), MAX_CHARACTERS, alone))


def check_service_key(text: str, name: str, example: str = "") -> None:
    """Refuse what can be no key of the OpenAI API; for the arguments see `check_secret`.

    Raises:
        ValueError: It has another form; the sentence says which, and shows nothing of it.
    """
    check_secret(text, name, example=example)
    if len(text) > MAX_SERVICE_KEY:
        raise ValueError(
            _too_long(name, "key of the OpenAI API", len(text), MAX_SERVICE_KEY, "paste it alone")
        )
    if len(text) < MIN_SERVICE_KEY:
        raise ValueError(
            f"{name} is no whole key: those of the OpenAI API begin with {_PREFIX} and are longer. "
            "Paste all of it, or leave it out to use the simulator"
        )
    if not text.startswith(_PREFIX):
        raise ValueError(
            f"{name} is no key of the OpenAI API: they begin with {_PREFIX}. That of another "
            "service belongs into .env as AZURE_OPENAI_API_KEY or CONSOLE_TARGET_KEY"
        )


def _too_long(name: str, kind: str, n_characters: int, most: int, advice: str) -> str:
    return f"{name} has {n_characters} characters, and no {kind} has more than {most}; {advice}"
