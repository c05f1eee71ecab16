"""Client secrets: short-lived keys for pages, each with the session that it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from console.simulator.protocol.ids import NewId

PREFIX: Final = "ek_"
MAX_SECRETS: Final = 1000
"""The oldest are forgotten beyond this many."""

Kind = Literal["realtime", "transcription", "translation"]


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A key, and the session that a connection with it begins with."""

    value: str
    expires_at: int
    """Seconds since 1970 (UTC); connections begun before go on."""
    kind: Kind
    model: str
    session: Mapping[str, Any]
    """What the client would say in its first `session.update`."""
    is_beta: bool = False
    """Whether `session` is in the beta's shape."""


class ClientSecrets:
    """Makes secrets and knows them again."""

    def __init__(self, new_id: NewId, wall_s: Callable[[], float]) -> None:
        self._new_id = new_id
        self._wall_s = wall_s
        self._secrets: dict[str, ClientSecret] = {}

    def make(
        self,
        kind: Kind,
        model: str,
        session: Mapping[str, Any],
        *,
        lifetime_s: int,
        is_beta: bool = False,
    ) -> ClientSecret:
        """Return a new secret that opens sessions for `lifetime_s` seconds."""
        now = int(self._wall_s())
        secret = ClientSecret(
            self._new_id(PREFIX), now + lifetime_s, kind, model, dict(session), is_beta
        )
        self._secrets[secret.value] = secret
        if len(self._secrets) > MAX_SECRETS:
            del self._secrets[next(iter(self._secrets))]
        return secret

    def find(self, value: str) -> ClientSecret | None:
        """Return the secret of this value, unless it is unknown or has expired."""
        secret = self._secrets.get(value)
        if secret is not None and secret.expires_at <= self._wall_s():
            del self._secrets[value]
            return None
        return secret
