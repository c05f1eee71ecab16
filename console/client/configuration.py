"""What the client asks of the session, tools included, and how it goes back when refused."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from console.client import choices
from console.errors import ConsoleError
from console.realtime import session
from console.realtime.fields import text_or_none
from console.realtime.session import SessionType
from console.tools.registry import ToolRegistry

MAX_UNANSWERED: Final = 64
"""Changes without an answer that can still be taken back."""
_TRANSCRIPTION_FIELDS: Final = frozenset({"type", "audio", "include"})


class Configuration:
    """The session as we want it; the tools of the registry are added wherever it is sent.

    Of a session that somebody else has made, an existing call or that of a client secret, only what
    was asked for here is sent: all else stays as it was made.
    """

    def __init__(
        self,
        tools: ToolRegistry,
        session_type: SessionType = "realtime",
        *,
        is_prepared: bool = False,
    ) -> None:
        """Begin with the defaults of a kind of session.

        Args:
            tools: The registry.
            session_type: A transcription session has no tools and no output.
            is_prepared: Somebody else has made the session.
        """
        self._tools = tools
        self._session_type: SessionType = session_type
        self._is_prepared = is_prepared
        self.reset()

    def reset(self) -> None:
        """Go back to the defaults."""
        self.fields = self._defaults()
        """What is asked for, as the wire has it, without the registry's tools."""
        self._made: dict[str, Any] = {}
        """The session that somebody else has made, as the server began it."""
        self._before: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def _defaults(self) -> dict[str, Any]:
        return {} if self._is_prepared else session.defaults(self._session_type)

    def began(self, made: Mapping[str, Any]) -> None:
        """Take note of how the server has begun the session; what we ask for goes on top of it."""
        if self._is_prepared:
            self._made = dict(made)

    @property
    def whole(self) -> dict[str, Any]:
        """The session as it shall be: as it was made, with what is asked for."""
        return session.merge(self._made, self.fields) if self._made else self.fields

    @property
    def is_transcribing(self) -> bool:
        """Whether it is a transcription session: without tools, and nobody answers."""
        return self._session_type == "transcription"

    @property
    def turn_detection_type(self) -> str | None:
        """`server_vad`, `semantic_vad`, or None when the user ends each turn."""
        detection = session.turn_detection(self.whole)
        return text_or_none(detection, "type") if detection is not None else None

    def payload(self) -> dict[str, Any]:
        """Return all that is asked for as it is sent; empty when that is nothing."""
        asked = dict(self.fields)
        if not self.is_transcribing and ("tools" in asked or len(self._tools)):
            asked["tools"] = self.tools
        return self.change(asked) if asked else {}

    def change(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return a change as it is sent: with the session's type, which the server wants."""
        return {"type": self._session_type, **fields}

    def tools_payload(self) -> dict[str, Any]:
        """Return the change that tells the server which tools there are."""
        return self.change({"tools": self.tools})

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The definitions of all tools that the session shall have."""
        return self.with_tools(self.whole.get("tools"))

    @property
    def knows_tools(self) -> bool:
        """Whether these are all: of a session that somebody else has made, the server tells."""
        return not self._is_prepared or bool(self._made)

    def check(self, change: Mapping[str, Any]) -> None:
        """Refuse what this kind of session does not have.

        Raises:
            ValueError: A transcription session is to have more than its input audio; the first
                such field is named.
        """
        if not self.is_transcribing:
            return
        audio = change.get("audio")
        others = [name for name in change if name not in _TRANSCRIPTION_FIELDS]
        if isinstance(audio, Mapping):
            others += [f"audio.{name}" for name in audio if name != "input"]
        if others:
            raise ValueError(
                f"A transcription session has no {others[0]!r}: it listens and does not answer. "
                "It has audio.input and include."
            )

    def check_answering(self, action: str) -> None:
        """Refuse what needs somebody who answers.

        Raises:
            ConsoleError: This is a transcription session; `action` is named.
        """
        if self.is_transcribing:
            raise ConsoleError(
                f"A transcription session listens and cannot {action}; "
                "begin one with session_type='realtime' for that."
            )

    def with_tools(self, others: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
        """Return the registry's tools and those of `others` that have other names."""
        return self._tools.definitions() + self._not_ours(others)

    def merge(self, change: Mapping[str, Any]) -> None:
        """Take a change over; the registry's tools in it stay with the registry."""
        merged = session.merge(self.fields, change)
        if "tools" in merged:
            merged["tools"] = self._not_ours(merged["tools"])
        self.fields = merged

    def leave_out(self, names: Iterable[str]) -> None:
        """Ask no longer for fields, named as in `audio.output.speed`.

        Raises:
            TypeError: One of the names is no text; nothing has changed.
        """
        names = list(names)
        for name in names:
            choices.check_kind("each of names", name, str, "a text such as 'audio.output.speed'")
        for name in names:
            self.fields = session.without(self.fields, name)

    def sent(self, event_id: str, change: Mapping[str, Any]) -> None:
        """Take over a change that went to the server, until it says no."""
        self._before[event_id] = self.fields
        if len(self._before) > MAX_UNANSWERED:
            self._before.popitem(last=False)
        self.merge(change)

    def confirmed(self) -> None:
        """Forget how it was before the oldest change: answers come in order."""
        if self._before:
            self._before.popitem(last=False)

    def refused(self, event_id: str | None) -> bool:
        """Go back to before the change of that event; return whether there was one."""
        if event_id is None or event_id not in self._before:
            return False
        self.fields = self._before.pop(event_id)
        return True

    def session_ended(self) -> None:
        """Keep what was asked for last: there will be no more answers."""
        self._before.clear()

    def _not_ours(self, tools: Any) -> list[dict[str, Any]]:
        found = tools if isinstance(tools, list) else []
        return [
            each
            for each in found
            if not (isinstance(each, Mapping) and each.get("name") in self._tools)
        ]
