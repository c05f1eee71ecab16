"""When a lost line is worth another attempt, how often, and how long to wait before it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from console.client import choices
from console.errors import ConnectCause, ConnectError

_FEW_AT_THE_START: Final = frozenset({"dns", "offline", "rate_limit"})
_NOT_AT_THE_START: Final = frozenset({"unreachable", "timeout"})
_MAX_AT_THE_START: Final = 3
_MAX_BY_CAUSE: Final[dict[ConnectCause, int]] = {"rate_limit": 3, "too_large": 1}


@dataclass(frozen=True, slots=True)
class ReconnectPolicy:
    """How a client holds on to its session.

    The waits double from `first_delay_s` to `max_delay_s`, each shortened by chance by up to
    half, so that many clients do not come back at once.
    """

    max_attempts: int = 5
    """In a row; a session that stays for `stable_after_s` begins a new row."""
    first_delay_s: float = 0.5
    max_delay_s: float = 8.0
    max_retry_after_s: float = 60.0
    """No longer is waited, whatever the server asks for."""
    stable_after_s: float = 10.0
    attempt_timeout_s: float = 10.0
    """How long one attempt may take."""
    move_before_expiry: bool = True
    """Whether to go over to a new session, between two turns, before the server ends this one."""

    def __post_init__(self) -> None:
        choices.check_count("max_attempts", self.max_attempts)
        for name in ("first_delay_s", "max_delay_s", "max_retry_after_s", "stable_after_s"):
            choices.check_delay(name, getattr(self, name))
        choices.check_time("attempt_timeout_s", self.attempt_timeout_s)
        choices.check_kind("move_before_expiry", self.move_before_expiry, bool, "True or False")
        if self.max_attempts < 1:
            raise ValueError(
                f"max_attempts is {self.max_attempts}; pass reconnect=None to try never."
            )
        if not 0 <= self.first_delay_s <= self.max_delay_s:
            raise ValueError(
                f"The waits must be 0 <= first_delay_s <= max_delay_s, not "
                f"{self.first_delay_s} and {self.max_delay_s}."
            )

    def attempts_after(self, error: ConnectError) -> int:
        """Return how many attempts in a row the end of a session, or of an attempt, is worth."""
        if error.cause == "too_large":
            return 1
        if not error.retryable:
            return 0
        return min(self.max_attempts, _MAX_BY_CAUSE.get(error.cause, self.max_attempts))

    def attempts_at_start(self, error: ConnectError) -> int:
        """Return how many attempts in all the beginning of a first session is worth.

        Who has just given an address wants to hear at once that nobody listens there.
        """
        if not error.retryable or error.cause in _NOT_AT_THE_START:
            return 1
        if error.cause in _FEW_AT_THE_START:
            return min(self.max_attempts, _MAX_AT_THE_START)
        return self.max_attempts

    def delay_s(self, attempt: int, error: ConnectError, source: random.Random) -> float:
        """Return how long to wait before an attempt.

        Args:
            attempt: Its number in the row, from 1 on.
            error: Why it is needed; what it says of waiting is heeded.
            source: Of chance.
        """
        if error.retry_after_s is not None:
            return min(error.retry_after_s, self.max_retry_after_s)
        if error.cause == "expired" and attempt == 1:
            return 0.0
        longest = min(self.max_delay_s, self.first_delay_s * 2.0 ** (attempt - 1))
        return longest * source.uniform(0.5, 1.0)
