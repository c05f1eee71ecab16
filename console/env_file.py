"""The file `.env` before settings are read from it: whole, and not for everybody to read."""

from __future__ import annotations

import difflib
import os
import re
from io import StringIO
from pathlib import Path
from typing import Final

from dotenv.parser import Binding, parse_stream

from console.errors import ConfigurationError
from console.regular_file import read_regular
from console.settings import MAY_HOLD_PASSWORD, SECRETS, Settings

_OURS_ALONE: Final = "CONSOLE_"
_OURS: Final = (_OURS_ALONE, "OPENAI_", "AZURE_OPENAI_")
_NAME: Final = re.compile("[A-Z0-9_]{1,60}")
_OF_OTHERS: Final = frozenset(
    f"{prefix}{name}"
    for prefix, names in {
        "OPENAI_": "ADMIN_KEY API_BASE API_TYPE API_VERSION BASE_URL ORG_ID ORGANIZATION PROJECT_ID",
        "AZURE_OPENAI_": "AD_TOKEN API_VERSION BASE_URL DEPLOYMENT DEPLOYMENT_NAME",
    }.items()
    for name in names.split()
)
"""What programs and libraries of others know by these names."""


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
        is_cut_short = line.key and line.key.upper().startswith(_OURS) and line.value is None
        if line.error or is_cut_short:
            raise ConfigurationError(
                f"{path}, line {_number(line)}, is not NAME=value; a quote may be missing."
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


def variables() -> tuple[str, ...]:
    """Return the names by which the environment and `.env` give the settings."""
    prefix = Settings.model_config["env_prefix"]
    return tuple(
        str(field.validation_alias or f"{prefix}{name.upper()}")
        for name, field in Settings.model_fields.items()
    )


def misspelt_remark(path: Path) -> str:
    """Return a warning of names in a settings file that look like ours and are none of ours.

    Values are not looked at. A name is shown only as far as it can be one.

    Args:
        path: The file; it has passed `check_env_file`, or does not exist.

    Returns:
        A sentence for each name, with the nearest right one; empty: there is none.
    """
    if not path.exists():
        return ""
    known = variables()
    said = []
    for line in parse_stream(StringIO(read_regular(path).decode())):
        name = (line.key or "").upper()
        if not name.startswith(_OURS) or name in known or name in _OF_OTHERS:
            continue
        can_be_shown = _NAME.fullmatch(name) is not None
        name = re.split("[^A-Z0-9_]", name)[0]
        is_ours_alone = name.startswith(_OURS_ALONE)
        nearest = difflib.get_close_matches(name, known, 1, 0.6 if is_ours_alone else 0.8)
        if not nearest and not is_ours_alone:
            continue
        shown = line.key if can_be_shown else f"the name in line {_number(line)}"
        meant = f"did you mean {nearest[0]}?" if nearest else "see .env.example."
        said.append(f"{path}: {shown} is no setting and changes nothing; {meant}")
    return " ".join(dict.fromkeys(said))


def has_password(url: str) -> bool:
    """Return whether a password stands in a URL; it need not be a URL that can be used."""
    return "@" in url and ":" in url.partition("://")[2].rpartition("@")[0]


def _number(line: Binding) -> int:
    # The parser counts the empty lines before it to the line.
    text = line.original.string
    return int(line.original.line + text[: len(text) - len(text.lstrip())].count("\n"))
