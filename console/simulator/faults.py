"""Faults on demand: what a server may do wrong, so that a client can be tested against it.

As text, for the command line and for ``?fault=`` in a URL: `drop_after=5,late_deltas`. The names
are those of the fields, two of them shorter: `refuse` and `expire_after`.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_MAX_REASON_BYTES: Final = 123
"""What a close frame has room for."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong on a connection. Nothing, unless told.

    The counts are of server events sent on that connection since the faults were switched on.
    """

    times: int | None = None
    """Only on this many connections, counted from when the faults were set; on all, without.

    Faults in a URL are counted for all connections whose URLs ask for the same.
    """

    # ------------------------------------------------------------ the handshake
    refuse_status: int | None = None
    """Answer the handshake with this HTTP status (401, 403, 429, 500, ...)."""
    refuse_code: str | None = None
    """`error.code` in the body of that answer; the usual one of the status, without."""
    retry_after_s: int | None = None
    """`Retry-After` of that answer."""

    # ------------------------------------------------------------ the line
    close_after: int | None = None
    """Close after this many events, with `close_code` and `close_reason`."""
    close_code: int = 1011
    close_reason: str = ""
    drop_after: int | None = None
    """Cut the TCP connection after this many events, without a close frame."""
    stall_after: int | None = None
    """Go silent after this many events, as behind a line that is dead and has told nobody:
    nothing is sent, read or answered any more, pings neither, and the connection stays open."""
    garbage_after: int | None = None
    """Send `garbage_count` frames that are no events after this many events, then go on."""
    garbage_count: int = 7
    broken_utf8_after: int | None = None
    """Send a text frame that is not UTF-8 after this many events; WebSocket clients have to
    close with 1007."""
    huge_after: int | None = None
    """Send one event of 17 MiB after this many events."""
    slow_ms: int = 0
    """Wait this long before each event."""
    expire_after_s: int | None = None
    """Say `session_expired` and close with 1001 so many seconds after the session began, as its
    `expires_at` says."""
    surprise_expiry: bool = False
    """`expires_at` says an hour all the same."""

    # ------------------------------------------------------------ the stream of events
    late_deltas: bool = False
    """Deltas of a response still come after it was cancelled."""
    missing_closers: bool = False
    """Between a response's last delta and its `response.done` nothing comes."""
    overlapping_items: bool = False
    """An item of a response is closed only when the next one has begun to stream."""
    fail_transcription: bool = False
    """Every transcription of what the user said fails."""
    late_transcription_ms: int = 0
    """Transcriptions come this much later."""
    fail_response: str | None = None
    """Every response fails with this code (`insufficient_quota`, `rate_limit_exceeded`, ...)."""
    null_event_id: bool = False
    """Errors do not say which client event has caused them."""
    no_rate_limits: bool = False
    """`rate_limits.updated` never comes."""

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Read faults as text: `name` or `name=value`, separated by commas.

        Raises:
            ValueError: One of them makes no sense; the sentence says which, and what would.
        """
        values: dict[str, object] = {}
        for entry in filter(None, (each.strip() for each in text.split(","))):
            name, has_value, value = (each.strip() for each in entry.partition("="))
            if name not in _READERS:
                raise ValueError(f"There is no fault {name!r}. The faults are: {_known()}.")
            second = None if name == "close_reason" else _SECOND.search(value)
            if second is not None:
                raise ValueError(
                    f"Separate faults by commas: write {name}={value[: second.start()]},"
                    f"{value[second.end() :]} for {entry!r}."
                )
            field = _FIELDS.get(name, name)
            if field in values:
                raise ValueError(f"The fault {name!r} is given twice; give it once.")
            values[field] = _READERS[name](name, value if has_value else None)
        return cls(**values)  # type: ignore[arg-type]  # the readers see to the types

    def text(self) -> str:
        """Return the faults as text that `parse` reads back; empty for none."""
        names = {field: name for name, field in _FIELDS.items()}
        changed = (
            (names.get(field.name, field.name), value)
            for field in dataclasses.fields(self)
            if (value := getattr(self, field.name)) != field.default
        )
        return ",".join(name if value is True else f"{name}={value}" for name, value in changed)

    def __bool__(self) -> bool:
        """Whether anything goes wrong at all."""
        return self != _NONE


_NONE: Final = Faults()
_FIELDS: Final = {
    "refuse": "refuse_status",
    "retry_after": "retry_after_s",
    "expire_after": "expire_after_s",
}
"""Names in the text that are not the fields' names."""


def _switch(name: str, value: str | None) -> bool:
    if value is not None:
        raise ValueError(f"The fault {name!r} takes no value; write {name} alone.")
    return True


class _Number:
    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def __call__(self, name: str, value: str | None) -> int:
        if value is None or not re.fullmatch(r"-?[0-9]{1,9}", value):
            raise ValueError(f"The fault {name!r} needs a whole number, as in {name}={self._low}.")
        if not self._low <= int(value) <= self._high:
            raise ValueError(
                f"The fault {name!r} needs a whole number from {self._low} to {self._high}, not {value}."
            )
        return int(value)


def _close_code(name: str, value: str | None) -> int:
    code = _Number(1000, 4999)(name, value)
    if code in {1004, 1005, 1006} or 1014 < code < 3000:
        raise ValueError(
            f"A connection cannot be closed with {code}; to end it without a code use drop_after."
        )
    return code


def _close_reason(name: str, value: str | None) -> str:
    if value is None or len(value.encode()) > _MAX_REASON_BYTES:
        raise ValueError(f"The fault {name!r} needs a text of at most {_MAX_REASON_BYTES} bytes.")
    return value


def _code(name: str, value: str | None) -> str:
    if value is None or not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", value):
        raise ValueError(
            f"The fault {name!r} needs an error code, as in {name}=insufficient_quota."
        )
    return value


_COUNT: Final = _Number(0, 1_000_000)
_DURATION_MS: Final = _Number(0, 3_600_000)
_READERS: Final[Mapping[str, Callable[[str, str | None], object]]] = {
    "times": _Number(1, 1_000_000),
    "refuse": _Number(400, 599),
    "refuse_code": _code,
    "retry_after": _Number(0, 86_400),
    "close_after": _COUNT,
    "close_code": _close_code,
    "close_reason": _close_reason,
    "drop_after": _COUNT,
    "stall_after": _COUNT,
    "garbage_after": _COUNT,
    "garbage_count": _Number(1, 10_000),
    "broken_utf8_after": _COUNT,
    "huge_after": _COUNT,
    "slow_ms": _DURATION_MS,
    "expire_after": _Number(0, 3600),
    "surprise_expiry": _switch,
    "late_deltas": _switch,
    "missing_closers": _switch,
    "overlapping_items": _switch,
    "fail_transcription": _switch,
    "late_transcription_ms": _DURATION_MS,
    "fail_response": _code,
    "null_event_id": _switch,
    "no_rate_limits": _switch,
}


_SECOND: Final = re.compile(rf"\s+(?=(?:{'|'.join(_READERS)})=)")
"""Where a second fault begins in what should be the value of the first."""


def _known() -> str:
    return ", ".join(_READERS)
