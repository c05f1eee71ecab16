"""Check that the tests of the core reach each of its branches.

``.venv/bin/python -m tests.core_coverage`` runs ``tests/realtime`` and reports what is missed. Tests
that make up their examples are left out: what they reach is a matter of chance.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = "console/realtime"
TESTS = "tests/realtime"


def main() -> int:
    """Return 0 if every branch of the core is reached, else print what is not."""
    with tempfile.TemporaryDirectory() as directory:
        data = f"--data-file={directory}/coverage"
        chosen = ("-m", "pytest", "-q", "-m", "not hypothesis", TESTS)
        measured = _coverage("run", data, "--branch", f"--source={CORE}", *chosen)
        reported = _coverage(
            "report", data, "--show-missing", "--skip-covered", "--fail-under=100", "--precision=2"
        )
    return measured or reported


def _coverage(*arguments: str) -> int:
    command = [sys.executable, "-m", "coverage", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
