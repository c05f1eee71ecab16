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

Wrong arguments stay `ValueError` and `TypeError`. `str(error)` is always a sentence for people, and
one that can be written anywhere, whatever it quotes.
"""

from __future__ import annotations

from typing import Literal

from console.printable import printable

ConnectCause = Literal[
    "key", "permission", "region", "model", "quota", "rate_limit", "policy",
    "dns", "offline", "unreachable", "proxy", "portal", "tls", "timeout", "server",
    "protocol", "beta", "version", "expired", "too_large", "garbage", "lost", "ended",
]  # fmt: skip
"""Why there is no session: it could not be begun, or it is over.

Who asks: `key`, `permission`, `region`, `policy`; for what: `model`, `quota`, `rate_limit`; the
way there: `dns`, `offline`, `unreachable`, `proxy`, `portal`, `tls`, `timeout`, `lost`; the other
end: `server`, `ended`, `expired`; what is spoken: `protocol`, `beta`, `version`, `too_large`,
`garbage`.
"""


class ConsoleError(Exception):
    """Anything that a user may be told in one sentence."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(printable(sentence))


class ConfigurationError(ConsoleError):
    """A setting or a flag cannot be used; the sentence names it and says what to do."""


class ProtocolError(ConsoleError):
    """The peer sent something that the protocol does not allow; state is unchanged."""


class ConnectError(ConsoleError):
    """A connection could not be made."""

    def __init__(
        self,
        sentence: str,
        *,
        cause: ConnectCause,
        retryable: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.cause: ConnectCause = cause
        """What went wrong, for programs."""
        self.retryable = retryable
        """Whether the same call may succeed later without a change."""
        self.retry_after_s = retry_after_s
        """Seconds that the server asks to wait before the next attempt, if it says so."""


class NotConnectedError(ConsoleError):
    """A call that needs a connection came without one."""

    def __init__(self, action: str, why: str = "not connected. Connect first.") -> None:
        super().__init__(f"Cannot {action}: {why}")
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
