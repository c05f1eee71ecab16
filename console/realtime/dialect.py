"""Two dialects of one protocol: today's, called GA and spoken inside, and the beta outside.

What is not listed here is the same in both, and passes untouched. Nothing that a peer sends makes
a translator raise: what has another shape than expected passes as it is.

What a round trip loses, since one side has no word for it:

- beta to GA and back: the order of `modalities` (`["audio", "text"]` comes back turned round).
- a beta client's `client_secret` (a matter of REST), and the `modalities` of a transcription.
- GA to beta and back: `truncation`, `prompt` and `include` of a session where they are at their
  defaults, `idle_timeout_ms` where it is null and `strength` of noise reduction where it is 1;
  items come back with their `object`, sessions and responses with a `temperature`.
- `conversation.item.done` is not told in beta: it is made anew from the end of the output item.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from console.realtime import beta_shapes as beta
from console.realtime import fields
from console.realtime.beta_shapes import is_beta_session, param_to_beta, param_to_ga

__all__ = [
    "BETA_HEADERS",
    "BETA_SUBPROTOCOL",
    "DEFAULT_TEMPERATURE",
    "BetaClientDialect",
    "BetaServerDialect",
    "is_beta_session",
    "param_to_beta",
    "param_to_ga",
]

Event = dict[str, Any]
_Step = Callable[[Event], list[Event]]

BETA_HEADERS: Final[Mapping[str, str]] = {"OpenAI-Beta": "realtime=v1"}
BETA_SUBPROTOCOL: Final = "openai-beta.realtime-v1"
DEFAULT_TEMPERATURE: Final = 0.8
MAX_REMEMBERED: Final = 512
"""Items and responses that a translator remembers; the oldest is forgotten first."""

_DELTAS: Final = ("text", "audio", "audio_transcript")
_NAMES_TO_GA: Final = {
    f"response.{name}.{step}": f"response.output_{name}.{step}"
    for name in _DELTAS
    for step in ("delta", "done")
}
_NAMES_TO_BETA: Final = {ga: old for old, ga in _NAMES_TO_GA.items()} | {
    "conversation.item.added": "conversation.item.created"
}
_TRANSCRIPTION_NAMES: Final = {
    f"transcription_session.{step}": f"session.{step}" for step in ("update", "created", "updated")
}
_TRANSCRIPTION_NAMES_TO_BETA: Final = {ga: old for old, ga in _TRANSCRIPTION_NAMES.items()}

_Fields = dict[str, tuple[str, beta.Translate]]
"""By the type of an event: the one field of it that differs, and what translates that."""

_CLIENT_ROLES: Final = ("user", "system")
"""What they say is never still being made, whatever its status."""
_ITEM_EVENTS: Final = (
    *(f"conversation.item.{step}" for step in ("created", "added", "done", "retrieved")),
    "response.output_item.added",
    "response.output_item.done",
)
_RESPONSE_EVENTS: Final = ("response.created", "response.done")
_PART_EVENTS: Final = ("response.content_part.added", "response.content_part.done")

_CLIENT_TO_GA: Final[_Fields] = {
    "conversation.item.create": ("item", beta.item_to_ga),
    "response.create": ("response", beta.create_to_ga),
    "session.update": ("session", beta.session_to_ga),
    "transcription_session.update": ("session", beta.transcription_to_ga),
}
_CLIENT_TO_BETA: Final[_Fields] = {
    "conversation.item.create": ("item", beta.item_to_beta),
    "response.create": ("response", beta.create_to_beta),
    "session.update": ("session", beta.session_to_beta),
}
_SERVER_TO_GA: Final[_Fields] = {
    **dict.fromkeys(_ITEM_EVENTS, ("item", beta.item_to_ga)),
    **dict.fromkeys(_RESPONSE_EVENTS, ("response", beta.response_to_ga)),
    "session.created": ("session", beta.session_to_ga),
    "session.updated": ("session", beta.session_to_ga),
    "transcription_session.created": ("session", beta.transcription_to_ga),
    "transcription_session.updated": ("session", beta.transcription_to_ga),
    "error": ("error", beta.error_to_ga),
}
_SERVER_TO_BETA: Final[_Fields] = {
    **dict.fromkeys(_ITEM_EVENTS, ("item", beta.shown_item)),
    **dict.fromkeys(_RESPONSE_EVENTS, ("response", beta.response_to_beta)),
    **dict.fromkeys(_PART_EVENTS, ("part", beta.part_to_beta)),
    "session.created": ("session", beta.shown_session),
    "session.updated": ("session", beta.shown_session),
    "error": ("error", beta.error_to_beta),
}


def _translated(event: Event, kind: str, name: str, table: _Fields) -> Event:
    """Return `event` under its other `name`, with the field that differs translated."""
    if (entry := table.get(kind)) is not None:
        key, translate = entry
        if isinstance(value := event.get(key), dict):
            return {**event, "type": name, key: translate(value)}
    return event if name is kind else {**event, "type": name}


def _is_transcription(event: Event) -> bool:
    return fields.mapping(event, "session").get("type") == "transcription"


def _beside(event: Event, kind: str, **content: Any) -> Event:
    """Return an event that the peer has not sent, made because of `event`."""
    made: Event = {"type": kind}
    if (event_id := fields.text_or_none(event, "event_id")) is not None:
        made["event_id"] = f"{event_id}_{kind.rpartition('.')[2]}"
    return {**made, **content}


def _remember(store: dict[str, Any], key: str, value: Any) -> None:
    store.pop(key, None)
    store[key] = value
    if len(store) > MAX_REMEMBERED:
        del store[next(iter(store))]


@dataclass(slots=True)
class _Known:
    """What has been told of an item."""

    stage: str
    """`announced` by a response, `open` in the conversation, or `done`."""
    previous_item_id: Any = None


class BetaServerDialect:
    """Lets a client of ours, which speaks GA, talk with a server that speaks beta.

    One for each connection: it remembers which items are still being made.
    """

    def __init__(self) -> None:
        self._is_transcription = False
        self._items: dict[str, _Known] = {}
        self._names: dict[str, str] = {}
        """The functions that are being called, by item."""
        self._speech_ms: dict[str, float] = {}
        """When speech began; once it has ended, how long it was."""
        self._steps: dict[str, _Step] = {
            "session.created": self._session_told,
            "session.updated": self._session_told,
            "transcription_session.created": self._session_told,
            "transcription_session.updated": self._session_told,
            "conversation.item.created": self._item_created,
            "conversation.item.done": self._item_done,
            "conversation.item.deleted": self._item_deleted,
            "response.output_item.added": self._output_item_added,
            "response.output_item.done": self._output_item_done,
            "response.function_call_arguments.done": self._arguments_done,
            "response.done": self._response_done,
            "input_audio_buffer.speech_started": self._speech_started,
            "input_audio_buffer.speech_stopped": self._speech_stopped,
            "conversation.item.input_audio_transcription.completed": self._transcribed,
        }

    def to_server(self, event: Event) -> list[Event]:
        """Return what to send to the server for a client event of GA."""
        kind = event.get("type")
        if not isinstance(kind, str):
            return [event]
        name = kind
        if kind == "session.update":
            session = fields.mapping(event, "session")
            expected = "transcription" if self._is_transcription else "realtime"
            if session.get("type", expected) == "transcription":
                name = _TRANSCRIPTION_NAMES_TO_BETA[kind]
        return [_translated(event, kind, name, _CLIENT_TO_BETA)]

    def from_server(self, event: Event) -> list[Event]:
        """Return the GA events that a beta event of the server stands for, in order."""
        kind = event.get("type")
        if not isinstance(kind, str):
            return [event]
        name = _NAMES_TO_GA.get(kind) or _TRANSCRIPTION_NAMES.get(kind, kind)
        translated = _translated(event, kind, name, _SERVER_TO_GA)
        step = self._steps.get(kind)
        return [translated] if step is None else step(translated)

    # ------------------------------------------------------------ session

    def _session_told(self, event: Event) -> list[Event]:
        self._is_transcription = _is_transcription(event)
        return [event]

    # ------------------------------------------------------------ items

    def _item_created(self, event: Event) -> list[Event]:
        item = fields.mapping(event, "item")
        item_id = fields.text_or_none(item, "id")
        previous_id = event.get("previous_item_id")
        added = {**event, "type": "conversation.item.added"}
        known = self._items.get(item_id) if item_id is not None else None
        if known is None:
            is_open = item.get("status") == "in_progress" and item.get("role") not in _CLIENT_ROLES
        else:
            is_open = known.stage != "done"
        if item_id is not None:
            self._remember_name(item_id, item)
            stage = "open" if is_open else "done"
            _remember(self._items, item_id, _Known(stage, previous_id))
        return [added] if is_open else [added, self._made_done(event, item, previous_id)]

    def _item_done(self, event: Event) -> list[Event]:
        # Some servers send this as well; it has been told for items that came complete.
        item_id = fields.text(fields.mapping(event, "item"), "id")
        known = self._items.get(item_id)
        if known is not None and known.stage == "done":
            return []
        if known is not None:
            known.stage = "done"
        return [event]

    def _item_deleted(self, event: Event) -> list[Event]:
        self._items.pop(fields.text(event, "item_id"), None)
        return [event]

    def _output_item_added(self, event: Event) -> list[Event]:
        item = fields.mapping(event, "item")
        if (item_id := fields.text_or_none(item, "id")) is not None:
            self._remember_name(item_id, item)
            if item_id not in self._items:
                _remember(self._items, item_id, _Known("announced"))
        return [event]

    def _output_item_done(self, event: Event) -> list[Event]:
        return [*self._closed(event, fields.mapping(event, "item")), event]

    def _response_done(self, event: Event) -> list[Event]:
        # The end of an item may be missing; the end of its response always comes.
        output = fields.mappings(fields.mapping(event, "response"), "output")
        return [done for item in output for done in self._closed(event, item)] + [event]

    def _closed(self, event: Event, item: Event) -> list[Event]:
        known = self._items.get(fields.text(item, "id"))
        if known is None or known.stage == "done":
            return []
        is_in_conversation = known.stage == "open"
        known.stage = "done"
        if not is_in_conversation:
            return []
        return [self._made_done(event, item, known.previous_item_id)]

    def _made_done(self, event: Event, item: Event, previous_id: Any) -> Event:
        return _beside(event, "conversation.item.done", previous_item_id=previous_id, item=item)

    # ------------------------------------------------------------ what beta leaves out

    def _remember_name(self, item_id: str, item: Event) -> None:
        if (name := fields.text_or_none(item, "name")) is not None:
            _remember(self._names, item_id, name)

    def _arguments_done(self, event: Event) -> list[Event]:
        name = self._names.pop(fields.text(event, "item_id"), None)
        return [event if name is None or "name" in event else {**event, "name": name}]

    def _speech_started(self, event: Event) -> list[Event]:
        if (start_ms := fields.number(event, "audio_start_ms")) is not None:
            _remember(self._speech_ms, fields.text(event, "item_id"), start_ms)
        return [event]

    def _speech_stopped(self, event: Event) -> list[Event]:
        item_id = fields.text(event, "item_id")
        start_ms = self._speech_ms.pop(item_id, None)
        end_ms = fields.number(event, "audio_end_ms")
        if start_ms is not None and end_ms is not None and end_ms > start_ms:
            _remember(self._speech_ms, item_id, end_ms - start_ms)
        return [event]

    def _transcribed(self, event: Event) -> list[Event]:
        # Where the length is not known either, nothing is made up: no usage is not a usage of 0.
        length_ms = self._speech_ms.pop(fields.text(event, "item_id"), None)
        if length_ms is None or event.get("usage") is not None:
            return [event]
        return [{**event, "usage": {"type": "duration", "seconds": length_ms / 1000}}]


class _Asked:
    """What a client has asked for and the server has not answered yet, in order."""

    def __init__(self, root: str, code: str) -> None:
        """Expect errors about parameters under `root`, or with a `code` of their own."""
        self._root = root
        self._code = code
        self._waiting: deque[tuple[Any, float | None]] = deque(maxlen=MAX_REMEMBERED)

    def ask(self, event: Event, temperature: float | None) -> None:
        """Take note of a request, and of the temperature in it."""
        self._waiting.append((event.get("event_id"), temperature))

    def granted(self) -> float | None:
        """Return the temperature of the oldest request."""
        return self._waiting.popleft()[1] if self._waiting else None

    def refused(self, error: Event) -> None:
        """Forget the request that `error` answers, if it is one of these."""
        if (event_id := error.get("event_id")) is not None:
            answered = next((each for each in self._waiting if each[0] == event_id), None)
            if answered is not None:
                self._waiting.remove(answered)
        elif self._is_about(error) and self._waiting:
            # Not every server says which event it refuses; requests are answered in order.
            self._waiting.popleft()

    def _is_about(self, error: Event) -> bool:
        return error.get("code") == self._code or fields.text(error, "param").startswith(self._root)


class BetaClientDialect:
    """Lets a client that speaks beta talk with a server of ours, which speaks GA.

    One for each connection: it remembers the temperature, which GA does not have.
    """

    def __init__(self) -> None:
        self._temperature = DEFAULT_TEMPERATURE
        self._updates = _Asked("session", "cannot_update_voice")
        self._creates = _Asked("response", "conversation_already_has_active_response")
        self._temperatures: dict[str, float] = {}
        """Of the responses that have their own."""
        self._conversation_id: str | None = None
        """Of the conversation that was told of here, since GA does not."""
        self._steps: dict[str, _Step] = {
            "session.created": self._session_created,
            "session.updated": self._session_updated,
            "conversation.created": self._conversation_created,
            "conversation.item.done": lambda event: [],
            "response.created": self._response_created,
            "response.done": self._response_done,
            "response.function_call_arguments.done": self._arguments_done,
            "error": self._refused,
        }

    def from_client(self, event: Event) -> list[Event]:
        """Return the GA events that a beta event of the client stands for."""
        kind = event.get("type")
        if not isinstance(kind, str):
            return [event]
        name = _TRANSCRIPTION_NAMES.get(kind, kind)
        if kind == "response.create":
            return [self._create(_translated(event, kind, name, _CLIENT_TO_GA))]
        if name == "session.update":
            return [self._update(_translated(event, kind, name, _CLIENT_TO_GA))]
        return [_translated(event, kind, name, _CLIENT_TO_GA)]

    def to_client(self, event: Event) -> list[Event]:
        """Return what to send to the client for a GA event of the server, in order."""
        kind = event.get("type")
        if not isinstance(kind, str):
            return [event]
        name = _NAMES_TO_BETA.get(kind, kind)
        if kind in _TRANSCRIPTION_NAMES_TO_BETA and _is_transcription(event):
            name = _TRANSCRIPTION_NAMES_TO_BETA[kind]
        translated = _translated(event, kind, name, _SERVER_TO_BETA)
        step = self._steps.get(kind)
        return [translated] if step is None else step(translated)

    # ------------------------------------------------------------ what the client asks for

    def _update(self, event: Event) -> Event:
        session = fields.mapping(event, "session")
        if not session:
            return event
        self._updates.ask(event, fields.number(session, "temperature"))
        unknown = {"temperature", "client_secret"}
        if session.get("type") == "transcription":
            unknown.add("output_modalities")
        return {**event, "session": beta.less(session, unknown)}

    def _create(self, event: Event) -> Event:
        response = fields.mapping(event, "response")
        if "temperature" not in response:
            return event
        self._creates.ask(event, fields.number(response, "temperature"))
        return {**event, "response": beta.less(response, {"temperature"})}

    # ------------------------------------------------------------ what the server tells

    def _session_created(self, event: Event) -> list[Event]:
        shown = self._shown_session(event)
        if event["type"] != "session.created":
            return [shown]
        session_id = fields.text(fields.mapping(event, "session"), "id")
        self._conversation_id = f"conv_{session_id.partition('_')[2] or session_id}"
        conversation = {"id": self._conversation_id, "object": "realtime.conversation"}
        return [shown, _beside(event, "conversation.created", conversation=conversation)]

    def _session_updated(self, event: Event) -> list[Event]:
        if (temperature := self._updates.granted()) is not None:
            self._temperature = temperature
        return [self._shown_session(event)]

    def _shown_session(self, event: Event) -> Event:
        session = event.get("session")
        if not isinstance(session, dict):
            return event
        shown = dict(session)
        if event["type"].startswith("session."):
            shown.setdefault("object", "realtime.session")
            shown.setdefault("temperature", self._temperature)
        return {**event, "session": shown}

    def _conversation_created(self, event: Event) -> list[Event]:
        return [event] if self._conversation_id is None else []

    def _response_created(self, event: Event) -> list[Event]:
        temperature = self._creates.granted()
        response_id = fields.text_or_none(fields.mapping(event, "response"), "id")
        if temperature is not None and response_id is not None:
            _remember(self._temperatures, response_id, temperature)
        return [self._shown_response(event)]

    def _response_done(self, event: Event) -> list[Event]:
        shown = self._shown_response(event)
        self._temperatures.pop(fields.text(fields.mapping(event, "response"), "id"), None)
        return [shown]

    def _shown_response(self, event: Event) -> Event:
        response = event.get("response")
        if not isinstance(response, dict):
            return event
        own = self._temperatures.get(fields.text(response, "id"), self._temperature)
        shown: Event = dict(response)
        shown.setdefault("temperature", own)
        if self._conversation_id is not None and isinstance(response.get("conversation_id"), str):
            shown["conversation_id"] = self._conversation_id
        return {**event, "response": shown}

    def _arguments_done(self, event: Event) -> list[Event]:
        return [beta.less(event, {"name"})]

    def _refused(self, event: Event) -> list[Event]:
        error = fields.mapping(event, "error")
        self._updates.refused(error)
        self._creates.refused(error)
        return [event]
