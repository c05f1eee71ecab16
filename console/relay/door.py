"""Who may come in: names, origins, and tokens."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from websockets.http11 import Response

from console.clock import Clock
from console.realtime.refusal import Refusal
from console.relay import policy as policies
from console.relay.policy import Policy
from console.relay.ports import Admission, Visitor
from console.serving.caller import OwnNames, RefusedSession, RequestHead, credential, masked

OWN_TOKEN: Final = "default"
"""The name of the token that stands in no policy."""
_WHERE_NAMED: Final = "The relay's policy names `hosts` and `origins` that are."
ANYBODY: Final = "anybody"
_KEY_REFUSED: Final = 3000
_LIMIT_REACHED: Final = 1008


@dataclass(frozen=True, slots=True)
class Door:
    """Looks at everybody before anything is done for them."""

    admission: Admission
    policy: Callable[[], Policy]
    clock: Clock
    own_token: str | None = None
    """One more token, of the environment or made at the start."""
    is_open: bool = False
    """Whether nobody is asked for a token."""

    def turn_away(self, request: RequestHead) -> Response | None:
        """Return the answer to a request from where none may come, or None."""
        policy = self.policy()
        names = OwnNames(
            policy.hosts, policy.origins, takes_addresses=True, where_named=_WHERE_NAMED
        )
        return names.turn_away(request)

    async def visitor(self, request: RequestHead, address: str, policy: Policy) -> Visitor:
        """Return who asks.

        Raises:
            RefusedSession: Nobody who may come in; the client is told inside the socket, where
                browsers can read it.
        """
        if self.is_open:
            return Visitor(ANYBODY, address, is_open=True, limits=policy.limits)
        if (refusal := await self.admission.knock(address)) is not None:
            raise RefusedSession(refusal, _LIMIT_REACHED)
        shown = credential(request.headers)
        if self.own_token is not None and _is_same(shown, self.own_token):
            return Visitor(OWN_TOKEN, address, is_open=False, limits=policy.limits)
        if (token := policies.find(policy.tokens, shown, self.clock.wall_s())) is not None:
            return Visitor(token.name, address, is_open=False, limits=policy.limits_for(token))
        if shown:  # who shows nothing guesses nothing, as a program that is set up wrongly
            await self.admission.wrong_token(address)
        raise RefusedSession(_wrong(shown), _KEY_REFUSED)

    def is_still_good(self, name: str, policy: Policy) -> bool:
        """Return whether who came in with the token of a name might come in now, too."""
        if name in (ANYBODY, OWN_TOKEN):
            return True
        now_s = self.clock.wall_s()
        return any(each.name == name and each.is_good(now_s) for each in policy.tokens)


def _is_same(shown: str, token: str) -> bool:
    return hmac.compare_digest(shown.encode(), token.encode())


def _wrong(shown: str) -> Refusal:
    return Refusal(
        f"Incorrect API key provided: {masked(shown)}. Use a token of this relay as the key, not a "
        "key of the service.",
        code="invalid_api_key",
    )
