"""The log's filter: no key or token gets into it, and nobody writes lines of it who is not us.

Texts of servers, models, files and browsers end up in messages and in tracebacks. What looks like a
secret, and every secret that we have been told of, is replaced; characters that would begin a line,
move a terminal's cursor or turn the direction of reading are written as escapes.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from types import TracebackType
from typing import Final

from console.key_mask import MARK, SHORTEST, KeyMask

_SHAPES: Final = re.compile(
    r"""
      (?P<lead>\bBearer\s+|\bopenai-insecure-api-key\.)[\w.~+/=-]{4,}
    | \b(?:sk|ek)[-_][\w-]{6,}
    | (?P<name>[?&;\s"'](?:token|api[-_]key|client_id)=)[^\s&"';\\]{4,}
    | (?P<cookie>\brtc(?:-s)?-\d+=)[^\s;"'\\]+
    | (?P<session>/(?:rt/|watch-))[\w-]{16,}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONG: Final = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}|\beyJ[\w-]{8,}(?:\.[\w-]*)*"
)
"""Keys without a mark, as Azure's are, and tokens of Entra; names of files may look the same."""
# C0 and C1, and what isolates, embeds, overrides or joins invisibly.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


class Scrubber(logging.Filter):
    """Makes log records harmless; belongs on handlers, which see the records of every logger."""

    def __init__(self) -> None:
        super().__init__()
        self._masks: dict[str, KeyMask] = {}

    def keep_secret(self, secret: str) -> None:
        """Replace this text from now on wherever it stands; too short ones would hit words."""
        if len(secret) >= SHORTEST and secret not in self._masks:
            longest_first = sorted((*self._masks, secret), key=len, reverse=True)
            # Anew, not changed: another thread may be logging.
            self._masks = {each: self._masks.get(each) or KeyMask(each) for each in longest_first}

    def without_secrets(self, text: str) -> str:
        """Return `text` with its secrets replaced; lines and all other characters stay."""
        for mask in self._masks.values():
            text = mask.hide(text)
        return _SHAPES.sub(_masked, text)

    def without_what_was_pasted(self, text: str) -> str:
        """Return likewise a text that repeats what a person has given, at a wrong place maybe."""
        return _LONG.sub(MARK, self.without_secrets(text))

    def clean(self, text: str) -> str:
        """Return `text` as one harmless line."""
        return _UNSEEN.sub(_escaped, self.without_secrets(text))

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record in place; none is held back."""
        try:
            message = record.getMessage()
        except Exception:  # whoever logs wrongly shall not end what they were doing
            message = f"{record.msg!r} with arguments that do not fit"
        record.msg, record.args = self.clean(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._clean_lines(record.exc_text)
            record.exc_info = None
        if record.stack_info:
            record.stack_info = self._clean_lines(record.stack_info)
        return True

    def install(self) -> None:
        """Put the filter on all handlers of the root logger, and uncaught failures into the log."""
        for handler in logging.getLogger().handlers:
            if self not in handler.filters:
                handler.addFilter(self)
        sys.excepthook = _log_uncaught
        threading.excepthook = _log_uncaught_of_thread

    def _clean_lines(self, text: str) -> str:
        # The mark tells a line of a traceback from one that somebody else wants to be a line.
        lines = self.without_secrets(text).split("\n")
        return "\n".join("  | " + _UNSEEN.sub(_escaped, each) for each in lines)


def _masked(found: re.Match[str]) -> str:
    lead = found["lead"] or found["name"] or found["cookie"] or found["session"] or ""
    return lead + MARK


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(
        found[0], f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    )


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    logging.getLogger(__name__).critical("the console failed", exc_info=(kind, error, traceback))


def _log_uncaught_of_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        exc_info = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger(__name__).error("a thread failed", exc_info=exc_info)


scrubber: Final = Scrubber()
"""The one of the process; whoever learns a secret tells it."""
