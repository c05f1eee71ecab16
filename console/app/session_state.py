"""What the page shows of the session's fields: asked for, in force, fixed, refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from console.app.reference.checks import Path

_MAX_SHOWN: Final = 80
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that the server did not take."""

    sentence: str
    """What it says."""
    code: str
    """As in `unknown_parameter`; empty: it names none."""
    param: str
    """What it is about, as the server writes it; empty: it does not say."""
    path: Path
    """The same, within the session."""
    event_id: str
    """Of the client's event that caused it; empty: not known."""


@dataclass(frozen=True, slots=True)
class SessionState:
    """The fields of one session, as the wire has them."""

    requested: Mapping[str, Any] = field(default_factory=dict)
    """What is asked for, with the model and without the tools of the console."""
    effective: Mapping[str, Any] = field(default_factory=dict)
    """What the server says that the session is; empty before there was one."""
    fixed: Mapping[Path, str] = field(default_factory=dict)
    """Fields that cannot be changed now, each with the reason."""
    refusals: tuple[Refusal, ...] = ()
    """Oldest first; a change that is taken clears them."""
    own_tools: tuple[str, ...] = ()
    """Names of the tools that the console itself adds to what is asked for."""
    is_live: bool = False
    """Whether a change goes to the server at once; else it counts from the next session on."""


@dataclass(frozen=True, slots=True)
class InForce:
    """What the server says of one field."""

    text: str
    """The value, in short."""
    agrees: bool | None
    """Whether it is what was asked for; None: nothing was asked for."""


def in_force(state: SessionState) -> dict[Path, InForce]:
    """Return what the server says of each field, and where that is not what was asked for.

    Fields inside a field that differs as a whole, and those of lists, are not told one by one; nor
    those for which nothing was asked and the server has nothing.
    """
    effective = dict(state.effective)
    tools = effective.get("tools")
    if isinstance(tools, list):
        effective["tools"] = [each for each in tools if not _is_own(each, state.own_tools)]
    return dict(_compare(state.requested, effective, ()))


def n_different(compared: Mapping[Path, InForce]) -> int:
    """Return how many fields are not as they were asked for."""
    return sum(each.agrees is False for each in compared.values())


def _compare(
    asked: Mapping[str, Any], effective: Mapping[str, Any], path: Path
) -> Iterator[tuple[Path, InForce]]:
    for name, value in effective.items():
        wanted = asked.get(name, _ABSENT)
        inner = (*path, name)
        if isinstance(value, Mapping) and isinstance(wanted, Mapping):
            yield from _compare(wanted, value, inner)
        else:
            agrees = None if wanted is _ABSENT else wanted == value
            if agrees is not None or value is not None:
                yield inner, InForce(short(value), agrees)


def _is_own(tool: Any, names: tuple[str, ...]) -> bool:
    return isinstance(tool, Mapping) and tool.get("name") in names


def short(value: Any) -> str:
    """Return a value in one short line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split()) if text else "empty"
    return line if len(line) <= _MAX_SHOWN else f"{line[:_MAX_SHOWN]}..."
