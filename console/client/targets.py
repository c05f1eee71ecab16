"""Whom to call, and what the session is about: OpenAI, Azure, any compatible server, a call.

::

    targets.openai("gpt-realtime-2.1", api_key=key)
    targets.azure("https://RESOURCE.openai.azure.com", "my-deployment", api_key=key)
    targets.call("rtc_...", api_key=key)
    targets.transcription(api_key=key)
    Target(url="ws://127.0.0.1:8082/v1/realtime", model="any")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

from console.client import address, choices, credentials
from console.client.address import Secret
from console.client.credentials import Credentials
from console.client.wire import Dialect
from console.realtime.dialect import BETA_HEADERS
from console.realtime.session import SessionType as SessionType

OPENAI_URL: Final = "wss://api.openai.com/v1/realtime"
DEFAULT_MODEL: Final = "gpt-realtime-2.1"

KeyHeader = Literal["Authorization", "api-key"]

CLIENT_SECRET: Final = "ek_"
"""How a client secret begins."""
RELAY_TOKEN: Final = "ek_relay_"
"""How a token of our relay begins: nobody has made a session for it."""
_AZURE_PATHS: Final = ("/openai/v1/realtime", "/openai/realtime", "/openai/v1", "/openai")
"""What people copy along with the endpoint; longer ones first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server, what the session with it is about, and the key. The key is in no text about it.

    A session is about exactly one of: a model, an existing call, transcription. Where the URL
    says which, the URL counts, and `model` is what it says. Only a URL may name a model beside
    transcription, for servers that want both; elsewhere the session names the model.

    Raises:
        ValueError: It says nothing, or more than one; or its URL cannot be read or a header sent.
        TypeError: The key or the headers are of another type than they may be.
    """

    url: str
    """`wss://`, `ws://`, or the same as `https://`, `http://`; a query of its own is kept."""
    model: str | None = None
    call_id: str | None = None
    """Of an existing WebRTC or SIP call, to watch and steer it."""
    session_type: SessionType = "realtime"
    """`transcription`: the user's speech becomes text, and nobody answers."""
    api_key: str | Secret | None = None
    """A key, an Entra token, or a client secret (`ek_...`). It goes to this URL's host only."""
    key_header: KeyHeader = "Authorization"
    """Which header carries it; as `Authorization` it is a bearer token."""
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    """More headers of the handshake; they win over ours, and those that let us in are secret, too."""
    dialect: Dialect = "auto"
    """`ga` or `beta`; `auto`: what the server is seen to speak."""

    def __post_init__(self) -> None:
        choices.check("session_type", self.session_type, SessionType)
        choices.check("key_header", self.key_header, KeyHeader)
        choices.check("dialect", self.dialect, Dialect)
        address.check_headers(self.headers)
        address.check_given_key(self.api_key)
        url: object = self.url
        if not isinstance(url, str) or address.web_address(url) is None:
            raise ValueError(address.UNREADABLE)
        if not isinstance(self.model, str | None):
            raise ValueError(f"A model is named by text, not by {self.model!r}.")
        if not isinstance(self.call_id, str | None):
            raise ValueError(f"A call is named by text, such as rtc_..., not by {self.call_id!r}.")
        self._take_from_url(address.query_of(self.url))
        if self.call_id is not None and not self.call_id.strip():
            raise ValueError("A call_id is needed, such as rtc_...; this one is empty.")
        if self.call_id is not None and self.model is not None:
            raise ValueError(
                "A session is about a model or about an existing call: "
                "give either model or call_id, not both."
            )
        if self.call_id is not None and self.session_type == "transcription":
            raise ValueError(
                "An existing call is no transcription session: "
                "leave either call_id or the transcription away."
            )
        if not (self.model or self.call_id or self.session_type == "transcription"):
            raise ValueError(
                "The target does not say what the session is about: give exactly one of "
                "model, call_id, and session_type='transcription'."
            )

    def _take_from_url(self, query: Mapping[str, str]) -> None:
        """Take over what the query says that the session is about."""
        named = query.keys() & {"model", "deployment", "call_id", "intent"}
        if not named:
            if self.session_type == "transcription" and self.model is not None:
                raise ValueError(
                    "A transcription session names its model in the session, not in the target: "
                    "leave model away and use update_session(transcription={'model': ...})."
                )
            return
        if "call_id" in named and (len(named) > 1 or self.call_id not in (None, query["call_id"])):
            raise ValueError(
                "The URL names an existing call and something else beside it: "
                "leave one of them away."
            )
        if self.call_id is not None and "call_id" not in named:
            raise ValueError(
                f"The URL says {min(named)!r}, and a session with an existing call has no other "
                "subject: leave it out of the URL, or leave call_id away."
            )
        self._set(call_id=query.get("call_id"), model=query.get("deployment", query.get("model")))
        if query.get("intent") == "transcription":
            self._set(session_type="transcription")

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<Target {self.public_url} {self.subject}>"

    @property
    def subject(self) -> str:
        """What the session is about, in words."""
        if self.call_id is not None:
            return f"call {self.call_id!r}"
        named = f"model {self.model!r}" if self.model is not None else ""
        if self.session_type == "transcription":
            return f"transcription by {named}" if named else "transcription"
        return named

    @property
    def is_call(self) -> bool:
        """Whether it is an existing call; the server then sends no `session.created`."""
        return self.call_id is not None

    @property
    def is_prepared(self) -> bool:
        """Whether somebody has made the session for us: an existing call, or by a client secret."""
        key = self.secret or ""
        return self.is_call or (key.startswith(CLIENT_SECRET) and not key.startswith(RELAY_TOKEN))

    @property
    def secret(self) -> str | None:
        """The key itself, without the space and line break of a file; mind where it goes."""
        key = self.api_key
        if key is not None and not isinstance(key, str):
            key = key.get_secret_value()
        return key if key is None else key.strip()

    @property
    def credentials(self) -> Credentials:
        """All that lets us in, wherever it stands; mind where it goes."""
        return credentials.of_target(self.url, self.secret, self.key_header, self.headers)

    @property
    def public_url(self) -> str:
        """The URL without what may be secret: query, user and password."""
        return address.public(self.url)

    def full_url(self) -> str:
        """Return the URL of the WebSocket.

        Raises:
            ConnectError: The URL cannot be read, or what lets us in would travel there in the clear.
        """
        url = address.websocket_url(self.url)
        address.check_privacy(url, self.credentials.what)
        named = address.query_of(self.url).keys()
        if self.session_type == "transcription":
            return url if "intent" in named else address.with_query(url, intent="transcription")
        if named & {"model", "deployment", "call_id", "intent"}:
            return url
        if self.call_id is not None:
            return address.with_query(url, call_id=self.call_id)
        return address.with_query(url, model=self.model or "")

    def rest_url(self, *steps: str) -> str:
        """Return the address beside the WebSocket under which its HTTP calls are.

        Args:
            steps: Parts of the path after `.../realtime`; each is quoted.

        Raises:
            ConnectError: The URL cannot be read, or what lets us in would travel there in the clear.
        """
        address.check_privacy(self.url, self.credentials.what)
        return address.rest_url(self.url, steps)

    def handshake_headers(self) -> dict[str, str]:
        """Return the headers that let us in.

        Raises:
            ConnectError: The key has characters that a header cannot carry.
        """
        ours: dict[str, str] = {}
        if key := self.secret:
            address.check_key(key)
            ours[self.key_header] = f"Bearer {key}" if self.key_header == "Authorization" else key
        if self.dialect == "beta":
            ours.update(BETA_HEADERS)
        given = {name.lower() for name in self.headers}
        return {
            **{name: value for name, value in ours.items() if name.lower() not in given},
            **self.headers,
        }


def chosen(
    target: Target | None,
    *,
    url: str | None,
    model: str | None,
    call_id: str | None,
    session_type: SessionType,
    api_key: str | Secret | None,
    headers: Mapping[str, str] | None,
    dialect: Dialect,
) -> Target:
    """Return the target that is given as one, or in its parts; OpenAI and a model by default.

    A dialect other than `auto` counts for a given target too.

    Raises:
        ValueError: It is given as both, or the parts contradict each other.
        TypeError: The target is none, or a part of another type than it may be.
    """
    choices.check_kind(
        "target", target, Target | None, "a Target, as console.client.targets makes them"
    )
    parts = (url, model, call_id, api_key, headers)
    if target is not None:
        choices.check("session_type", session_type, SessionType)
        if session_type != "realtime" or any(each is not None for each in parts):
            raise ValueError(
                "A target says all of it: leave url, model, call_id, session_type, api_key and "
                "headers away, or the target."
            )
        return target if dialect == "auto" else replace(target, dialect=dialect)
    if model is None and call_id is None and session_type == "realtime":
        # Where the URL names something else, that counts.
        model = DEFAULT_MODEL
    return Target(
        url=OPENAI_URL if url is None else url,
        model=model,
        call_id=call_id,
        session_type=session_type,
        api_key=api_key,
        headers={} if headers is None else headers,
        dialect=dialect,
    )


def openai(
    model: str = DEFAULT_MODEL,
    *,
    api_key: str | Secret | None = None,
    organization: str | None = None,
    project: str | None = None,
    url: str = OPENAI_URL,
) -> Target:
    """Return the target for a model of OpenAI, or of a server that is like it at `url`.

    Args:
        model: The model to ask for.
        api_key: A key, or a client secret (`ek_...`).
        organization: Whom to bill, if the key belongs to several.
        project: Likewise.
        url: The server.
    """
    headers = _billing(organization, project)
    return Target(url=url, model=model, api_key=api_key, headers=headers)


def azure(
    endpoint: str,
    deployment: str,
    *,
    api_key: str | Secret | None = None,
    token: str | Secret | None = None,
    api_version: str | None = None,
) -> Target:
    """Return the target for a deployment of Azure OpenAI.

    Args:
        endpoint: `https://RESOURCE.openai.azure.com`; a gateway's path before `/openai` is kept.
        deployment: The name that the model was deployed under.
        api_key: A key of the resource.
        token: A token of Entra instead of a key.
        api_version: Of the preview API, which speaks beta; without it the GA API is used.

    Raises:
        ValueError: Neither or both of key and token are given, the deployment is empty, or the
            endpoint is no web address without a query.
        TypeError: One of them is no text.
    """
    if (api_key is None) == (token is None):
        raise ValueError("Azure needs either api_key or token (of Entra), one of the two.")
    choices.check_kind("deployment", deployment, str, "the name of a deployment")
    choices.check_kind("endpoint", endpoint, str, "a web address")
    if not deployment.strip():
        raise ValueError("Azure needs the name of a deployment; this one is empty.")
    root = _azure_root(endpoint)
    key, key_header = (api_key, "api-key") if token is None else (token, "Authorization")
    common: dict[str, Any] = {"api_key": key, "key_header": key_header}
    if api_version is None:
        return Target(url=f"{root}/openai/v1/realtime", model=deployment, dialect="ga", **common)
    query = urlencode({"api-version": api_version, "deployment": deployment})
    return Target(url=f"{root}/openai/realtime?{query}", dialect="beta", **common)


def call(
    call_id: str,
    *,
    api_key: str | Secret | None = None,
    organization: str | None = None,
    project: str | None = None,
    url: str = OPENAI_URL,
) -> Target:
    """Return the target for an existing WebRTC or SIP call (`rtc_...`), to watch and steer it.

    For the other arguments see `openai`.

    Raises:
        ValueError: The id is empty.
    """
    headers = _billing(organization, project)
    return Target(url=url, call_id=call_id, api_key=api_key, headers=headers)


def transcription(
    *,
    api_key: str | Secret | None = None,
    organization: str | None = None,
    project: str | None = None,
    url: str = OPENAI_URL,
) -> Target:
    """Return the target for a session in which speech becomes text and nobody answers.

    For the arguments see `openai`; the session's configuration names the model.
    """
    headers = _billing(organization, project)
    return Target(url=url, session_type="transcription", api_key=api_key, headers=headers)


def _billing(organization: str | None, project: str | None) -> dict[str, str]:
    both = {"OpenAI-Organization": organization, "OpenAI-Project": project}
    return {name: value for name, value in both.items() if value is not None}


def _azure_root(endpoint: str) -> str:
    parts = address.web_address(endpoint)
    if parts is None or parts.query or parts.fragment:
        raise ValueError(
            "The endpoint should look like https://RESOURCE.openai.azure.com, without a query: "
            "deployment and api_version are arguments of their own."
        )
    path, _, _ = parts.path.partition("/openai/deployments/")
    path = path.rstrip("/")
    for known in _AZURE_PATHS:
        if path.endswith(known):
            path = path.removesuffix(known)
            break
    return f"{parts.scheme}://{parts.netloc}{path}"
