"""Check that every module has its test file and every test file its module.

``console/<path>/<module>.py`` is tested by ``tests/<path>/test_<module>.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TESTED_ELSEWHERE: Mapping[str, str] = {
    "console/errors.py": "every error is tested where it is raised",
    "console/app/feed.py": "protocols only: nothing in it runs",
    "console/app/stand_in.py": "values only: tested where they change",
    "console/audio/ports.py": "protocols only: nothing in it runs",
    "console/app/tool_lab/state.py": "values only: tested where they are shown",
    "console/app/spending/state.py": "values only: tested where they are shown",
    "console/client/happenings.py": "values only: tested where they are told",
    "console/simulator/protocol/intents.py": "values only: every intent is tested with the session",
    "console/simulator/senses.py": "protocols and values only: nothing in it runs",
    "console/ui/page_session.py": "protocols only: nothing in it runs",
    "console/relay/ports.py": "protocols and values only: nothing in it runs",
}
"""Modules without a test file of their own, and why."""

TESTS_OF_THE_WHOLE: Mapping[str, str] = {
    "tests/test_structure.py": "tests the repository",
    "tests/test_docs.py": "tests the documents",
    "tests/test_lock.py": "tests the lock of the dependencies",
    "tests/test_check.py": "tests the gate",
    "tests/test_pulse.py": "tests how the tests of sound find where it was cut",
    "tests/test_threats.py": "tests the tables of threats, bad inputs and faults",
}
"""Test files without a module, and why."""

WHOLE_DIRECTORIES = ("browser", "integration", "bench")
"""Directories whose tests cross modules on purpose."""


def problems(root: Path = ROOT) -> list[str]:
    """Return one sentence for each file whose other half is missing, and each idle exception."""
    modules = {
        path.relative_to(root).as_posix()
        for path in (root / "console").rglob("*.py")
        if path.name != "__init__.py"
    }
    tests = {
        path.relative_to(root).as_posix()
        for path in (root / "tests").rglob("test_*.py")
        if path.relative_to(root / "tests").parts[0] not in WHOLE_DIRECTORIES
    }
    found = [
        f"{module} has no {_test_of(module)}"
        for module in sorted(modules - TESTED_ELSEWHERE.keys())
        if _test_of(module) not in tests
    ]
    wanted = {_test_of(module) for module in modules}
    found += [
        f"{test} tests no module of console/"
        for test in sorted(tests - wanted - TESTS_OF_THE_WHOLE.keys())
    ]
    found += [
        f"{module} is excused in tests/mirror.py but does not exist or has its test file"
        for module in TESTED_ELSEWHERE
        if module not in modules or _test_of(module) in tests
    ]
    return found


def _test_of(module: str) -> str:
    path = Path("tests", *Path(module).parts[1:])
    return path.with_name(f"test_{path.name}").as_posix()


def main() -> int:
    """Print what is wrong; return the exit status."""
    found = problems()
    print("\n".join(found) if found else "every module has its test file and the other way round")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
