"""How this program is called from where it runs: the commands that sentences tell to copy."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parent.parent
_NAME: Final = "realtime-console"


def run(*arguments: str) -> str:
    """Return the command that starts this program, from the present folder."""
    main = _ROOT / "main.py"
    if main.exists():
        return shlex.join([_python(), _near(main), *arguments])
    return shlex.join([_near(Path(sys.executable).with_name(_NAME)), *arguments])


def install(*packages: str) -> str:
    """Return the command that adds packages to the Python that runs this program."""
    return shlex.join([_python(), "-m", "pip", "install", *packages])


def install_extra(extra: str) -> str:
    """Return the command that adds what an extra of ours needs."""
    if (_ROOT / "pyproject.toml").exists():
        return f'{install("-e")} "{_near(_ROOT)}[{extra}]"'
    return f'{install()} "{_NAME}[{extra}]"'


def _python() -> str:
    # An environment's Python is a link, and what it leads to is another Python.
    return _near(Path(sys.executable)) if sys.executable else "python"


def _near(path: Path) -> str:
    """Return a path from the present folder if it is in there, else whole."""
    try:
        return os.fspath(path.relative_to(Path.cwd()))
    except (OSError, ValueError):
        return os.fspath(path)
