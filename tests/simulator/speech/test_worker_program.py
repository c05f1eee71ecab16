from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from console.simulator.speech.worker_program import LENGTHS, pack
from tests.simulator import echo_process


@pytest.fixture
def program():
    process = subprocess.Popen(
        [sys.executable, "-m", echo_process.__name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.communicate()


def send(program, header, payload=b""):
    program.stdin.write(pack(header, payload))
    program.stdin.flush()


def receive(program):
    lengths = LENGTHS.unpack(program.stdout.read(LENGTHS.size))
    return json.loads(program.stdout.read(lengths[0])), program.stdout.read(lengths[1])


def test_a_message_is_two_lengths_json_and_bytes():
    assert pack({"id": 1}, b"abc") == b"\0\0\0\x09\0\0\0\x03" + b'{"id": 1}' + b"abc"


def test_the_program_says_when_it_is_loaded(program):
    assert receive(program) == ({"id": 0, "done": True}, b"")


def test_requests_are_answered_one_after_the_other(program):
    send(program, {"id": 1, "times": 2}, b"a")
    send(program, {"id": 2, "times": 1}, b"b")

    got = [receive(program) for _ in range(6)]

    assert [(each["id"], payload) for each, payload in got if "done" not in each] == [
        (1, b"a"),
        (1, b"a"),
        (2, b"b"),
    ]
    assert [each["id"] for each, _ in got if "done" in each] == [0, 1, 2]


def test_a_failure_is_an_answer_and_the_program_goes_on(program):
    receive(program)
    send(program, {"id": 1, "fail": "no luck"})
    send(program, {"id": 2, "times": 1}, b"b")

    assert receive(program)[0] == {"id": 1, "done": True, "error": "ValueError: no luck"}
    assert receive(program)[1] == b"b"


def test_a_cancelled_request_is_not_done(program):
    receive(program)
    send(program, {"id": 1, "until_cancelled": True})
    send(program, {"id": 2, "times": 1})
    send(program, {"cancel": 2})
    send(program, {"cancel": 1})

    assert receive(program)[0] == {"id": 1, "done": True}
    assert receive(program)[0] == {"id": 2, "done": True}


def test_what_libraries_print_does_not_disturb_the_answers(program):
    receive(program)
    send(program, {"id": 1, "print": "noise", "times": 1}, b"a")

    assert receive(program) == ({"id": 1}, b"a")


def test_the_program_ends_when_its_input_does(program):
    receive(program)
    program.stdin.close()
    program.stdin = None

    assert program.wait(timeout=20) == 0


def test_the_program_ends_in_the_middle_of_work_when_its_input_does(program):
    receive(program)
    send(program, {"id": 1, "until_cancelled": True})
    program.stdin.close()
    program.stdin = None

    assert program.wait(timeout=20) == 0


def test_ctrl_c_leaves_the_program_alone(program):
    receive(program)
    program.send_signal(signal.SIGINT)
    send(program, {"id": 1, "times": 1}, b"a")

    assert receive(program)[1] == b"a"
