"""What of a client's events may go up, and in which form: pure, one for each session."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Protocol

from console.realtime.refusal import Refusal
from console.relay.field_rules import FieldRules, paths_of
from console.relay.hidden_items import HiddenItems
from console.relay.item_rules import ItemRules
from console.relay.policy import CLIENT_EVENTS, Kind, Policy
from console.relay.session_fields import INTEGER, RESPONSE, SESSION, TEXT, Leaf

Event = dict[str, Any]

MAX_EVENT_ID_CHARACTERS: Final = 512
_PLAIN_EVENTS: Final[Mapping[str, Mapping[str, Leaf]]] = {
    "input_audio_buffer.append": {"audio": TEXT},
    "input_audio_buffer.commit": {},
    "input_audio_buffer.clear": {},
    "conversation.item.retrieve": {"item_id": TEXT},
    "conversation.item.truncate": {
        "item_id": TEXT,
        "content_index": INTEGER,
        "audio_end_ms": INTEGER,
    },
    "conversation.item.delete": {"item_id": TEXT},
    "response.cancel": {"response_id": TEXT},
    "output_audio_buffer.clear": {},
}
"""All fields of the events that hold nothing but plain values."""


class KeptBack(Protocol):
    """What tools of the relay keep from its client."""

    def is_own_call(self, call_id: str) -> bool:
        """Return whether a call of a tool is the relay's own to answer."""

    def is_hidden_item(self, item_id: str) -> bool:
        """Return whether an item is kept from the client."""


class ClientRules:
    """Judges the events of one client, in today's form, one by one."""

    def __init__(
        self,
        policy: Policy,
        kind: Kind,
        keep: Mapping[str, Any],
        kept_back: KeptBack,
    ) -> None:
        """Prepare the rules of one session.

        Args:
            policy: What is allowed.
            kind: What the session is.
            keep: The settings that the relay has made.
            kept_back: What the client does not know of.
        """
        self._policy = policy
        self._hidden = HiddenItems(kept_back.is_hidden_item)
        self._kind = kind
        kept = _kept(keep)
        self._session = FieldRules(policy.session.client_may_set, SESSION, kept)
        self._response = FieldRules(policy.response.client_may_set, RESPONSE, kept)
        self._items = ItemRules(
            policy.items, kept_back.is_own_call, is_open=policy.events.up == "anything"
        )
        self._types: Collection[str] = (
            CLIENT_EVENTS if policy.events.up == "anything" else frozenset(policy.events.up)
        )
        self._is_open = policy.events.up == "anything"
        self._judges: Mapping[str, Callable[[Event], Event]] = {
            "session.update": self._session_update,
            "response.create": self._response_create,
            "conversation.item.create": self._item_create,
        }
        self.left_out: list[str] = []
        """Paths of what was left out of the event that was judged last."""

    def judge(self, event: Event) -> Event:
        """Return the event that may go up in place of one.

        Raises:
            Refusal: None may; the client is told why.
        """
        self.left_out = []
        kind = event.get("type")
        if not isinstance(kind, str):
            raise Refusal("The 'type' field is missing or no string.", code="invalid_event")
        if kind not in self._types and not self._is_open:
            raise _not_allowed(kind)
        event_id = event.get("event_id")
        if event_id is not None and not _is_event_id(event_id):
            raise Refusal(
                f"Invalid 'event_id': expected a string of at most {MAX_EVENT_ID_CHARACTERS} "
                "characters.",
                param="event_id",
            )
        self._hidden.refuse_naming(event)
        _refuse_mcp(event)
        if (judge := self._judges.get(kind)) is not None:
            judged = judge(event)
        elif (fields := _PLAIN_EVENTS.get(kind)) is not None:
            judged = event if self._is_open else self._plain(event, fields)
        else:
            judged = event
        if self.left_out and self._policy.forbidden_fields == "refuse":
            raise Refusal(
                f"The relay's policy does not allow clients to set {', '.join(self.left_out)}.",
                code="relay_field_not_allowed",
                param=self.left_out[0],
            )
        return judged

    def _plain(self, event: Event, fields: Mapping[str, Leaf]) -> Event:
        made = _head(event)
        for key, value in event.items():
            if (leaf := fields.get(key)) is not None:
                leaf.check(value, key)
                made[key] = value
            elif key not in ("type", "event_id"):
                self.left_out.append(key)
        return made

    # ------------------------------------------------------------ events with objects inside

    def _session_update(self, event: Event) -> Event:
        session = _object(event, "session")
        _refuse_foreign_tools(session, "session")
        kind = session.get("type")
        if kind is not None and kind != self._kind:
            raise Refusal(
                f"This session is of type '{self._kind}', and the relay does not change it.",
                code="relay_value_not_allowed",
                param="session.type",
            )
        settings = {key: value for key, value in session.items() if key != "type"}
        reduced, left_out = self._session.reduced(settings, "session")
        self.left_out += left_out
        # With nothing left it is still answered, by the session as it is.
        named = {"type": kind} if kind is not None else {}
        return {**self._around(event, "session"), "session": {**named, **reduced}}

    def _response_create(self, event: Event) -> Event:
        if event.get("response") is None:
            return self._around(event, "response")
        response = _object(event, "response")
        _refuse_foreign_tools(response, "response")
        reduced, left_out = self._response.reduced(response, "response")
        self.left_out += left_out
        if isinstance(items := reduced.get("input"), list):
            reduced["input"] = [
                self._items.judge(item, f"response.input[{n}]", self.left_out, may_refer=True)
                for n, item in enumerate(items)
            ]
        return {**self._around(event, "response"), "response": reduced}

    def _item_create(self, event: Event) -> Event:
        made = self._around(event, "item", "previous_item_id")
        if "previous_item_id" in event:
            TEXT.check(event["previous_item_id"], "previous_item_id")
            made["previous_item_id"] = event["previous_item_id"]
        made["item"] = self._items.judge(event.get("item"), "item", self.left_out)
        return made

    def _around(self, event: Event, *known: str) -> Event:
        """Return the event without its `known` fields; others pass where everything does."""
        if self._is_open:
            return {key: value for key, value in event.items() if key not in known}
        self.left_out += [key for key in event if key not in ("type", "event_id", *known)]
        return _head(event)


def _kept(keep: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the paths that no client may set: those that are kept, and what would go around them.

    A stored prompt brings instructions and tools of its own.
    """
    kept = list(paths_of(keep))
    if not keep.keys().isdisjoint({"instructions", "tools"}):
        kept.append("prompt")
    if "prompt" in keep:
        kept.append("instructions")
    return tuple(kept)


def _head(event: Event) -> Event:
    head: Event = {"type": event["type"]}
    if event.get("event_id") is not None:
        head["event_id"] = event["event_id"]
    return head


def _is_event_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_EVENT_ID_CHARACTERS


def _object(event: Event, key: str) -> dict[str, Any]:
    value = event.get(key)
    if not isinstance(value, dict):
        raise Refusal(f"Invalid type for '{key}': expected an object.", param=key)
    return value


def _refuse_foreign_tools(settings: Mapping[str, Any], root: str) -> None:
    """Refuse tools that the service would call by itself, whatever the policy allows.

    Raises:
        Refusal: There is one.
    """
    choice, tools = settings.get("tool_choice"), settings.get("tools")
    for name, each in [
        *(("tools", tool) for tool in (tools if isinstance(tools, list) else [])),
        *([("tool_choice", choice)] if isinstance(choice, dict) else []),
        *([("tools", tools)] if isinstance(tools, dict) else []),
    ]:
        if not isinstance(each, dict) or each.get("type") != "function":
            raise _foreign_tool(f"{root}.{name}")


def _foreign_tool(param: str) -> Refusal:
    return Refusal(
        "The relay passes on functions alone: tools of other servers (MCP) are never allowed.",
        code="relay_mcp_not_allowed",
        param=param,
    )


def _refuse_mcp(event: Event) -> None:
    """Refuse MCP in whatever place of an event, known or not, and whatever the policy allows.

    Raises:
        Refusal: There is some.
    """
    waiting: list[tuple[str, Any]] = list(event.items())
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, list):
            waiting += [(f"{path}[{n}]", each) for n, each in enumerate(value)]
        elif isinstance(value, dict):
            if value.get("type") == "mcp":
                raise _foreign_tool(path)
            waiting += [(f"{path}.{key}", each) for key, each in value.items()]


def _not_allowed(kind: str) -> Refusal:
    shown = f"'{kind}'" if len(kind) <= 64 and kind.isprintable() else "of this type"
    return Refusal(
        f"The relay's policy does not let events {shown} pass.",
        code="relay_event_not_allowed",
        param="type",
    )
