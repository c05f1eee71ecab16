"""What one response goes by: the session's configuration and its own overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from console.simulator.protocol import defaults
from console.simulator.protocol.context_window import limits_of
from console.simulator.protocol.session_config import SessionConfig

_DEFAULT_EFFORT: Final = "low"


@dataclass(frozen=True, slots=True)
class ResponseSettings:
    """The choices for one response."""

    model: str
    instructions: str
    tools: Sequence[Mapping[str, Any]]
    tool_choice: Any
    parallel_tool_calls: bool
    modality: Literal["audio", "text"]
    max_output_tokens: int | str
    format: Mapping[str, Any]
    voice: str
    speed: float
    metadata: Mapping[str, str] | None
    reasoning_effort: str | None
    """None: the model does not reason, or nobody has asked it to."""
    is_out_of_band: bool

    @classmethod
    def of(cls, config: SessionConfig, overrides: Mapping[str, Any]) -> ResponseSettings:
        """Return the session's settings with the checked `response` of a create laid over."""

        def chosen(name: str) -> Any:
            value = overrides.get(name)
            return _of_session(config, name) if value is None else value

        given = {
            name: value
            for name, value in overrides.get("audio", {}).get("output", {}).items()
            if value is not None
        }
        output = {**config.output, **given}
        return cls(
            model=config["model"],
            instructions=chosen("instructions"),
            tools=chosen("tools"),
            tool_choice=chosen("tool_choice"),
            parallel_tool_calls=chosen("parallel_tool_calls") is not False,
            modality=chosen("output_modalities")[0],
            max_output_tokens=chosen("max_output_tokens"),
            format=output["format"],
            voice=output["voice"],
            speed=output["speed"],
            metadata=overrides.get("metadata"),
            reasoning_effort=_effort(config["model"], chosen("reasoning")),
            is_out_of_band=overrides.get("conversation") == "none",
        )

    @property
    def token_limit(self) -> int:
        """Tokens that the answer may have: what was asked for, or all that the model can."""
        if isinstance(self.max_output_tokens, int):
            return self.max_output_tokens
        return limits_of(self.model).output


def _of_session(config: SessionConfig, name: str) -> Any:
    try:
        return config[name]
    except KeyError:
        return None  # an option that a session only has once it was set


def _effort(model: str, reasoning: Mapping[str, Any] | None) -> str | None:
    if reasoning is None or not defaults.may_reason(model):
        return None
    return str(reasoning.get("effort") or _DEFAULT_EFFORT)
