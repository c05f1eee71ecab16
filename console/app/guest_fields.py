"""What guests may not change of a session: it is the host who pays, and whose account it is."""

from __future__ import annotations

from typing import Final

from console.app.reference.checks import Path

_CLOSED: Final[dict[Path, str]] = {
    ("model",): "The host chooses the model, since the host pays.",
    ("prompt",): "It names a prompt that is stored in the host's account.",
    ("tracing",): "It writes into the host's account.",
}


def closed_to_guests() -> dict[Path, str]:
    """Return the fields of a session that are the host's, each with the reason."""
    return dict(_CLOSED)
