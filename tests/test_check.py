"""The gate itself: what it finds, and that its verdict is the sum of its steps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests import check, conftest, javascript, javascript_clients, mirror, system_packages

pytest_plugins = "pytester"

ROOT = Path(__file__).resolve().parent.parent


STRANGE = "print('E501 somewhere'); raise SystemExit(3)"
PASSED = "=" * 20 + " 12 passed in 3.45s " + "=" * 20
NONE_CHOSEN = "=" * 20 + " 12 deselected in 0.45s " + "=" * 20


def pytest_that_says(
    name: str, closing_line: str, status: int, priority: int = check.LAST
) -> check.Step:
    code = f"print('a dot'); print({closing_line!r}); raise SystemExit({status})"
    return check.Step(name, ("-c", code), priority, runs_tests=True)


@pytest.fixture
def steps(monkeypatch):
    """Replaces the steps of the gate."""

    def replace(*wanted: check.Step) -> None:
        monkeypatch.setattr(check, "STEPS", wanted)
        monkeypatch.setattr(system_packages, "NEEDS", ())
        monkeypatch.setattr(javascript_clients, "is_there", lambda: True)

    return replace


def test_a_step_that_fails_is_reported_with_what_it_printed(capsys):
    (outcome,) = check.run([check.Step("lint", ("-c", STRANGE))])

    assert not outcome.has_passed
    assert "E501 somewhere" in capsys.readouterr().out


def test_the_closing_lines_of_pytest_are_the_very_last_lines_of_the_summary():
    outcomes = check.run([pytest_that_says("tests", PASSED, 0)])

    text = check.summary([*outcomes, *outcomes, check.Outcome("mirror", 0.1, False)])

    assert text.splitlines()[-2:] == [PASSED, PASSED]
    assert "failed: mirror" in text


def test_a_step_that_fails_does_not_keep_the_next_from_running_but_fails_the_whole(steps, capsys):
    steps(
        check.Step("one", ("-c", "raise SystemExit(1)")),
        check.Step("two", ("-c", "print('two ran')")),
    )

    status = check.main([])

    assert status == 1
    assert "two ran" in capsys.readouterr().out


def test_only_runs_the_step_that_was_asked_for(steps):
    steps(
        check.Step("one", ("-c", "raise SystemExit(1)")),
        check.Step("two", ("-c", "print('two ran')")),
    )

    assert check.main(["--only", "two"]) == 0


MEET = """
import pathlib, sys, time
mine, *others = map(pathlib.Path, sys.argv[1:])
print("first of", mine.name, flush=True)
mine.touch()
deadline = time.monotonic() + 60
while not all(each.exists() for each in others):
    assert time.monotonic() < deadline, "they do not run at the same time"
    time.sleep(0.01)
print("last of", mine.name)
"""


def test_tests_run_beside_each_other_and_all_else_and_each_is_printed_in_one_piece(
    tmp_path, capsys
):
    a, b, c = (str(tmp_path / name) for name in "abc")
    steps = [
        check.Step("lint", ("-c", MEET, a, b, c)),
        check.Step("tests", ("-c", MEET, b, c, a), runs_tests=True),
        check.Step("in real time", ("-c", MEET, c, a, b), check.REAL_TIME, runs_tests=True),
    ]

    outcomes = check.run(steps)

    assert [each.has_passed for each in outcomes] == [True] * 3
    said = [line for line in capsys.readouterr().out.splitlines() if " of " in line]
    assert said == [f"{end} of {name}" for name in "abc" for end in ("first", "last")]


def test_what_is_after_begins_when_all_others_have_ended(tmp_path):
    early, late = "a.touch(); time.sleep(0.2); a.unlink()", "assert not a.exists()"
    begin = f"import pathlib, time; a = pathlib.Path({str(tmp_path / 'a')!r}); "

    outcomes = check.run(
        [
            check.Step("early", ("-c", begin + early), runs_tests=True),
            check.Step("late", ("-c", begin + late), runs_tests=True, is_after=True),
            check.Step("later", ("-c", begin + late), is_after=True),
        ]
    )

    assert [each.has_passed for each in outcomes] == [True] * 3


def test_every_test_of_pages_is_where_the_gate_looks_for_them():
    tests = (path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    marked = {path for path in tests if "mark.page" in path.read_text(encoding="utf-8")}

    assert {path.parent for path in marked} == {ROOT / "tests/browser"}
    assert {ROOT / each for each in check._HALF_OF_THE_PAGES} < marked


def test_what_runs_no_tests_runs_one_after_another(tmp_path):
    # Each makes a folder that may not be there yet, and takes it away when it ends.
    alone = "import pathlib, sys, time; folder = pathlib.Path(sys.argv[1]); folder.mkdir(); "
    code = alone + "time.sleep(0.2); folder.rmdir()"

    outcomes = check.run(
        [check.Step(name, ("-c", code, str(tmp_path / "folder"))) for name in "ab"]
    )

    assert [each.has_passed for each in outcomes] == [True, True]


def test_what_is_beside_the_tests_in_real_time_yields_to_them_each_as_it_should(capsys):
    own = os.getpriority(os.PRIO_PROCESS, 0)
    show = "import os, time; own = lambda: os.getpriority(os.PRIO_PROCESS, 0); "
    # It is set when the program has begun already.
    wait = f"end = time.monotonic() + 60\nwhile own() == {own} and time.monotonic() < end: pass\n"
    say = "print('priority', own())"

    check.run(
        [
            check.Step("less", ("-c", show + wait + say), own + 1),
            check.Step("least", ("-c", show + wait + say), own + 2),
            check.Step("in real time", ("-c", show + say), check.REAL_TIME),
        ]
    )

    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("priority")]
    assert said == [f"priority {own + 1}", f"priority {own + 2}", f"priority {own}"]


def test_programs_keep_the_code_that_they_compile_but_not_beside_its_source(monkeypatch, capsys):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import sys; print(sys.dont_write_bytecode, sys.pycache_prefix)"

    check.run([check.Step("other", ("-c", code))])

    is_left, folder = capsys.readouterr().out.split()[-2:]
    assert is_left == "False"
    assert not Path(folder).exists()
    assert not Path(folder).is_relative_to(ROOT)


INTERRUPTED = """
import sys
from tests import check
here, there, third = sys.argv[1:]
wait = '''
import os, pathlib, sys, time
mine, other = map(pathlib.Path, sys.argv[1:])
mine.write_text(str(os.getpid()))
while not other.exists() or not other.read_text():
    time.sleep(0.01)
print("both wait", flush=True)
time.sleep(300)
'''
check.run([
    check.Step("one", ("-c", wait, here, there)),
    check.Step("two", ("-c", wait, there, here), runs_tests=True),
    check.Step("three", ("-c", "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()", third)),
])
"""


def test_a_gate_that_is_interrupted_ends_what_runs_and_begins_nothing(tmp_path):
    here, there, third = tmp_path / "here", tmp_path / "there", tmp_path / "third"
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(here), str(there), str(third)], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as gate:  # fmt: skip
        assert gate.stdout is not None
        assert any(line == "both wait\n" for line in gate.stdout)
        gate.send_signal(signal.SIGINT)

    assert gate.returncode != 0
    for path in (here, there):
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.read_text()), 0)
    assert not third.exists()


def test_a_step_that_heeds_no_interrupt_is_ended_all_the_same(monkeypatch):
    monkeypatch.setattr(check, "END_TIMEOUT_S", 0.1)
    code = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    deaf = check.Step("deaf", ("-c", code + "print('ready', flush=True); time.sleep(300)"))
    running = check.Running(deaf, os.environ)
    thread = threading.Thread(target=running.run)
    thread.start()
    next(iter(running.lines()))

    running.end()

    thread.join()
    assert not running.outcome.has_passed


def test_tests_means_all_of_their_processes_and_an_expression_is_handed_to_each(steps, capsys):
    show = ("-c", "import sys; print(sys.argv)")
    steps(
        check.Step("lint", show),
        check.Step("tests", show, runs_tests=True),
        check.Step("tests in real time", show, check.REAL_TIME, runs_tests=True),
        check.Step("tests of pages", show, runs_tests=True, is_after=True),
    )

    check.main(["--only", "tests", "-k", "barge_in"])

    assert capsys.readouterr().out.count("['-c', '-k', 'barge_in']") == 3


@pytest.mark.parametrize(
    ("statuses", "arguments", "expected"),
    [
        ((0, 5), ["-k", "any"], 0),
        ((5, 0), ["-k", "any"], 0),
        ((5, 1), ["-k", "any"], 1),
        ((5, 5), ["-k", "any"], 1),
        ((0, 5), [], 1),
    ],
    ids=["one has none", "other has none", "one has none, other fails", "no tests", "no choice"],
)
def test_a_process_without_tests_fails_unless_they_were_chosen_and_the_other_has_some(
    steps, statuses, arguments, expected
):
    lines = [NONE_CHOSEN if status == check.NO_TESTS_COLLECTED else PASSED for status in statuses]
    steps(
        pytest_that_says("tests", lines[0], statuses[0]),
        pytest_that_says("tests in real time", lines[1], statuses[1], check.REAL_TIME),
    )

    assert check.main(arguments) == expected


def test_what_is_missing_is_named_with_the_line_that_gets_it():
    need = system_packages.Need("a bell", lambda: False, ("bell1",), ("bell",), ("gnu-bell",))

    text = system_packages.advice([need])

    assert "- a bell" in text
    assert "sudo apt-get install --no-install-recommends bell1" in text
    assert "sudo dnf install bell" in text


def test_a_missing_part_stops_the_gate_before_the_tests(steps, monkeypatch, capsys):
    need = system_packages.Need("a bell", lambda: False, ("bell1",), ("bell",), ("gnu-bell",))
    steps(check.Step("tests", ("-c", "print('tests ran')"), runs_tests=True))
    monkeypatch.setattr(system_packages, "NEEDS", (need,))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

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


@pytest.fixture
def run_tests(pytester, monkeypatch):
    """Runs test files, by their paths, with what our own tests' settings do to each run."""
    monkeypatch.setenv("CI", "")

    def run(*arguments: str, **files: str) -> pytest.RunResult:
        pytester.makepyfile(**files)
        settings = "--override-ini=asyncio_default_fixture_loop_scope=function"
        result: pytest.RunResult = pytester.runpytest_inprocess(
            "-p", "tests.conftest", settings, "-v", *arguments
        )
        return result

    return run


@pytest.mark.parametrize(("in_ci", "expected"), [("true", 1), ("", 0)])
def test_a_skipped_test_fails_the_run_in_ci_only(run_tests, monkeypatch, in_ci, expected):
    monkeypatch.setenv("CI", in_ci)

    result = run_tests(test_skip="import pytest\n\ndef test_nothing(): pytest.skip('on purpose')")

    assert result.ret == expected
    assert ("no test may be skipped" in result.stdout.str()) is bool(expected)


def test_the_processes_of_the_tests_have_all_of_them_and_none_twice():
    chosen = [
        each.arguments[each.arguments.index("-m", 2) :] for each in check.STEPS if each.runs_tests
    ]
    everywhere = {each[1] for each in chosen if len(each) == 2}
    ((_, _, *half), (_, _, folder, *without)) = (each for each in chosen if each[1] == "page")

    # No test is marked as both: see the next one. For the halves see above.
    assert everywhere == {"not realtime and not page", "realtime"}
    assert folder == "tests/browser"
    assert [f"--ignore={each}" for each in half] == without


def test_in_real_time_is_what_needs_the_sound_card_or_a_browser_and_looks_not_at_pages_alone(
    run_tests, monkeypatch, pytester
):
    monkeypatch.setattr(conftest, "FOLDER_IN_REAL_TIME", pytester.path / "browser")
    test = """
        import pytest

        @pytest.fixture
        def {name}(): pass

        @pytest.fixture
        def through_another({name}): pass

        def test_{name}(through_another): pass
        def test_beside_{name}(): pass
    """
    files = {
        "test_a": test.format(name="sound_card"),
        "test_b": test.format(name="chromium"),
        "test_c": test.format(name="neither"),
        "browser/test_d": "def test_in_the_folder(): pass",
        "test_e": """
            import pytest

            @pytest.mark.page
            @pytest.mark.usefixtures("chromium")
            def test_of_a_page(): pass

            @pytest.mark.usefixtures("chromium")
            def test_beside_one(): pass

            @pytest.fixture
            def chromium(): pass
        """,
    }
    pytester.mkdir("browser")

    in_real_time = run_tests("-m", "realtime", **files)
    of_pages = run_tests("-m", "page", **files)
    others = run_tests("-m", "not realtime and not page", **files)

    in_real_time.assert_outcomes(passed=4, deselected=3)
    assert "neither" not in in_real_time.stdout.str()
    of_pages.assert_outcomes(passed=1, deselected=1)
    assert "test_e.py::test_of_a_page PASSED" in of_pages.stdout.str()
    others.assert_outcomes(passed=4, deselected=5)


def test_a_file_with_a_test_in_real_time_has_to_show_it(run_tests, pytester):
    pytester.makeconftest("import pytest\n\n@pytest.fixture\ndef sound_card(): pass")
    pytester.makeini("[pytest]\nusefixtures = sound_card")

    result = run_tests(test_a="def test_silently(): pass")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "test_a.py has to name sound_card, which test_silently uses." in result.stderr.str()


def test_a_file_with_a_test_of_a_page_has_to_show_it(run_tests, pytester):
    pytester.makeconftest(
        "def pytest_itemcollected(item): item.add_marker('page')\n"
        "def pytest_configure(config): config.addinivalue_line('markers', 'page: one')"
    )

    result = run_tests(test_a="def test_silently(): pass")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    expected = "test_a.py has to name pytest.mark.page: test_silently has it."
    assert expected in result.stderr.str()


@pytest.mark.parametrize(
    ("installed", "is_there"), [("1.2.3", True), ("1.2.4", False), (None, False)]
)
def test_clients_of_javascript_count_in_their_pinned_versions_alone(
    monkeypatch, tmp_path, installed, is_there
):
    def lock(path, version):
        path.parent.mkdir(exist_ok=True)
        packages = {"": {"name": "clients"}, "node_modules/one": {"version": version}}
        path.write_text(json.dumps({"packages": packages}))

    monkeypatch.setattr(javascript_clients, "FOLDER", tmp_path)
    lock(tmp_path / "package-lock.json", "1.2.3")
    if installed is not None:
        lock(tmp_path / "node_modules/.package-lock.json", installed)

    assert javascript_clients.is_there() is is_there


def test_the_clients_of_javascript_are_pinned_and_say_not_where_they_come_from():
    package = json.loads((javascript_clients.FOLDER / "package.json").read_text())
    lock = (javascript_clients.FOLDER / "package-lock.json").read_text()

    assert all(version[-1].isdigit() for version in package["dependencies"].values())
    assert not any(sign in each for each in package["dependencies"].values() for sign in "^~*>")
    assert "://" not in lock
    assert lock.count('"integrity"') == len(package["dependencies"])
