"""Whom to call: the server's URL, and the headers that let us in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from console.errors import ConnectError


class Secret(Protocol):
    """Something that hides a key, such as `pydantic.SecretStr`."""

    def get_secret_value(self) -> str:
        """Return the key."""


class Address:
    """A server, a model and a key. The key is in no text about it."""

    def __init__(
        self, url: str, model: str, api_key: str | Secret | None, headers: Mapping[str, str]
    ) -> None:
        self.url = url
        self.model = model
        self._api_key = api_key
        self._headers = dict(headers)

    def __repr__(self) -> str:
        return f"<Address {self.public_url} model={self.model!r}>"

    @property
    def api_key(self) -> str | None:
        """The key itself; mind where it goes."""
        key = self._api_key
        return key if key is None or isinstance(key, str) else key.get_secret_value()

    @property
    def public_url(self) -> str:
        """The URL without what may be secret: query, user and password."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return "(unusable URL)"
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def full_url(self) -> str:
        """Return the URL with the model, unless it says otherwise what the session is about.

        Raises:
            ConnectError: The URL cannot be read.
        """
        try:
            parts = urlsplit(self.url)
        except ValueError as error:
            raise ConnectError(
                "The server's URL cannot be read; it should look like wss://host/path.",
                cause="protocol",
            ) from error
        # The service wants exactly one of these.
        if parse_qs(parts.query, keep_blank_values=True).keys() & {"model", "call_id", "intent"}:
            return self.url
        added = urlencode({"model": self.model})
        return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))

    def headers(self) -> dict[str, str]:
        """Return the headers of the handshake, the key as bearer token among them.

        Raises:
            ConnectError: The key has characters that a header cannot carry.
        """
        key = self.api_key
        if not key:
            return dict(self._headers)
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ConnectError(
                "The API key has characters that no key has; paste it again.", cause="key"
            )
        return {"Authorization": f"Bearer {key}", **self._headers}
