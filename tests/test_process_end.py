import queue
import subprocess
import sys

import pytest

from console.process_end import LastMoment
from tests.live_console import ROOT

PROGRAM = """
import atexit, sys
from console.process_end import run_to_the_end

class Heavy:
    def __del__(self):
        print("taken apart")

kept = [Heavy()]
kept.append(kept)  # only the collector of garbage would find it
atexit.register(print, "put away")
sys.excepthook = lambda kind, error, trace: print("told:", error)

def program():
    print("runs")
    {what}

run_to_the_end(program)
"""


@pytest.mark.parametrize(
    ("what", "status", "told"),
    [
        ("pass", 0, []),
        ("sys.exit()", 0, []),
        ("sys.exit(3)", 3, []),
        ("sys.exit('no such file')", 1, ["no such file"]),
        ("raise KeyboardInterrupt", 130, []),
        ("raise RuntimeError('it failed')", 1, ["told: it failed"]),
    ],
)
def test_a_program_ends_with_its_status_and_what_was_registered_but_is_not_taken_apart(
    what, status, told
):
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(what=what)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == status
    assert sorted(ended.stdout.splitlines()) == sorted(["runs", *told, "put away"])


@pytest.mark.parametrize(("is_complete", "status"), [(True, 0), (False, 1)])
def test_what_does_not_end_in_time_is_cut_off_and_the_status_says_whether_something_is_missing(
    is_complete, status, capfd
):
    slept: queue.SimpleQueue[float] = queue.SimpleQueue()
    ended: queue.SimpleQueue[int] = queue.SimpleQueue()
    moment = LastMoment(4.5, lambda: is_complete, sleep=slept.put, end=ended.put)
    moment.watch()
    assert slept.empty(), "nothing has begun to end"

    moment.nears()
    moment.nears()

    assert ended.get(timeout=30) == status
    assert slept.get_nowait() == 4.5
    assert slept.empty()
    assert "ending: cut off what had not ended within 4.5 s" in capfd.readouterr().err
