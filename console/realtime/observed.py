"""What a relay tells of its sessions to those who watch: the list, and the events of one of them.

The list is JSON over HTTP. The events of a session come as text messages of a WebSocket, each an
object whose `k` names its kind: `gap` (events that are forgotten), `event`, `now` (all before it had
happened before) and `ended`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, Self

import orjson

from console.errors import ProtocolError
from console.realtime.fields import flag, mapping, mappings, number, text

SESSIONS_PATH: Final = "/relay/sessions"
"""Where the list is; the events of a session are below it, under the session's id."""
LEFT_OUT: Final = "relay.settings_left_out"
"""The type of an event of the relay's own: what its policy has taken out of one of the client."""
NOT_SHOWN: Final = "relay.event_not_shown"
"""The type of what stands for an event of the client that was none, was nested too deeply or too
large: what it was meant to be, if that can be said, its size, and what is wrong with it."""
GONE: Final = 4004
"""Close code of a line to a session that there is not (any more)."""

Side = Literal["client", "server"]


@dataclass(frozen=True, slots=True)
class ListedSession:
    """One session of a relay, as its operator sees it; nothing of what is said in it."""

    id: str
    token: str = ""
    """The name of the token that its client has shown."""
    address: str = ""
    """Where the client is."""
    agent: str = ""
    """What the client calls itself."""
    dialect: str = ""
    """What the client speaks: `ga` or `beta`."""
    model: str = ""
    asked_model: str = ""
    """What the client has asked for, where it got another."""
    upstream: str = ""
    """The host that answers."""
    started_s: float = 0.0
    """Seconds since 1970."""
    seconds: float = 0.0
    """How long it has gone on."""
    up_events: int = 0
    up_bytes: int = 0
    down_events: int = 0
    down_bytes: int = 0
    refused: int = 0
    """Events of the client that the policy has refused."""
    dropped: int = 0
    """Events of audio that a peer was too slow for."""
    dollars: float = 0.0
    is_estimate: bool = False
    """Not all prices or counts are known."""
    ended: str = ""
    """How it has ended, in words; empty: it goes on."""

    @classmethod
    def of_wire(cls, row: Mapping[str, Any]) -> Self:
        """Return the session of a row; what is missing or no such value is at its default."""
        values: dict[str, Any] = {}
        for each in fields(cls):
            match each.type:
                case "str":
                    values[each.name] = text(row, each.name)
                case "bool":
                    values[each.name] = flag(row, each.name) is True
                case "int":
                    values[each.name] = int(number(row, each.name) or 0)
                case _:
                    values[each.name] = number(row, each.name) or 0.0
        return cls(**values)


def dump_list(sessions: list[ListedSession]) -> bytes:
    """Return the list as JSON."""
    return orjson.dumps({"sessions": [asdict(each) for each in sessions]})


def parse_list(body: str | bytes) -> list[ListedSession]:
    """Return the sessions of a list.

    Raises:
        ProtocolError: It is no such list.
    """
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProtocolError(f"The list of sessions is not JSON: {error}.") from error
    if not isinstance(told, dict) or not isinstance(told.get("sessions"), list):
        raise ProtocolError("The answer is no list of sessions.")
    rows = [ListedSession.of_wire(each) for each in mappings(told, "sessions")]
    return [each for each in rows if each.id]


@dataclass(frozen=True, slots=True)
class ObservedEvent:
    """One event of a session that somebody watches."""

    at_s: float
    """Since the session began."""
    source: Side
    event: dict[str, Any]
    """In today's form, whatever the client speaks."""
    size_bytes: int
    """Of its text."""
    refused: str = ""
    """Why it did not go on, as a code; empty: it did."""


@dataclass(frozen=True, slots=True)
class ObservedGap:
    """Events came before that are not remembered any more; told first of all."""

    n_events: int
    n_audio: int = 0
    """Characters of base64 that the client has appended in them."""


@dataclass(frozen=True, slots=True)
class ObservedNow:
    """What was told so far had happened before; what follows happens as it is told."""


@dataclass(frozen=True, slots=True)
class ObservedEnd:
    """The session is over."""

    code: int
    """With which its client's line was closed."""
    reason: str


Observed = ObservedEvent | ObservedGap | ObservedNow | ObservedEnd


def dump(told: Observed) -> str:
    """Return a message for those who watch."""
    match told:
        case ObservedEvent():
            message: dict[str, Any] = {"k": "event", "t": told.at_s, "s": told.source}
            message |= {"b": told.size_bytes, "event": told.event}
            if told.refused:
                message["refused"] = told.refused
        case ObservedGap():
            message = {"k": "gap", "n": told.n_events, "audio": told.n_audio}
        case ObservedNow():
            message = {"k": "now"}
        case _:
            message = {"k": "ended", "code": told.code, "reason": told.reason}
    return orjson.dumps(message).decode()


def parse(message: str | bytes) -> Observed | None:
    """Return what a message tells; None for kinds that later relays may have.

    Raises:
        ProtocolError: It is none of a relay.
    """
    try:
        told = orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise ProtocolError(f"A message of the relay is not JSON: {error}.") from error
    if not isinstance(told, dict) or not isinstance(told.get("k"), str):
        raise ProtocolError("A message of the relay does not say what it is.")
    match told["k"]:
        case "event":
            return _event(told)
        case "gap":
            return ObservedGap(_count(told, "n"), _count(told, "audio"))
        case "now":
            return ObservedNow()
        case "ended":
            return ObservedEnd(_count(told, "code"), text(told, "reason"))
        case _:
            return None


def _event(told: dict[str, Any]) -> ObservedEvent:
    source = told.get("s")
    if source not in ("client", "server"):
        raise ProtocolError("An event of the relay does not say who has sent it.")
    return ObservedEvent(
        at_s=max(0.0, number(told, "t") or 0.0),
        source=source,
        event=mapping(told, "event"),
        size_bytes=_count(told, "b"),
        refused=text(told, "refused"),
    )


def _count(told: Mapping[str, Any], key: str) -> int:
    return max(0, math.floor(number(told, key) or 0))
