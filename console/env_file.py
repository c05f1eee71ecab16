"""The file `.env` before settings are read from it: whole, and not for everybody to read."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from console.errors import ConfigurationError
from console.regular_file import read_regular
from console.settings import MAY_HOLD_PASSWORD, SECRETS


def check_env_file(path: Path) -> None:
    """Refuse a settings file that would be half read; none at all is fine.

    Raises:
        ConfigurationError: It cannot be read, or a line of it makes no sense.
    """
    try:
        if not path.exists():
            return
        lines = list(parse_stream(StringIO(read_regular(path).decode())))
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path} is not UTF-8 text (byte {error.start}). Save it as UTF-8."
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    for line in lines:
        if line.error:
            raise ConfigurationError(
                f"{path}, line {line.original.line}, is not NAME=value; a quote may be missing."
            )


def env_file_remark(path: Path) -> str:
    """Return a warning, in a sentence, if others on this machine can read a key in a settings file.

    Args:
        path: The file; it has passed `check_env_file`, or does not exist.
    """
    if os.name != "posix" or not path.exists():
        return ""  # elsewhere the mode says nothing
    if not path.stat().st_mode & 0o077:
        return ""
    storage = f"CONSOLE_{MAY_HOLD_PASSWORD.upper()}"
    names = {
        line.key
        for line in parse_stream(StringIO(path.read_text(encoding="utf-8")))
        if line.key and line.value
        if line.key in SECRETS.values() or (line.key == storage and has_password(line.value))
    }
    if not names:
        return ""
    return (
        f"{path} holds {' and '.join(sorted(names))}, and other users of this machine can read it. "
        f"Run: chmod 600 {path}"
    )


def has_password(url: str) -> bool:
    """Return whether a password stands in a URL; it need not be a URL that can be used."""
    return "@" in url and ":" in url.partition("://")[2].rpartition("@")[0]
