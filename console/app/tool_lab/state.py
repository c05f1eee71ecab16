"""What the page shows of the tools: values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

CallStatus = Literal["waiting", "running", "done", "failed"]
"""`waiting`: for somebody to decide; `running`: for the tool, or out of a delay."""
Caller = Literal["model", "you"]


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """A tool that there is."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON schema of its arguments."""
    is_enabled: bool
    """Whether the model has it."""
    is_own: bool
    """It comes from the host's file."""
    remarks: tuple[str, ...] = ()
    """What is done when it is called beside running it: "asks first", "after 2 s"."""


@dataclass(frozen=True, slots=True)
class CallEntry:
    """A call of a tool."""

    id: str
    at_s: float
    """When, in seconds since 1970."""
    name: str
    caller: Caller
    arguments: str
    """JSON, as it was written; long ones are cut."""
    status: CallStatus = "running"
    result: str = ""
    """JSON; long ones are cut."""
    error: str = ""
    """Why it failed, in a sentence."""
    duration_ms: float | None = None
    """From the call to its answer, waiting included; None while there is none."""
    remark: str = ""
    """What was done beside running it: "answered by hand"."""


@dataclass(frozen=True, slots=True)
class ToolsState:
    """The tools of a session and their calls."""

    tools: tuple[ToolEntry, ...] = ()
    calls: tuple[CallEntry, ...] = ()
    """Oldest first."""
    problem: str = ""
    """Why the newest version of the host's file is not used; empty: it is."""
