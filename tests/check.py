"""Check everything: format, lint, types, import contracts, JavaScript, mirror, coverage, tests.

``.venv/bin/python tests/check.py`` is the whole gate, the same on a desk and in CI. It installs
or names the system packages that are missing, runs every step even when an earlier one failed,
and ends with a summary and pytest's closing lines. The exit status is 0 only if all is well.

The tests run in two processes at the same time: in one those that listen and look in real time,
which wait more than they work, and beside them, at a low priority, all others but those that look at
pages in a browser. These come after them, in two processes. Beside the tests, the other checks run
one after another.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # run as a program, not as `python -m`, this is not on the path yet

from tests import javascript_clients, system_packages  # noqa: E402 (after the path is set)

TESTS = "tests"
NO_TESTS_COLLECTED = 5
"""pytest's exit status when no test was chosen."""
END_TIMEOUT_S = 30
"""How long a step that was interrupted may take to put its things away."""
REAL_TIME, LAST = 0, 15
"""Priorities, as in nice(1): what measures time, and what gets the rest."""
_PAGES = "tests/browser"
_HALF_OF_THE_PAGES = tuple(
    f"{_PAGES}/test_{each}.py"
    for each in ("accessibility", "composer", "conversation", "event_list", "tools", "usage")
)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_CLOSING_LINE = re.compile(r"^=+ .*\b\d+ \w+.* in [\d.]+s.* =+$")


@dataclass(frozen=True, slots=True)
class Step:
    """One check: a program of this environment that ends with 0 when all is well."""

    name: str
    arguments: tuple[str, ...]
    """For this environment's Python."""
    priority: int = LAST
    runs_tests: bool = False
    """Whether it is pytest; then it runs beside all others."""
    is_after: bool = False
    """Whether it waits for what is not after: browsers want more than what real time leaves them."""

    def __str__(self) -> str:
        return f"{self.name}: {shlex.join(['python', *self.arguments])}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended."""

    name: str
    duration_s: float
    has_passed: bool
    closing_line: str = ""
    """pytest's last line, when there was one."""
    found_no_tests: bool = False


def _pytest(*arguments: str) -> tuple[str, ...]:
    # Without pytest's cache: the processes would write into the same files.
    return ("-m", "pytest", "-p", "no:cacheprovider", "--durations=10", *arguments)


STEPS = (
    Step("format", ("-m", "ruff", "format", "--check", ".")),
    Step("lint", ("-m", "ruff", "check", ".")),
    Step("types", ("-m", "mypy", "console", "main.py", "tests")),
    # import-linter has no module to run with -m; this calls what its script calls.
    Step("imports", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
    Step("javascript", ("-m", "tests.javascript")),
    Step("mirror", ("-m", "tests.mirror")),
    Step("coverage", ("-m", "tests.core_coverage")),
    Step(TESTS, _pytest("-m", "not realtime and not page"), runs_tests=True),
    Step("tests in real time", _pytest("-m", "realtime"), REAL_TIME, runs_tests=True),
    Step(
        "tests of pages",
        _pytest("-m", "page", *_HALF_OF_THE_PAGES),
        REAL_TIME,
        runs_tests=True,
        is_after=True,
    ),
    Step(
        "tests of more pages",
        _pytest("-m", "page", _PAGES, *(f"--ignore={each}" for each in _HALF_OF_THE_PAGES)),
        REAL_TIME,
        runs_tests=True,
        is_after=True,
    ),
)


class Running:
    """A step on its way, and what it prints: kept until somebody reads it."""

    def __init__(self, step: Step, environment: Mapping[str, str]) -> None:
        self.step = step
        self._environment = environment
        self.outcome = Outcome(step.name, 0.0, has_passed=False)
        """How it ended; until then it has not passed."""
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._is_called_off = False

    def run(self) -> None:
        """Run it from the repository's root, in a thread of the caller's choice."""
        try:
            self._run()
        finally:
            self._lines.put(None)

    def lines(self) -> Iterable[str]:
        """Give what it has printed, then what it prints, until it has ended."""
        return iter(self._lines.get, None)

    def end(self) -> None:
        """Interrupt it, as Ctrl+C would, if it has not ended by itself; keep it from beginning."""
        with self._lock:
            self._is_called_off = True
        if self._process is None or self._process.poll() is not None:
            return
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)

    def _run(self) -> None:
        began_s = time.monotonic()
        closing_line = ""
        with self._lock:
            if self._is_called_off:
                return
            self._process = self._start()
        with self._process as process:
            assert process.stdout is not None
            for line in process.stdout:
                self._lines.put(line)
                if _CLOSING_LINE.match(plain := _ANSI.sub("", line).strip()):
                    closing_line = plain
        self.outcome = Outcome(
            self.step.name,
            time.monotonic() - began_s,
            has_passed=process.returncode == 0,
            closing_line=closing_line,
            found_no_tests=self.step.runs_tests and process.returncode == NO_TESTS_COLLECTED,
        )

    def _start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *self.step.arguments],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        if self.step.priority != REAL_TIME:
            _yield_to_others(process.pid, self.step.priority)
        return process


def _yield_to_others(pid: int, at_least: int) -> None:
    """Let a session of processes that has just begun give way to those of a higher priority."""
    priority = max(at_least, os.getpriority(os.PRIO_PROCESS, 0))
    os.setpriority(os.PRIO_PROCESS, pid, priority)
    # Linux may share the processors out among sessions first, by a priority of the session.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(priority), encoding="ascii")


def run(steps: Sequence[Step]) -> list[Outcome]:
    """Run `steps`: those of tests beside each other, and beside them what else there is, in its order.

    Those that are after begin when all others have ended.

    What a step prints is passed on in one piece, whatever runs beside it.
    """
    with _environment() as environment:
        all_running = [Running(step, environment) for step in steps]
        _run_in_lanes(all_running)
    return [each.outcome for each in all_running]


def _run_in_lanes(all_running: Sequence[Running]) -> None:
    rounds = [
        [each for each in all_running if each.step.is_after is last] for last in (False, True)
    ]
    thread = threading.Thread(target=_run_rounds, args=[rounds])
    thread.start()
    try:
        for each in all_running:
            print(f"\n--- {each.step}", flush=True)
            for line in each.lines():
                print(line, end="", flush=True)
    finally:
        # What comes later first, or it would begin when the step before it ends.
        for each in reversed(all_running):
            each.end()
        thread.join()


def _run_rounds(rounds: Iterable[Sequence[Running]]) -> None:
    for chosen in rounds:
        others = [each for each in chosen if not each.step.runs_tests]
        lanes = [[each] for each in chosen if each.step.runs_tests] + [others]
        threads = [threading.Thread(target=_run_all, args=[lane]) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@contextlib.contextmanager
def _environment() -> Iterator[Mapping[str, str]]:
    """Give our environment, but let Python keep the code that it compiles while the block runs.

    The tests start many programs. Where nobody wants compiled code beside its source
    (``PYTHONDONTWRITEBYTECODE``), it is kept in a folder that goes away.
    """
    environment = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="bytecode") as folder:
        if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
            environment["PYTHONPYCACHEPREFIX"] = folder
        yield environment


def _run_all(lane: Iterable[Running]) -> None:
    for each in lane:
        each.run()


def settled(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes of a choice of tests: one process may have none if another has some."""
    found_some = any(each.closing_line and not each.found_no_tests for each in outcomes)
    return [
        replace(each, has_passed=True) if each.found_no_tests and found_some else each
        for each in outcomes
    ]


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return one line per step, a verdict, and pytest's closing lines as the very last."""
    lines = ["", "--- summary"]
    for each in outcomes:
        verdict = "ok" if each.has_passed else "FAILED"
        lines.append(f"{each.name:<20}{verdict:<8}{each.duration_s:7.1f} s")
    failed = [each.name for each in outcomes if not each.has_passed]
    lines.append(f"failed: {', '.join(failed)}" if failed else "all steps passed")
    lines += [each.closing_line for each in outcomes if each.closing_line]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps that were asked for (all, without a choice); return the exit status."""
    names = [step.name for step in STEPS]
    parser = argparse.ArgumentParser(description="Check everything, the same as CI.")
    parser.add_argument(
        "--only",
        action="append",
        choices=names,
        help=f"run this step (repeatable); {TESTS}: all of their processes",
    )
    parser.add_argument("-k", metavar="EXPRESSION", help="run the tests that match, as in pytest")
    chosen = parser.parse_args(arguments)
    steps = [
        _narrowed(step, chosen.k)
        for step in STEPS
        if chosen.only is None or _is_in(step, chosen.only)
    ]
    if any(step.runs_tests for step in steps):
        if not system_packages.provide():
            return 2
        javascript_clients.provide()
    outcomes = run(steps)
    if chosen.k:
        outcomes = settled(outcomes)
    print(summary(outcomes), flush=True)
    return 0 if all(each.has_passed for each in outcomes) else 1


def _is_in(step: Step, names: Sequence[str]) -> bool:
    return step.name in names or (step.runs_tests and TESTS in names)


def _narrowed(step: Step, expression: str | None) -> Step:
    if expression is None or not step.runs_tests:
        return step
    return replace(step, arguments=(*step.arguments, "-k", expression))


if __name__ == "__main__":
    sys.exit(main())
