"""The effective configuration of one session, and how an update changes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from console import audio_format
from console.audio_format import AudioFormat
from console.simulator.protocol import defaults, schemas, transcribers
from console.simulator.protocol.defaults import SessionKind
from console.simulator.protocol.refusals import Refusal, missing, unsupported_value

_REASONING: Final = ("parallel_tool_calls", "reasoning")
"""For reasoning models; not part of a new session, shown once they have been set."""
_INPUT: Final = "session.audio.input"
_KINDS: Final[tuple[SessionKind, ...]] = ("realtime", "transcription")


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """Turn detection in the terms of a detector."""

    threshold: float
    prefix_padding_ms: int
    silence_duration_ms: int
    create_response: bool
    interrupt_response: bool
    idle_timeout_ms: int | None = None
    longest_silence_ms: int | None = None
    """Up to which the silence may be stretched for a slow speaker; None: it is fixed."""


class SessionConfig:
    """What `session.created` and `session.updated` show. An update changes all of it or nothing.

    A transcription session is a realtime one of which only the input can be set and is shown.
    """

    def __init__(
        self, session_id: str, model: str, expires_at: int, *, kind: SessionKind = "realtime"
    ) -> None:
        self.kind: Final = kind
        self._new = defaults.session(session_id, model, expires_at)
        if kind == "transcription":
            self._new["audio"]["input"]["turn_detection"] = defaults.transcription_vad()
        self._fields = copy.deepcopy(self._new)

    def wire(self) -> dict[str, Any]:
        """Return the whole session as the wire shows it."""
        if self.kind == "transcription":
            return defaults.transcription_session(copy.deepcopy(self._fields))
        return copy.deepcopy(self._fields)

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    @property
    def output(self) -> dict[str, Any]:
        """`audio.output`."""
        output: dict[str, Any] = self._fields["audio"]["output"]
        return output

    @property
    def input_format(self) -> AudioFormat:
        """How the client's audio is coded."""
        return audio_format.of_wire(self._input["format"])

    @property
    def transcription(self) -> dict[str, Any] | None:
        """`audio.input.transcription`, or None when the client wants no transcripts."""
        transcription: dict[str, Any] | None = self._input["transcription"]
        return transcription

    @property
    def wants_words_at_once(self) -> bool:
        """Whether transcripts begin while someone still speaks."""
        wanted = self.transcription
        return wanted is not None and transcribers.of_model(wanted["model"]).is_live

    @property
    def wants_logprobs(self) -> bool:
        """Whether transcripts come with how sure the recogniser is."""
        return "item.input_audio_transcription.logprobs" in (self._fields["include"] or [])

    @property
    def turn_settings(self) -> TurnSettings | None:
        """How turns are detected, or None when the client makes them itself."""
        detection = self._input["turn_detection"]
        if detection is None:
            return None
        responds = self.kind == "realtime"
        then = (
            responds and detection.get("create_response", True),
            responds and detection.get("interrupt_response", True),
        )
        if detection["type"] == "semantic_vad":
            eagerness = detection["eagerness"]
            return TurnSettings(
                defaults.SEMANTIC_THRESHOLD,
                defaults.SEMANTIC_PREFIX_MS,
                defaults.SEMANTIC_SILENCE_MS[eagerness],
                *then,
                longest_silence_ms=defaults.SEMANTIC_LONGEST_MS[eagerness],
            )
        return TurnSettings(
            detection["threshold"],
            detection["prefix_padding_ms"],
            detection["silence_duration_ms"],
            *then,
            idle_timeout_ms=detection.get("idle_timeout_ms") if responds else None,
        )

    def update(
        self, session: dict[str, Any], *, has_spoken: bool, is_responding: bool = False
    ) -> None:
        """Apply the `session` of a `session.update`.

        Args:
            session: A patch: absent fields keep their value, null goes back to the default.
            has_spoken: The conversation holds audio of the assistant, so its voice is fixed.
            is_responding: A response is going on, so its speed is fixed.

        Raises:
            Refusal: Some field cannot be used; nothing has changed.
        """
        self._check_kind(session)
        is_realtime = self.kind == "realtime"
        check = schemas.SESSION if is_realtime else schemas.TRANSCRIPTION_SESSION
        patch = check(session, "session")
        fields = copy.deepcopy(self._fields)
        audio = patch.pop("audio", {})
        for name, value in patch.items():
            _set(fields, name, value, self._new)
        self._set_input(fields["audio"]["input"], audio.get("input", {}))
        for name, value in audio.get("output", {}).items():
            _set(fields["audio"]["output"], name, value, self._new["audio"]["output"])
        self._check_fixed(fields, has_spoken=has_spoken, is_responding=is_responding)
        self.check_model(patch, "session")
        self._check_transcription(fields["audio"]["input"])
        self._fields = fields

    def check_model(self, fields: Mapping[str, Any], path: str) -> None:
        """Refuse what only other models take, in a session's or a response's `fields`.

        Raises:
            Refusal: The session's model does not reason.
        """
        model = self._fields["model"]
        for name in _REASONING:
            if fields.get(name) is not None and not defaults.may_reason(model):
                raise Refusal(
                    f"Unsupported parameter: '{path}.{name}' is not supported with the model "
                    f"'{model}'.",
                    param=f"{path}.{name}",
                )

    @property
    def _input(self) -> dict[str, Any]:
        given: dict[str, Any] = self._fields["audio"]["input"]
        return given

    def _check_kind(self, session: dict[str, Any]) -> None:
        if "type" not in session:
            raise missing("session.type")
        kind = session["type"]
        if kind not in _KINDS:
            raise unsupported_value(kind, _KINDS, "session.type")
        if kind != self.kind:
            raise Refusal(
                f"Passing a {kind} session update event to a {self.kind} session is not allowed.",
                param="session.type",
            )

    def _set_input(self, fields: dict[str, Any], patch: dict[str, Any]) -> None:
        for name, value in patch.items():
            if value is None or name == "format":
                _set(fields, name, value, {"format": self._new["audio"]["input"]["format"]})
            elif name == "turn_detection":
                fields[name] = self._turn_detection(fields[name], value)
            elif name == "transcription":
                fields[name] = _transcription(fields[name], value)
            else:
                fields[name] = {"strength": 1.0, **(fields[name] or {}), **value}
                _require(fields[name], "type", f"{_INPUT}.noise_reduction")
                fields[name] = {"type": fields[name].pop("type"), **fields[name]}

    def _turn_detection(
        self, present: dict[str, Any] | None, patch: dict[str, Any]
    ) -> dict[str, Any]:
        # Sibling fields are kept while the type stays; whether the live service does the same is
        # not known, but a patch everywhere else.
        if present is not None and present["type"] == patch["type"]:
            return {**present, **patch}
        if patch["type"] == "semantic_vad":
            return {**defaults.semantic_vad(), **patch}
        return {**defaults.server_vad(self._fields["model"]), **patch}

    def _check_fixed(
        self, fields: dict[str, Any], *, has_spoken: bool, is_responding: bool
    ) -> None:
        if fields["model"] != self._fields["model"]:
            raise Refusal(
                f"Invalid value: '{fields['model']}'. The model of a session cannot be changed; "
                f"this one uses '{self._fields['model']}'.",
                param="session.model",
            )
        output = fields["audio"]["output"]
        if has_spoken and output["voice"] != self.output["voice"]:
            raise Refusal(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
            )
        if is_responding and output["speed"] != self.output["speed"]:
            raise Refusal(
                "Cannot update the speed while a response is in progress. Wait until the response "
                "is finished.",
                param="session.audio.output.speed",
            )
        tracing = self._fields["tracing"]
        if tracing is not None and fields["tracing"] != tracing:
            raise Refusal(
                "Tracing cannot be changed once it is enabled for a session.",
                param="session.tracing",
            )

    def _check_transcription(self, fields: dict[str, Any]) -> None:
        if (wanted := fields["transcription"]) is None:
            return
        model, path = wanted["model"], f"{_INPUT}.transcription"
        transcriber = transcribers.of_model(model)
        for name, value in wanted.items():
            if name != "model" and value is not None and name not in transcriber.options:
                raise Refusal(
                    f"Unsupported parameter: '{path}.{name}' is not supported with the model "
                    f"'{model}'.",
                    param=f"{path}.{name}",
                )
        is_manual = fields["turn_detection"] is None
        if self.kind == "transcription" and not (is_manual or transcriber.finds_turns):
            raise Refusal(
                f"Turn detection is not supported with the model '{model}'. Set "
                f"'{_INPUT}.turn_detection' to null and commit the audio yourself.",
                param=f"{_INPUT}.turn_detection",
            )


def _transcription(present: dict[str, Any] | None, patch: dict[str, Any]) -> dict[str, Any]:
    # Another model has other options, so it begins with none of those that were set before.
    kept = present or {}
    if kept and patch.get("model", kept["model"]) != kept["model"]:
        kept = {}
    merged = {"language": None, "prompt": None, **kept, **patch}
    _require(merged, "model", f"{_INPUT}.transcription")
    return {"model": merged.pop("model"), **merged}


def _set(fields: dict[str, Any], name: str, value: Any, new: dict[str, Any]) -> None:
    if value is not None:
        fields[name] = value
    elif name in _REASONING:
        fields.pop(name, None)
    else:
        fields[name] = copy.deepcopy(new.get(name))


def _require(fields: dict[str, Any], name: str, path: str) -> None:
    if name not in fields:
        raise missing(f"{path}.{name}")
