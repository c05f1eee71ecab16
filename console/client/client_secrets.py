"""Client secrets: keys for one session that live for minutes, to give away to a browser or phone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from pydantic import SecretStr

from console.client import choices, rest
from console.client.address import Secret
from console.client.targets import DEFAULT_MODEL, Target
from console.errors import ConnectError

MIN_EXPIRES_AFTER_S: Final = 10
MAX_EXPIRES_AFTER_S: Final = 7200
_ACTION: Final = "make a client secret"


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A short-lived key; wherever an `api_key` is asked for, it can be given."""

    value: SecretStr
    """`ek_...`; in no `repr`."""
    expires_at: float
    """Unix time in seconds until which a session can be begun with it."""
    session: dict[str, Any] = field(repr=False)
    """The session that it is for, as the server describes it."""

    def get_secret_value(self) -> str:
        """Return the key itself; mind where it goes."""
        return self.value.get_secret_value()


async def create_client_secret(
    target: Target | str,
    api_key: str | Secret | None = None,
    *,
    session: Mapping[str, Any] | None = None,
    expires_after_s: int = 600,
    timeout_s: float = 10.0,
) -> ClientSecret:
    """Ask a server for a client secret.

    Args:
        target: The server, what the session is about, and the key; or the server's URL alone.
        api_key: The key, where `target` is a URL or holds another.
        session: How sessions that are begun with the secret are configured, as the wire has it.
            `type` and `model` come from the target unless they are in it; of transcription
            there is no `model`.
        expires_after_s: For how long a session can be begun with it, 10 s to 2 hours.
        timeout_s: For the whole question.

    Raises:
        ConnectError: There is no secret; `cause` and the sentence say why.
        ValueError: The time is out of range, the target is a call or the preview API of beta,
            or the session holds what JSON cannot carry.
        TypeError: The time is no whole number.
    """
    choices.check_kind("expires_after_s", expires_after_s, int, "a whole number of seconds")
    if not MIN_EXPIRES_AFTER_S <= expires_after_s <= MAX_EXPIRES_AFTER_S:
        raise ValueError(
            f"A client secret lives {MIN_EXPIRES_AFTER_S} to {MAX_EXPIRES_AFTER_S} seconds, "
            f"not {expires_after_s}."
        )
    chosen = _target(target, api_key, session or {})
    wanted: dict[str, Any] = {"type": chosen.session_type, **(session or {})}
    if wanted["type"] == "realtime":
        wanted.setdefault("model", chosen.model or DEFAULT_MODEL)
    body = {
        "expires_after": {"anchor": "created_at", "seconds": expires_after_s},
        "session": wanted,
    }
    answer = await rest.post(
        chosen, "client_secrets", body=body, action=_ACTION, timeout_s=timeout_s
    )
    return _secret(chosen, answer)


def _target(
    target: Target | str, api_key: str | Secret | None, session: Mapping[str, Any]
) -> Target:
    if isinstance(target, str):
        if session.get("type") == "transcription":
            return Target(url=target, session_type="transcription", api_key=api_key)
        return Target(url=target, model=DEFAULT_MODEL, api_key=api_key)
    if target.is_call or target.dialect == "beta":
        raise ValueError(
            "Client secrets begin new sessions of the GA API; this target is an existing call "
            "or speaks beta."
        )
    return target if api_key is None else dataclasses.replace(target, api_key=api_key)


def _secret(target: Target, answer: bytes) -> ClientSecret:
    try:
        fields = orjson.loads(answer)
        value, expires_at = fields["value"], fields["expires_at"]
    except (ValueError, KeyError, TypeError):
        value = expires_at = None
    if not isinstance(value, str) or not value or not isinstance(expires_at, int | float):
        raise ConnectError(
            f"{target.public_url} answered something else than a client secret; "
            "check that it is the URL of a Realtime API.",
            cause="protocol",
        )
    session = fields.get("session")
    return ClientSecret(SecretStr(value), expires_at, session if isinstance(session, dict) else {})
