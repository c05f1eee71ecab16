"""What lets us in at a server: a key, headers of one's own, a password in the address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from console.client.address import query_of
from console.key_mask import SHORTEST

MIN_SHOWN_KEY: Final = 12
"""Of a shorter key not even the last four characters are shown."""
MAX_SAID: Final = 300
"""So much of a server's own words is repeated."""
_SHOWN_PART: Final = 6
"""Words that hold so many characters of a secret in a row are not repeated."""
_NAMES: Final = (
    "auth", "authentication", "authorization", "cookie", "credential", "credentials", "jwt",
    "key", "password", "secret", "token",
)  # fmt: skip
_SCHEME: Final = re.compile(r"[A-Za-z][\w-]*\s+(?=\S)")
"""What stands before the token of an `Authorization`, as in `Bearer ...`."""


def is_credential(name: str) -> bool:
    """Return whether a header or a field of a query carries a secret, going by its name."""
    return any(word.endswith(_NAMES) for word in re.split("[-_]", name.lower()))


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets of one target, kept out of all words about it."""

    key: str | None = field(default=None, repr=False)
    """As it is sent; None where a header of one's own stands in its place."""
    name: str = ""
    """What is sent instead of a key, in words such as `your Authorization header`."""
    others: tuple[str, ...] = field(default=(), repr=False)
    """All secrets beside the key."""

    def __bool__(self) -> bool:
        """Return whether there is anything to let us in."""
        return bool(self.key or self.name)

    @property
    def secrets(self) -> tuple[str, ...]:
        """All texts that nobody may see."""
        return (self.key, *self.others) if self.key else self.others

    @property
    def what(self) -> str:
        """What is sent, for a sentence; empty if nothing is."""
        return "the key" if self.key else self.name

    @property
    def in_words(self) -> str:
        """Who asks, for a sentence; of the key it shows the last four characters."""
        if not self.key:
            return self.name or "requests without an API key"
        if len(self.key) < MIN_SHOWN_KEY:
            return "the API key"
        return f"the API key ending in {self.key[-4:]}"

    def without_secrets(self, said: str) -> str:
        """Return a server's words in one line, or nothing when they quote a part of a secret."""
        if any(_quotes(said, each) for each in self.secrets):
            return ""
        return " ".join(said.split())[:MAX_SAID]


def of_target(
    url: str, key: str | None, key_header: str, headers: Mapping[str, str]
) -> Credentials:
    """Return what lets us in at a server.

    Args:
        url: Of the server; it may have a password, or a token in its query.
        key: Of the server, if there is one.
        key_header: Which header carries it.
        headers: Of one's own; they win over ours.
    """
    own = [name for name in headers if is_credential(name)]
    is_replaced = key_header.lower() in (name.lower() for name in headers)
    password = _password(url)
    names = [f"your {name} header" for name in own]
    if password:
        names.append("the password in the address")
    others = [secret for name in own for secret in _of_header(name, headers[name])]
    others += [value for name, value in query_of(url).items() if is_credential(name)]
    others += [password, key if key and is_replaced else ""]
    sent = None if is_replaced else key
    return Credentials(
        sent or None,
        "" if sent else next(iter(names), ""),
        tuple(dict.fromkeys(each for each in others if len(each) >= SHORTEST)),
    )


def _of_header(name: str, value: str) -> Iterator[str]:
    value = value.strip()
    if name.lower() == "cookie":
        yield from (each.partition("=")[2].strip(' "') for each in value.split(";"))
    elif name.lower().endswith("authorization") and (scheme := _SCHEME.match(value)):
        yield value[scheme.end() :]
    else:
        yield value


def _password(url: str) -> str:
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return ""


def _quotes(said: str, secret: str) -> bool:
    n_parts = max(1, len(secret) - _SHOWN_PART + 1)
    return any(secret[at : at + _SHOWN_PART] in said for at in range(n_parts))
