"""What a server answers to a client's mistake: the `error` object.

A `Refusal` is raised where the mistake is found, before anything has changed, and becomes one
`error` event at the session's edge.
"""

from __future__ import annotations

from typing import Any

from console.errors import ProtocolError


class Refusal(ProtocolError):
    """A client event cannot be carried out; nothing has changed."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = "invalid_value",
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind

    def wire(self, client_event_id: str | None) -> dict[str, Any]:
        """Return the `error` object, with the id of the client's event echoed."""
        return {
            "type": self.kind,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "event_id": client_event_id,
        }

    @property
    def close_reason(self) -> str:
        """The reason of a close for its sake, as the live service spells it."""
        return self.kind if self.code is None else f"{self.kind}.{self.code}"
