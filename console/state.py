"""The state directory: what outlives the console's end, for its owner's eyes alone."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

from platformdirs import user_state_path

from console.errors import ConfigurationError
from console.regular_file import other_kind, read_regular

logger = logging.getLogger(__name__)

_NAME: Final = "realtime-console"
_SECRET_FILE: Final = "storage.secret"
_SECRET_BYTES: Final = 32


def state_path(chosen: str = "") -> Path:
    """Return where the state directory is or would be.

    Args:
        chosen: Where the user wants it; empty for the system's place.

    Raises:
        RuntimeError: It begins with the home of a user whom nobody knows.
    """
    return Path(chosen).expanduser() if chosen else user_state_path(_NAME, appauthor=False)


def open_state_directory(chosen: str = "") -> Path:
    """Return the directory for what is to be kept, made if needed, closed to other users.

    Without a usable one of the system's choice, one that is gone with the machine's temporary files
    serves, and the log says so.

    Args:
        chosen: Where the user wants it; empty for the system's place.

    Raises:
        ConfigurationError: What was chosen cannot be written to.
    """
    wanted = state_path(chosen)
    try:
        return _made_private(wanted)
    except (OSError, RuntimeError, ValueError) as error:  # no home; a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        if isinstance(error, FileExistsError):
            reason = "it is no directory"
        if chosen:
            raise ConfigurationError(
                f"The state directory {wanted} cannot be written to: {reason}. "
                "Choose another with --state-dir."
            ) from error
        logger.warning("%s cannot be written to (%s); nothing is kept this time", wanted, reason)
        return Path(tempfile.mkdtemp(prefix=f"{_NAME}-"))


def storage_secret(directory: Path) -> str:
    """Return what signs the browsers' session cookies: 32 random bytes, the same at every start.

    Args:
        directory: The state directory; a file in it keeps the secret, for its owner alone. One
            that is no secret is put aside, and the log says so.

    Raises:
        ConfigurationError: It is a pipe or a device, or can be neither used nor put aside.
    """
    path = directory / _SECRET_FILE
    try:
        return _kept_secret(path) or _new_secret(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path}, which signs cookies, cannot be used: {error.strerror}. Move it away, and the "
            "next start makes a new one."
        ) from error


def check_toolkit_storage(directory: Path) -> Path:
    """Return the directory in which the user interface keeps its files, if it can be used.

    It would wait for a pipe at its start, or when somebody opens a page.

    Args:
        directory: Which; it need not exist.

    Raises:
        ConfigurationError: It is no directory, or something in it is a pipe, a device or a socket.
    """
    try:
        found = list(directory.iterdir()) if directory.exists() else []
        odd = [each for each in found if other_kind(each) not in {"", "a directory"}]
    except OSError as error:
        raise ConfigurationError(
            f"{directory}, where pages keep their files, cannot be used: {error.strerror}. Move it "
            "away, and the next start makes a new one."
        ) from error
    if odd:
        raise ConfigurationError(
            f"{odd[0]} is {other_kind(odd[0])}, and a file is needed. Move it away."
        )
    return directory


def _kept_secret(path: Path) -> str:
    """Return the secret that is there; empty: there is none, or none any more."""
    kind = other_kind(path)
    if kind not in {"", "a directory"}:  # somebody has put it there for a purpose
        raise OSError(errno.EINVAL, f"it is {kind}, and a file is needed")
    if not path.exists():
        return ""
    if not kind and _is_secret(known := _text_of(path)):
        path.chmod(0o600)
        return known
    aside = path.with_name(f"{path.name}.corrupt")
    path.replace(aside)
    logger.warning("%s was damaged and is put aside as %s; a new one is made", path, aside.name)
    return ""


def _new_secret(path: Path) -> str:
    fresh = secrets.token_hex(_SECRET_BYTES)
    write_private(path, fresh.encode())
    return fresh


def _text_of(path: Path) -> str:
    try:
        return read_regular(path).decode("ascii", errors="replace").strip()
    except OSError:  # of another user
        return ""


def _is_secret(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == _SECRET_BYTES
    except ValueError:
        return False


def write_private(path: Path, content: bytes) -> None:
    """Replace a file as a whole, readable by its owner only.

    Raises:
        OSError: It cannot be written; what was there stays.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _made_private(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    with tempfile.TemporaryFile(dir=directory):  # says whether files can be made in it
        pass
    return directory
