"""The REST endpoints beside the WebSocket: client secrets, models, calls."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.http11 import Response

from console.serving import answers, paths
from console.serving.caller import credential
from console.serving.http_exchange import HttpRequest
from console.simulator.protocol.defaults import MODELS, ModelUse
from console.simulator.protocol.refusals import Refusal, missing, wrong_type
from console.simulator.protocol.validation import (
    choice,
    integer,
    json_object,
    nullable,
    record,
    string,
)
from console.simulator.service import cors, forms, handshake, refused_handshakes, sdp, translation
from console.simulator.service.calls import Calls, UnknownCall
from console.simulator.service.handshake import Gate
from console.simulator.service.secrets import ClientSecrets, Kind
from console.simulator.service.session_factory import SessionFactory

DEFAULT_MODEL: Final = "gpt-realtime"
"""Of a client secret whose session names none."""
DEFAULT_LIFETIME_S: Final = 600
BETA_LIFETIME_S: Final = 60
_AZURE_PREFIX: Final = "/openai/v1/"
_ABOUT: Final = (
    "Realtime Console: simulator of the OpenAI Realtime API.\n"
    f"Connect a WebSocket client to {paths.PATH}?model=gpt-realtime-2.1\n"
)
_CLIENT_SECRET: Final = record(
    {
        "expires_after": nullable(
            record({"anchor": choice("created_at"), "seconds": integer(10, 7200)})
        ),
        "session": nullable(json_object),
    }
)
_KIND: Final = choice("realtime", "transcription")
_CALL_KIND: Final = choice("realtime")
_REJECTION: Final = record({"status_code": nullable(integer(300, 699))})
_REFERRAL: Final = record({"target_uri": string(min_length=1)}, required=["target_uri"])

Handler = Callable[..., Response | Awaitable[Response]]


_SECRET_OF_SECRET: Final = Refusal(
    "A client secret opens sessions and makes no other secret: ask with an API key.",
    code="invalid_api_key",
)


@dataclass(frozen=True, slots=True)
class _Route:
    path: re.Pattern[str]
    methods: Mapping[str, Handler]
    needs_key: bool = True
    takes_secrets: bool = True
    """Whether a client secret is key enough."""


class Rest:
    """Answers everything that is no WebSocket."""

    def __init__(
        self, gate: Gate, secrets: ClientSecrets, calls: Calls, factory: SessionFactory
    ) -> None:
        """Prepare the endpoints.

        Args:
            gate: Who may ask.
            secrets: Where client secrets are made.
            calls: The calls that go on.
            factory: Checks what sessions are asked for.
        """
        self._gate = gate
        self._secrets = secrets
        self._calls = calls
        self._factory = factory
        call = r"/v1/realtime/calls/(?P<call_id>[^/]+)"
        self._routes = [
            _route("/", {"GET": _about}, needs_key=False),
            _route("|".join(paths.SESSION_PATHS), {"GET": _upgrade}, needs_key=False),
            _route("/v1/models", {"GET": self._list_models}),
            _route("/v1/models/(?P<model>.+)", {"GET": self._show_model}),
            _route("/v1/realtime/client_secrets", {"POST": self._make_secret}, takes_secrets=False),
            _route(
                "/v1/realtime/translations/client_secrets",
                {"POST": self._make_translation},
                takes_secrets=False,
            ),
            _route("/v1/realtime/sessions", {"POST": self._make_beta_session}, takes_secrets=False),
            _route(
                "/v1/realtime/transcription_sessions",
                {"POST": self._make_beta_transcription},
                takes_secrets=False,
            ),
            _route("/v1/realtime/calls", {"POST": self._begin_call}),
            _route(f"{call}/accept", {"POST": self._accept}),
            _route(f"{call}/reject", {"POST": self._reject}),
            _route(f"{call}/hangup", {"POST": self._hang_up}),
            _route(f"{call}/refer", {"POST": self._refer}),
        ]

    async def answer(self, request: HttpRequest) -> Response:
        """Return the answer to a request."""
        if (turned_away := self._gate.turn_away(request)) is not None:
            return turned_away
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return cors.preflight(request.headers)
        response = await self._answered(request)
        cors.allow(response, request.headers)
        return response

    async def _answered(self, request: HttpRequest) -> Response:
        path = unquote(urlsplit(request.path).path)
        if path.startswith(_AZURE_PREFIX) and path not in paths.SESSION_PATHS:
            path = path.removeprefix("/openai")
        for route in self._routes:
            if (found := route.path.fullmatch(path)) is not None:
                return await self._follow(route, request, found.groupdict())
        message = f"Invalid URL ({request.method} {path})"
        return answers.error(404, Refusal(message, code=None))

    async def _follow(self, route: _Route, request: HttpRequest, names: dict[str, str]) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        if (handler := route.methods.get(method)) is None:
            allowed = ", ".join(route.methods)
            message = f"Not allowed to {request.method} on this path; it takes {allowed}."
            refusal = Refusal(message, code="method_not_supported")
            return answers.error(405, refusal, [("Allow", allowed)])
        key = credential(request.headers)
        if route.needs_key and not self._gate.accepts_key(key):
            return answers.error(401, self._gate.wrong_key(key))
        if not route.takes_secrets and self._secrets.find(key) is not None:
            return answers.error(401, _SECRET_OF_SECRET)
        try:
            answered = handler(request, **names)
            return answered if isinstance(answered, Response) else await answered
        except UnknownCall as unknown:
            return answers.error(404, unknown)
        except Refusal as refusal:
            return answers.error(400, refusal)

    # ------------------------------------------------------------ models

    def _list_models(self, request: HttpRequest) -> Response:
        models = MODELS if self._gate.models is None else self._gate.models
        return answers.json(200, {"object": "list", "data": [_model(each) for each in models]})

    def _show_model(self, request: HttpRequest, model: str) -> Response:
        if not any(self._gate.serves(model, use) for use in get_args(ModelUse)):
            message = f"The model '{model}' does not exist"
            refusal = Refusal(message, code="model_not_found", param="model")
            return answers.error(404, refusal)
        return answers.json(200, _model(model))

    def _served(self, model: str, use: ModelUse = "realtime") -> str:
        if not self._gate.serves(model, use):
            message = f'Model "{model}" is not supported in realtime mode.'
            raise Refusal(message, code="invalid_model", param="session.model")
        return model

    # ------------------------------------------------------------ client secrets

    def _make_secret(self, request: HttpRequest) -> Response:
        body = _CLIENT_SECRET(forms.json_body(request.body), "")
        settings = {"type": "realtime", **(body.get("session") or {})}
        kind: Kind = _KIND(settings["type"], "session.type")
        model = self._served(_name(settings.get("model", DEFAULT_MODEL), "session.model"), kind)
        shown = self._factory.shown(kind, model, settings)
        return self._secret(kind, model, settings, shown, body)

    def _make_translation(self, request: HttpRequest) -> Response:
        body = _CLIENT_SECRET(forms.json_body(request.body), "")
        settings = dict(body.get("session") or {})
        model = _name(settings.pop("model", translation.MODEL), "session.model")
        self._served(model, "translation")
        shown = self._factory.shown("translation", model, settings)
        return self._secret("translation", model, settings, shown, body)

    def _secret(
        self,
        kind: Kind,
        model: str,
        settings: Mapping[str, Any],
        shown: Mapping[str, Any],
        body: Mapping[str, Any],
    ) -> Response:
        lifetime_s = (body.get("expires_after") or {}).get("seconds", DEFAULT_LIFETIME_S)
        secret = self._secrets.make(kind, model, settings, lifetime_s=lifetime_s)
        made = {"value": secret.value, "expires_at": secret.expires_at, "session": shown}
        return answers.json(200, made)

    def _make_beta_session(self, request: HttpRequest) -> Response:
        return self._beta_secret("realtime", request)

    def _make_beta_transcription(self, request: HttpRequest) -> Response:
        return self._beta_secret("transcription", request)

    def _beta_secret(self, kind: Kind, request: HttpRequest) -> Response:
        if not self._gate.serves_beta:
            raise handshake.beta_is_over()
        settings = forms.json_body(request.body)
        model = self._served(_name(settings.pop("model", DEFAULT_MODEL), "model"), kind)
        shown = self._factory.shown(kind, model, settings, is_beta=True)
        secret = self._secrets.make(kind, model, settings, lifetime_s=BETA_LIFETIME_S, is_beta=True)
        client_secret = {"value": secret.value, "expires_at": secret.expires_at}
        return answers.json(200, {**shown, "client_secret": client_secret})

    # ------------------------------------------------------------ calls

    async def _begin_call(self, request: HttpRequest) -> Response:
        offer, settings = _call_body(request)
        sdp.check(offer)
        secret = self._secrets.find(credential(request.headers))
        if secret is not None:
            _check_call_type(secret.kind, "session.type")
        if not settings and secret is not None:
            settings = {**secret.session, "model": secret.model}
        settings = {"type": "realtime", **settings}
        model = self._call_model(settings, request, "session.")
        if self._calls.is_full:
            return refused_handshakes.full()
        self._factory.shown("realtime", model, settings)
        call, answer = await self._calls.begin(offer, model, settings)
        location = ("Location", f"/v1/realtime/calls/{call.id}")
        return answers.response(201, "application/sdp", answer.encode(), [location])

    def _accept(self, request: HttpRequest, call_id: str) -> Response:
        settings = {"type": "realtime", **forms.json_body(request.body)}
        model = self._call_model(settings, request, "")
        self._factory.shown("realtime", model, settings)
        self._calls.answer(call_id, model, settings)
        return answers.text(200, "")

    def _call_model(self, settings: Mapping[str, Any], request: HttpRequest, prefix: str) -> str:
        _check_call_type(settings["type"], f"{prefix}type")
        asked = parse_qs(urlsplit(request.path).query).get("model", [""])
        model = _name(settings.get("model") or asked[0], f"{prefix}model")
        if not model:
            message = "You must provide a model parameter in the session."
            raise Refusal(message, code="missing_model", param=f"{prefix}model")
        return self._served(model)

    def _reject(self, request: HttpRequest, call_id: str) -> Response:
        _REJECTION(forms.json_body(request.body), "")
        self._calls.decline(call_id)
        return answers.text(200, "")

    def _hang_up(self, request: HttpRequest, call_id: str) -> Response:
        self._calls.hang_up(call_id)
        return answers.text(200, "")

    def _refer(self, request: HttpRequest, call_id: str) -> Response:
        _REFERRAL(forms.json_body(request.body), "")
        # The other side takes the call over; it is over here.
        self._calls.hang_up(call_id)
        return answers.text(200, "")


def _route(
    path: str,
    methods: Mapping[str, Handler],
    *,
    needs_key: bool = True,
    takes_secrets: bool = True,
) -> _Route:
    return _Route(re.compile(path), methods, needs_key, takes_secrets)


def _about(request: HttpRequest) -> Response:
    return answers.text(200, _ABOUT)


def _upgrade(request: HttpRequest) -> Response:
    return answers.text(426, "Open a WebSocket here.\n")


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "simulator"}


def _name(value: object, param: str) -> str:
    if not isinstance(value, str):
        raise wrong_type("a string", value, param)
    return value


def _check_call_type(value: object, param: str) -> None:
    if value in ("transcription", "translation"):
        message = (
            f"A call carries a session of type 'realtime' only, not '{value}': "
            "connect with a WebSocket for that."
        )
        raise Refusal(message, param=param)
    _CALL_KIND(value, param)


def _call_body(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """Return the SDP offer and the session of a request for a call."""
    content_type = request.headers.get("Content-Type", "")
    if content_type.startswith("application/sdp"):
        return request.body.decode("utf-8", "replace"), {}
    if not content_type.startswith("multipart/form-data"):
        raise Refusal(
            "A call begins with an SDP offer: send it as application/sdp, or as the part 'sdp' of "
            f"multipart/form-data, not as '{content_type}'.",
            param="sdp",
        )
    parts = forms.parts(content_type, request.body)
    if "sdp" not in parts:
        raise missing("sdp")
    session = forms.json_body(parts.get("session", b""), "session")
    return parts["sdp"].decode("utf-8", "replace"), session
