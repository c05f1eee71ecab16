"""What an opened WebSocket asks the relay for: which kind of session, which model, which dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from console.realtime.refusal import Refusal
from console.relay.policy import Kind, Policy
from console.serving.caller import RefusedSession, RequestHead, asks_for_beta
from console.serving.paths import (
    AZURE_PATH,
    AZURE_PREVIEW_PATH,
    PATH,
    TRANSLATION_PATH,
    model_parameter,
)

ROOT: Final = "/"
"""Where clients of the first days connect, which knew a relay by its host alone."""
SESSION_PATHS: Final = frozenset({ROOT, PATH, f"{PATH}/", AZURE_PATH, AZURE_PREVIEW_PATH})
MAX_SHOWN_CHARACTERS: Final = 64
UNSERVED_PATHS: Final = frozenset({TRANSLATION_PATH})


@dataclass(frozen=True, slots=True)
class Visit:
    """A session as it was asked for, as far as the policy lets anybody ask."""

    kind: Kind
    model: str
    is_beta: bool
    asked_model: str = ""
    """What the client has asked for where it gets another; cut, and without odd characters."""


def read(request: RequestHead, policy: Policy, model: str) -> Visit:
    """Return what a request asks for. Its query goes nowhere: it only chooses among our own.

    Args:
        request: Its head.
        policy: What may be chosen.
        model: What who chooses nothing else gets.

    Raises:
        RefusedSession: It asks for what the relay does not carry.
    """
    parts = urlsplit(request.path)
    if parts.path in UNSERVED_PATHS:
        raise _refused("The relay carries no translation sessions.", "relay_session_not_allowed")
    is_beta = parts.path == AZURE_PREVIEW_PATH or asks_for_beta(request.headers)
    if is_beta and not policy.beta:
        raise _refused(
            "This relay does not serve the beta of the Realtime API. Connect without the "
            "OpenAI-Beta header.",
            "beta_api_shape_disabled",
        )
    query = parse_qs(parts.query, keep_blank_values=True)
    if "call_id" in query:
        raise _refused("The relay does not lead to calls.", "relay_session_not_allowed", "call_id")
    kind: Kind = "realtime"
    if "intent" in query:
        kind = "transcription"
        if query["intent"] != ["transcription"] or kind not in policy.session.kinds:
            raise _refused(
                "The relay's policy does not allow sessions of this intent.",
                "relay_session_not_allowed",
                "intent",
            )
    asked = next(iter(query.get(model_parameter(parts.path), ())), "")
    if asked == model or not asked or kind == "transcription":
        return Visit(kind, model, is_beta)
    models = policy.upstream.models
    # The beta's models have gone with it: who asks for one would get nothing.
    if (not is_beta) if models == "anything" else asked in models:
        return Visit(kind, asked, is_beta)
    shown = "".join(each for each in asked if each.isprintable())
    return Visit(kind, model, is_beta, shown[:MAX_SHOWN_CHARACTERS])


def _refused(message: str, code: str, param: str | None = None) -> RefusedSession:
    return RefusedSession(Refusal(message, code=code, param=param))
