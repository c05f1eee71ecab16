"""The tokens that clients show: made here, kept as hashes, found again."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

PREFIX: Final = "ek_relay_"
"""Libraries for browsers take a key that begins with ``ek_`` for one that may be there."""
HASH: Final = re.compile(r"sha256:[0-9a-f]{64}")


def new_token() -> str:
    """Return a token that nobody guesses."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """Return what a policy keeps of a token.

    A plain hash is enough: nobody can try all tokens, as they could all passwords.
    """
    return f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"
