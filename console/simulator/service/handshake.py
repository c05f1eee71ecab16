"""Who may connect, and to what: hosts, origins, paths, dialects, keys, models, subprotocols."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Response

from console.serving import answers
from console.serving.caller import (
    OwnNames,
    RefusedSession,
    RequestHead,
    asks_for_beta,
    credential,
    masked,
)
from console.serving.paths import (
    AZURE_PATH,
    AZURE_PREVIEW_PATH,
    PATH,
    TRANSLATION_PATH,
    model_parameter,
)
from console.simulator.protocol import defaults
from console.simulator.protocol.defaults import ModelUse
from console.simulator.protocol.refusals import Refusal, unsupported_value
from console.simulator.service.secrets import PREFIX, ClientSecret, ClientSecrets

TRANSCRIPTION_MODEL: Final = "gpt-realtime"
"""The model of a session that transcribes and has not said which."""

Kind = Literal["realtime", "transcription", "translation", "call"]
Query = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Admission:
    """What an opened WebSocket asks for, and may have."""

    kind: Kind
    model: str = ""
    call_id: str = ""
    is_beta: bool = False
    secret: ClientSecret | None = None
    """Whose session the connection begins with, if any."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules of the door."""

    port: int
    secrets: ClientSecrets
    names: OwnNames = field(default_factory=OwnNames)
    """Under which names it is reached, and whose pages may connect."""
    key: str | None = None
    """The only key that opens, beside client secrets; any key, or none, without it."""
    models: Collection[str] | None = None
    """The only models served; any that is not known to be of another kind, without it."""
    serves_beta: bool = True

    # ------------------------------------------------------------ before the WebSocket is open

    def turn_away(self, request: RequestHead) -> Response | None:
        """Return the answer to a request from where none may come, or None."""
        return self.names.turn_away(request)

    def refuse_azure(self, request: RequestHead) -> Response | None:
        """Return the refusal of a WebSocket on one of Azure's paths, which come before it opens."""
        parts = urlsplit(request.path)
        if parts.path not in {AZURE_PATH, AZURE_PREVIEW_PATH}:
            return None
        if not self.accepts_key(credential(request.headers)):
            refusal = Refusal(
                "Access denied due to invalid subscription key or wrong API endpoint.", code="401"
            )
            return answers.error(401, refusal)
        model = _first(parse_qs(parts.query), model_parameter(parts.path))
        if model and self.models is not None and model not in self.models:
            refusal = Refusal(
                f"The realtime operation does not work with the specified model, {model}.",
                code="OpperationNotSupported",
            )
            return answers.error(400, refusal)
        return None

    def serves(self, model: str, use: ModelUse = "realtime") -> bool:
        """Return whether there are sessions of this kind with this model."""
        return defaults.may_serve(model, use) if self.models is None else model in self.models

    def accepts_key(self, key: str) -> bool:
        """Return whether `key` opens this server: never a client secret that is unknown or old."""
        if self.secrets.find(key) is not None:
            return True
        if self.key is None:
            return not key.startswith(PREFIX)
        return hmac.compare_digest(key.encode(), self.key.encode())

    def wrong_key(self, key: str) -> Refusal:
        """Return the refusal of `key`, which is not repeated whole: it may be a real one."""
        if key.startswith(PREFIX):
            advice = (
                "It is no client secret of this simulator, or has expired: make one with "
                f"POST {PATH}/client_secrets."
            )
        else:
            advice = "Use the key that this simulator was started with."
        message = f"Incorrect API key provided: {masked(key)}. {advice}"
        return Refusal(message, code="invalid_api_key")

    # ------------------------------------------------------------ when it is open

    def admit(self, request: RequestHead) -> Admission:
        """Return what an opened WebSocket asks for.

        Raises:
            RefusedSession: It cannot be served; the client is told inside the socket.
        """
        parts = urlsplit(request.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        is_beta = parts.path == AZURE_PREVIEW_PATH or asks_for_beta(request.headers)
        if is_beta and not self.serves_beta:
            raise RefusedSession(beta_is_over())
        key = credential(request.headers)
        if not self.accepts_key(key):
            raise RefusedSession(self.wrong_key(key), 3000)
        secret = self.secrets.find(key) if key.startswith(PREFIX) else None
        if parts.path == TRANSLATION_PATH:
            model = _first(query, "model") or (secret.model if secret else "")
            model = self._model(model, "translation")
            return Admission("translation", model, secret=secret)
        return self._realtime(parts.path, query, secret, is_beta=is_beta)

    def _realtime(
        self, path: str, query: Query, secret: ClientSecret | None, *, is_beta: bool
    ) -> Admission:
        parameter, is_azure = model_parameter(path), path in {AZURE_PATH, AZURE_PREVIEW_PATH}
        asked = [name for name in (parameter, "call_id", "intent") if name in query]
        # A beta client that only transcribes may name a deployment as well.
        if len(asked) > 1 and not (is_beta and asked == [parameter, "intent"]):
            raise RefusedSession(
                Refusal(
                    f"Only one of the parameters '{parameter}', 'call_id' and 'intent' may be "
                    f"given, not {' and '.join(repr(each) for each in asked)}.",
                    param=asked[-1],
                )
            )
        if "call_id" in asked:
            return Admission("call", call_id=_first(query, "call_id"))
        if "intent" in asked:
            intent = _first(query, "intent")
            if intent != "transcription":
                raise RefusedSession(unsupported_value(intent, ["transcription"], "intent"))
            model = _first(query, parameter) or TRANSCRIPTION_MODEL
            model = self._model(model, "transcription", is_deployment=True)
            return Admission("transcription", model, is_beta=is_beta, secret=secret)
        if secret is not None:
            # The session was settled when the secret was made; the URL cannot change its model.
            return Admission(secret.kind, secret.model, is_beta=is_beta, secret=secret)
        model = self._model(_first(query, parameter), "realtime", is_deployment=is_azure)
        return Admission("realtime", model, is_beta=is_beta)

    def _model(self, model: str, use: ModelUse, *, is_deployment: bool = False) -> str:
        if not model:
            message = (
                "You must provide a model parameter, for example "
                f"ws://127.0.0.1:{self.port}{PATH}?model=gpt-realtime-2.1"
            )
            raise RefusedSession(Refusal(message, code="missing_model"))
        # What its owner has called a deployment says nothing of its model.
        if not self.serves(model, use) and not (is_deployment and self.models is None):
            message = f'Model "{model}" is not supported in realtime mode.'
            raise RefusedSession(Refusal(message, code="invalid_model"))
        return model


def beta_is_over() -> Refusal:
    """Return the refusal of the beta, as by the live service since it has been switched off."""
    message = (
        "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
    )
    return Refusal(message, code="beta_api_shape_disabled")


def _first(query: Query, name: str) -> str:
    return next(iter(query.get(name, ())), "")
