"""Files that are read as a whole: no pipe, which keeps its reader waiting, nor a device without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

_KINDS: Final = (
    (stat.S_ISDIR, errno.EISDIR, "a directory"),
    (stat.S_ISFIFO, errno.EINVAL, "a pipe"),
    (stat.S_ISSOCK, errno.EINVAL, "a socket"),
)


def other_kind(path: Path) -> str:
    """Return what is there in place of a file, in words; empty if it is a file, or nothing.

    Raises:
        OSError: Nobody can say: a directory above may not be entered, say.
    """
    try:
        _check(path)
    except FileNotFoundError:
        return ""
    except OtherKindError as error:
        return error.kind
    return ""


def check_regular(path: Path | str) -> None:
    """Refuse what is no file before something else opens it.

    Raises:
        OSError: It is no file, or there is none; `strerror` says which.
    """
    _check(Path(path))


def read_regular(path: Path) -> bytes:
    """Return all that stands in a file.

    Raises:
        OSError: It is no file, or cannot be read; `strerror` says why.
    """
    _check(path)
    return path.read_bytes()


class OtherKindError(OSError):
    """Something else is where a file is needed."""

    def __init__(self, number: int, kind: str, path: Path) -> None:
        super().__init__(number, f"it is {kind}, and a file is needed", os.fspath(path))
        self.kind = kind


def _check(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISREG(mode):
        return
    for is_of_kind, number, kind in _KINDS:
        if is_of_kind(mode):
            raise OtherKindError(number, kind, path)
    raise OtherKindError(errno.EINVAL, "a device", path)
