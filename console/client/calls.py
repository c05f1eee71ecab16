"""An existing WebRTC or SIP call: take it, turn it away, pass it on, end it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console.client import rest
from console.client.targets import Target

TIMEOUT_S: Final = 10.0
_IN_WORDS: Final = {"refer": "pass on", "hangup": "hang up"}


async def accept(
    target: Target, session: Mapping[str, Any], *, timeout_s: float = TIMEOUT_S
) -> None:
    """Take an incoming call with a session as the wire has it; its `type` may be left away.

    Raises:
        ConnectError: It was not done; `cause` and the sentence say why. So for all of these.
        ValueError: The target is no call, or the session holds what JSON cannot carry.
    """
    await _do(target, "accept", {"type": "realtime", **session}, timeout_s)


async def reject(
    target: Target, status_code: int | None = None, *, timeout_s: float = TIMEOUT_S
) -> None:
    """Turn an incoming call away; `status_code` is the SIP status that the caller gets.

    Raises:
        ConnectError: It was not done.
        ValueError: The target is no call, or the status is none of a refusal (300 to 699).
    """
    if status_code is not None and not 300 <= status_code <= 699:
        raise ValueError(f"A SIP refusal has a status from 300 to 699, not {status_code}.")
    body = {"status_code": status_code} if status_code is not None else None
    await _do(target, "reject", body, timeout_s)


async def refer(target: Target, target_uri: str, *, timeout_s: float = TIMEOUT_S) -> None:
    """Pass the call on to `target_uri`, such as `tel:+14155550123` or `sip:agent@example.org`.

    Raises:
        ConnectError: It was not done.
        ValueError: The target is no call, or the address is neither `tel:` nor `sip:`.
    """
    scheme, colon, rest_of_it = target_uri.partition(":")
    if scheme.lower() not in ("tel", "sip", "sips") or not colon or not rest_of_it:
        raise ValueError(
            f"A call is passed on to an address such as tel:+14155550123, not {target_uri!r}."
        )
    await _do(target, "refer", {"target_uri": target_uri}, timeout_s)


async def hang_up(target: Target, *, timeout_s: float = TIMEOUT_S) -> None:
    """End the call.

    Raises:
        ConnectError: It was not done.
        ValueError: The target is no call.
    """
    await _do(target, "hangup", None, timeout_s)


async def _do(
    target: Target, action: str, body: Mapping[str, Any] | None, timeout_s: float
) -> None:
    if target.call_id is None:
        raise ValueError("This needs the target of a call, such as targets.call('rtc_...').")
    await rest.post(
        target,
        "calls",
        target.call_id,
        action,
        body=body,
        action=f"{_IN_WORDS.get(action, action)} call {target.call_id!r}",
        timeout_s=timeout_s,
    )
