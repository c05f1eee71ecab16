import subprocess
import sys

import pytest

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
