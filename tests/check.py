"""Check everything: format, lint, types, import contracts, JavaScript, mirror, coverage, tests.

``.venv/bin/python tests/check.py`` is the whole gate, the same on a desk and in CI. It installs
or names the system packages that are missing, runs every step even when an earlier one failed,
and ends with a summary and pytest's closing line. The exit status is 0 only if all is well.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a program, not as `python -m`, this is not on the path yet

from tests import system_packages  # noqa: E402 (after the path is set)

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CLOSING_LINE = re.compile(r"^=+ .*\b\d+ \w+.* in [\d.]+s.* =+$")


@dataclass(frozen=True, slots=True)
class Step:
    """One check: a program of this environment that ends with 0 when all is well."""

    name: str
    arguments: tuple[str, ...]
    """For this environment's Python."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended."""

    name: str
    duration_s: float
    has_passed: bool
    closing_line: str = ""
    """pytest's last line, when there was one."""


STEPS = (
    Step("format", ("-m", "ruff", "format", "--check", ".")),
    Step("lint", ("-m", "ruff", "check", ".")),
    Step("types", ("-m", "mypy", "console", "main.py", "tests")),
    # import-linter has no module to run with -m; this calls what its script calls.
    Step("imports", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
    Step("javascript", ("-m", "tests.javascript")),
    Step("mirror", ("-m", "tests.mirror")),
    Step("coverage", ("-m", "tests.core_coverage")),
    Step("tests", ("-m", "pytest", "--durations=10")),
)


def run(step: Step, extra: Sequence[str] = ()) -> Outcome:
    """Run `step` from the repository's root, pass on what it prints, and say how it ended."""
    print(f"\n--- {step.name}: {shlex.join(['python', *step.arguments, *extra])}", flush=True)
    began_s = time.monotonic()
    closing_line = ""
    with subprocess.Popen(
        [sys.executable, *step.arguments, *extra],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if _CLOSING_LINE.match(plain := _ANSI.sub("", line).strip()):
                closing_line = plain
    return Outcome(step.name, time.monotonic() - began_s, process.returncode == 0, closing_line)


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return one line per step, a verdict, and pytest's closing line as the very last."""
    lines = ["", "--- summary"]
    for each in outcomes:
        verdict = "ok" if each.has_passed else "FAILED"
        lines.append(f"{each.name:<12}{verdict:<8}{each.duration_s:7.1f} s")
    failed = [each.name for each in outcomes if not each.has_passed]
    lines.append(f"failed: {', '.join(failed)}" if failed else "all steps passed")
    lines += [each.closing_line for each in outcomes if each.closing_line]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps that were asked for (all, without a choice); return the exit status."""
    names = [step.name for step in STEPS]
    parser = argparse.ArgumentParser(description="Check everything, the same as CI.")
    parser.add_argument("--only", action="append", choices=names, help="run this step (repeatable)")
    parser.add_argument("-k", metavar="EXPRESSION", help="run the tests that match, as in pytest")
    chosen = parser.parse_args(arguments)
    steps = [step for step in STEPS if chosen.only is None or step.name in chosen.only]
    if any(step.name == "tests" for step in steps) and not system_packages.provide():
        return 2
    outcomes = []
    for step in steps:
        extra = ["-k", chosen.k] if chosen.k and step.name == "tests" else []
        outcomes.append(run(step, extra))
    print(summary(outcomes), flush=True)
    return 0 if all(each.has_passed for each in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
