"""The gate itself: what it finds, and that its verdict is the sum of its steps."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import check, javascript, mirror, system_packages

ROOT = Path(__file__).resolve().parent.parent


def test_a_step_that_fails_is_reported_with_what_it_printed(capsys):
    step = check.Step("lint", ("-c", "print('E501 somewhere'); raise SystemExit(3)"))

    outcome = check.run(step)

    assert not outcome.has_passed
    assert "E501 somewhere" in capsys.readouterr().out


def test_the_closing_line_of_pytest_is_the_very_last_line_of_the_summary():
    line = "=" * 20 + " 12 passed in 3.45s " + "=" * 20
    step = check.Step("tests", ("-c", f"print('... a dot'); print({line!r})"))

    text = check.summary([check.run(step), check.Outcome("mirror", 0.1, False)])

    assert text.splitlines()[-1] == line
    assert "failed: mirror" in text


def test_a_step_that_fails_does_not_keep_the_next_from_running_but_fails_the_whole(
    monkeypatch, capsys
):
    steps = (
        check.Step("one", ("-c", "raise SystemExit(1)")),
        check.Step("two", ("-c", "print('two ran')")),
    )
    monkeypatch.setattr(check, "STEPS", steps)

    status = check.main([])

    assert status == 1
    assert "two ran" in capsys.readouterr().out


def test_only_runs_the_step_that_was_asked_for(monkeypatch, capsys):
    steps = (
        check.Step("one", ("-c", "raise SystemExit(1)")),
        check.Step("two", ("-c", "print('two ran')")),
    )
    monkeypatch.setattr(check, "STEPS", steps)

    assert check.main(["--only", "two"]) == 0


def test_an_expression_is_handed_to_pytest(monkeypatch, capsys):
    monkeypatch.setattr(
        check, "STEPS", (check.Step("tests", ("-c", "import sys; print(sys.argv)")),)
    )

    check.main(["-k", "barge_in"])

    assert "['-c', '-k', 'barge_in']" in capsys.readouterr().out


def test_what_is_missing_is_named_with_the_line_that_gets_it():
    need = system_packages.Need("a bell", lambda: False, ("bell1",), ("bell",), ("gnu-bell",))

    text = system_packages.advice([need])

    assert "- a bell" in text
    assert "sudo apt-get install --no-install-recommends bell1" in text
    assert "sudo dnf install bell" in text


def test_a_missing_part_stops_the_gate_before_the_tests(monkeypatch, capsys):
    need = system_packages.Need("a bell", lambda: False, ("bell1",), ("bell",), ("gnu-bell",))
    monkeypatch.setattr(system_packages, "NEEDS", (need,))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(check, "STEPS", (check.Step("tests", ("-c", "print('tests ran')")),))

    status = check.main([])

    assert status == 2
    captured = capsys.readouterr()
    assert "a bell" in captured.err
    assert "tests ran" not in captured.out


@pytest.fixture
def tree(tmp_path):
    for name in ("console/__init__.py", "console/audio/bell.py", "tests/audio/test_bell.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_the_mirror_is_content_when_each_side_has_its_other(tree, monkeypatch):
    monkeypatch.setattr(mirror, "TESTED_ELSEWHERE", {})

    assert mirror.problems(tree) == []


def test_the_mirror_finds_a_module_without_tests_and_tests_without_a_module(tree, monkeypatch):
    monkeypatch.setattr(mirror, "TESTED_ELSEWHERE", {})
    (tree / "console/drum.py").touch()
    (tree / "tests/test_flute.py").touch()

    assert mirror.problems(tree) == [
        "console/drum.py has no tests/test_drum.py",
        "tests/test_flute.py tests no module of console/",
    ]


def test_the_mirror_finds_an_excuse_that_is_no_longer_needed(tree, monkeypatch):
    monkeypatch.setattr(mirror, "TESTED_ELSEWHERE", {"console/audio/bell.py": "why not"})

    assert len(mirror.problems(tree)) == 1


@pytest.mark.parametrize(
    ("name", "text", "is_fine"),
    [
        ("a.js", "export const a = await 1;", True),
        ("a.js", "const a = ;", False),
        ("a.js", "with (a) { b; }", False),
        ("a.worker.js", "self.onmessage = () => {};", True),
        ("a.worker.js", "await 1;", False),
        ("a.worker.js", 'import a from "./a.js"; await a;', True),
    ],
)
def test_javascript_is_checked_as_what_it_is(tmp_path, name, text, is_fine):
    path = tmp_path / name
    path.write_text(text)

    error = javascript.syntax_error(path, javascript.find_node())

    assert (error is None) is is_fine
    assert is_fine or str(path) in (error or "")


@pytest.mark.parametrize(("in_ci", "expected"), [("true", 1), ("", 0)])
def test_a_skipped_test_fails_the_run_in_ci_only(tmp_path, in_ci, expected):
    (tmp_path / "test_skip.py").write_text(
        "import pytest\n\ndef test_nothing(): pytest.skip('on purpose')\n"
    )
    (tmp_path / "pytest.ini").touch()  # keeps our own settings out of the run

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "test_skip.py"],
        cwd=tmp_path,
        env=os.environ | {"CI": in_ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == expected, done.stdout
    assert ("no test may be skipped" in done.stdout) is bool(expected)
