"""The exceptions of the console.

::

    ConsoleError              anything that a user may be told in one sentence
    ├── ConfigurationError    a setting or a flag cannot be used
    ├── ProtocolError         the peer sent what the protocol does not allow
    ├── ConnectError          a connection could not be made; `cause` says why
    ├── NotConnectedError     a call that needs a connection came without one
    ├── ToolError             a tool could not do its work; the sentence goes to the model
    ├── AudioDeviceError      a microphone or speaker of this machine cannot be used
    ├── SpeechEngineError     the simulator's recogniser or voice cannot be used
    └── BrainError            the simulator's assistant could not answer; `code` for the wire

Wrong arguments stay `ValueError` and `TypeError`. `str(error)` is always a sentence for people.
"""

from __future__ import annotations

from typing import Literal

ConnectCause = Literal[
    "key", "permission", "model", "quota", "unreachable", "tls", "timeout", "server", "protocol"
]


class ConsoleError(Exception):
    """Anything that a user may be told in one sentence."""


class ConfigurationError(ConsoleError):
    """A setting or a flag cannot be used; the sentence names it and says what to do."""


class ProtocolError(ConsoleError):
    """The peer sent something that the protocol does not allow; state is unchanged."""


class ConnectError(ConsoleError):
    """A connection could not be made."""

    def __init__(self, sentence: str, *, cause: ConnectCause, retryable: bool = False) -> None:
        super().__init__(sentence)
        self.cause: ConnectCause = cause
        """What went wrong, for programs."""
        self.retryable = retryable
        """Whether the same call may succeed later without a change."""


class NotConnectedError(ConsoleError):
    """A call that needs a connection came without one."""

    def __init__(self, action: str) -> None:
        super().__init__(f"Cannot {action}: not connected. Connect first.")
        self.action = action


class ToolError(ConsoleError):
    """A tool could not do its work; the sentence goes to the model and to the log."""


class AudioDeviceError(ConsoleError):
    """A microphone or speaker of this machine cannot be used."""


class SpeechEngineError(ConsoleError):
    """The simulator's recogniser or voice cannot be used."""


class BrainError(ConsoleError):
    """The simulator's assistant could not answer; the sentence goes to the client."""

    def __init__(self, sentence: str, *, code: str = "server_error") -> None:
        super().__init__(sentence)
        self.code = code
        """As in `response.done`: `server_error`, `rate_limit_exceeded`, `insufficient_quota`."""
