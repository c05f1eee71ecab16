"""The effective configuration of one session, and how an update changes it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from console.simulator import defaults, schemas
from console.simulator.refusals import Refusal, missing, unsupported_value

_OPTIONAL = ("parallel_tool_calls", "reasoning")
"""Not part of a new session; shown once they have been set."""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """Turn detection in the terms of a detector."""

    threshold: float
    prefix_padding_ms: int
    silence_duration_ms: int
    create_response: bool
    interrupt_response: bool


class SessionConfig:
    """What `session.created` and `session.updated` show. An update changes all of it or nothing."""

    def __init__(self, session_id: str, model: str, expires_at: int) -> None:
        self._new = defaults.session(session_id, model, expires_at)
        self._fields = copy.deepcopy(self._new)

    def wire(self) -> dict[str, Any]:
        """Return the whole session as the wire shows it."""
        return copy.deepcopy(self._fields)

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    @property
    def output(self) -> dict[str, Any]:
        """`audio.output`."""
        output: dict[str, Any] = self._fields["audio"]["output"]
        return output

    @property
    def transcription(self) -> dict[str, Any] | None:
        """`audio.input.transcription`, or None when the client wants no transcripts."""
        transcription: dict[str, Any] | None = self._fields["audio"]["input"]["transcription"]
        return transcription

    @property
    def turn_settings(self) -> TurnSettings | None:
        """How turns are detected, or None when the client makes them itself."""
        detection = self._fields["audio"]["input"]["turn_detection"]
        if detection is None:
            return None
        if detection["type"] == "semantic_vad":
            heard = (
                defaults.SEMANTIC_THRESHOLD,
                defaults.SEMANTIC_PREFIX_MS,
                defaults.SEMANTIC_SILENCE_MS[detection["eagerness"]],
            )
        else:
            heard = (
                detection["threshold"],
                detection["prefix_padding_ms"],
                detection["silence_duration_ms"],
            )
        return TurnSettings(*heard, detection["create_response"], detection["interrupt_response"])

    def update(self, session: dict[str, Any], *, has_spoken: bool) -> None:
        """Apply the `session` of a `session.update`.

        Args:
            session: A patch: absent fields keep their value, null goes back to the default.
            has_spoken: The conversation holds audio of the assistant, so its voice is fixed.

        Raises:
            Refusal: Some field cannot be used; nothing has changed.
        """
        _check_type(session)
        patch = schemas.SESSION(session, "session")
        fields = copy.deepcopy(self._fields)
        audio = patch.pop("audio", {})
        for name, value in patch.items():
            _set(fields, name, value, self._new)
        self._set_input(fields["audio"]["input"], audio.get("input", {}))
        for name, value in audio.get("output", {}).items():
            _set(fields["audio"]["output"], name, value, self._new["audio"]["output"])
        self._check_fixed(fields, has_spoken=has_spoken)
        self._fields = fields

    def _set_input(self, fields: dict[str, Any], patch: dict[str, Any]) -> None:
        path = "session.audio.input"
        for name, value in patch.items():
            if value is None or name == "format":
                _set(fields, name, value, {"format": self._new["audio"]["input"]["format"]})
            elif name == "turn_detection":
                fields[name] = self._turn_detection(fields[name], value)
            elif name == "transcription":
                fields[name] = {"language": None, "prompt": None, **(fields[name] or {}), **value}
                _require(fields[name], "model", f"{path}.transcription")
                fields[name] = {"model": fields[name].pop("model"), **fields[name]}
            else:
                fields[name] = {"strength": 1.0, **(fields[name] or {}), **value}
                _require(fields[name], "type", f"{path}.noise_reduction")
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

    def _check_fixed(self, fields: dict[str, Any], *, has_spoken: bool) -> None:
        if fields["model"] != self._fields["model"]:
            raise Refusal(
                f"Invalid value: '{fields['model']}'. The model of a session cannot be changed; "
                f"this one uses '{self._fields['model']}'.",
                param="session.model",
            )
        if has_spoken and fields["audio"]["output"]["voice"] != self.output["voice"]:
            raise Refusal(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
            )
        tracing = self._fields["tracing"]
        if tracing is not None and fields["tracing"] != tracing:
            raise Refusal(
                "Tracing cannot be changed once it is enabled for a session.",
                param="session.tracing",
            )


def _check_type(session: dict[str, Any]) -> None:
    if "type" not in session:
        raise missing("session.type")
    if session["type"] == "transcription":
        raise Refusal(
            "Passing a transcription session update event to a realtime session is not allowed.",
            param="session.type",
        )
    if session["type"] != "realtime":
        raise unsupported_value(session["type"], ("realtime", "transcription"), "session.type")


def _set(fields: dict[str, Any], name: str, value: Any, new: dict[str, Any]) -> None:
    if value is not None:
        fields[name] = value
    elif name in _OPTIONAL:
        fields.pop(name, None)
    else:
        fields[name] = copy.deepcopy(new.get(name))


def _require(fields: dict[str, Any], name: str, path: str) -> None:
    if name not in fields:
        raise missing(f"{path}.{name}")
