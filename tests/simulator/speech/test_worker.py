from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import pytest
import pytest_asyncio

from console.errors import SpeechEngineError
from console.simulator.speech import worker as worker_module
from console.simulator.speech.worker import MAX_WAITING, Worker
from tests.simulator import broken_process, echo_process


@pytest_asyncio.fixture
async def worker():
    made = Worker(echo_process.__name__, "echo")
    yield made
    await made.close()


async def ask(worker: Worker, payload: bytes = b"", **header) -> list[bytes]:
    async with contextlib.aclosing(worker.request(header, payload)) as answers:
        return [sound async for _, sound in answers]


def begin(worker: Worker) -> tuple[asyncio.Task[None], asyncio.Event]:
    """Start a request that only ends when it is cancelled, and say when it is being done."""
    has_begun = asyncio.Event()

    async def run() -> None:
        async for _ in worker.request({"times": 1, "until_cancelled": True}):
            has_begun.set()

    return asyncio.ensure_future(run()), has_begun


async def test_a_request_waits_until_the_program_is_loaded(worker):
    assert not worker.is_ready
    assert await ask(worker, b"abc", times=2) == [b"abc", b"abc"]
    assert worker.is_ready


async def test_the_program_gets_its_arguments():
    made = Worker(echo_process.__name__, "echo", ["one", "two words"])
    assert await ask(made, b"x", arguments=True) == [b"one|two words"]
    await made.close()


async def test_requests_at_the_same_time_share_one_process(worker):
    answers = await asyncio.gather(*(ask(worker, bytes([n]), times=1) for n in range(5)))

    assert answers == [[bytes([n])] for n in range(5)]


async def test_large_payloads_pass_both_ways(worker):
    sound = os.urandom(3_000_000)

    assert await ask(worker, sound, times=1) == [sound]


async def test_a_failure_of_the_engine_is_raised(worker):
    with pytest.raises(SpeechEngineError, match="echo failed: ValueError: no luck"):
        await ask(worker, fail="no luck")

    assert await ask(worker, b"a", times=1) == [b"a"]


async def test_closing_the_answers_cancels_the_request(worker):
    answers = worker.request({"times": 1, "until_cancelled": True}, b"a")
    await anext(answers)
    await answers.aclose()

    assert await ask(worker, b"b", times=1) == [b"b"]


async def test_cancelling_the_caller_cancels_the_request(worker):
    await ask(worker)
    waiting, has_begun = begin(worker)
    await has_begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert await ask(worker, b"b", times=1) == [b"b"]


async def test_a_request_that_was_cancelled_while_loading_does_not_stop_the_loading(worker):
    impatient = asyncio.ensure_future(ask(worker, times=1))
    patient = asyncio.ensure_future(ask(worker, b"b", times=1))
    await asyncio.sleep(0)
    impatient.cancel()

    assert await patient == [b"b"]


async def test_a_process_that_dies_is_started_again_and_the_request_repeated(worker, tmp_path):
    assert await ask(worker, b"a", die_once=str(tmp_path / "died"), times=0) == []
    assert await ask(worker, b"a", times=1) == [b"a"]


async def test_a_process_that_was_killed_is_started_for_the_next_request(worker):
    await ask(worker)
    first = worker.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)

    assert await ask(worker, b"a", times=1) == [b"a"]
    assert worker.process_id != first


async def test_a_request_that_kills_the_process_twice_is_given_up(worker):
    with pytest.raises(SpeechEngineError, match="echo has stopped"):
        await ask(worker, die=True)

    assert await ask(worker, b"a", times=1) == [b"a"]


async def test_half_an_answer_is_not_repeated(worker):
    got = []

    async def collect() -> None:
        async for _, sound in worker.request({"times": 1, "die": True}, b"a"):
            got.append(sound)

    with pytest.raises(SpeechEngineError, match="in the middle"):
        await collect()

    assert got == [b"a"]


async def test_an_engine_that_cannot_load_says_why():
    worker = Worker(broken_process.__name__, "broken engine")

    with pytest.raises(SpeechEngineError, match=r"broken engine cannot be loaded.*is missing"):
        await ask(worker)
    await worker.close()


async def test_a_program_that_does_not_exist_says_so():
    worker = Worker("console.simulator.no_such_program", "ghost")

    with pytest.raises(SpeechEngineError, match="ghost cannot be loaded: it ended at once"):
        await ask(worker)
    await worker.close()


async def test_a_stuck_process_is_ended_and_the_request_given_up(worker, monkeypatch):
    await ask(worker)
    monkeypatch.setattr(worker_module, "SILENCE_TIMEOUT_S", 0.2)

    with pytest.raises(SpeechEngineError, match="has stopped"):
        await ask(worker, sleep_s=60)


async def test_too_many_waiting_requests_are_refused(worker):
    await ask(worker)
    begun = [begin(worker) for _ in range(MAX_WAITING)]
    # The first is being done; the others have been sent before its first answer came.
    await begun[0][1].wait()

    with pytest.raises(SpeechEngineError, match="busy"):
        await ask(worker)

    for each, _ in begun:
        each.cancel()
    await asyncio.gather(*(each for each, _ in begun), return_exceptions=True)


async def test_closing_ends_the_process_within_two_seconds_even_if_it_hangs():
    worker = Worker(echo_process.__name__, "echo")
    await ask(worker)
    process_id = worker.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGSTOP)

    async with asyncio.timeout(2):
        await worker.close()

    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


async def test_closing_while_loading_ends_what_waits():
    worker = Worker(echo_process.__name__, "echo")
    waiting = asyncio.ensure_future(ask(worker, times=1))
    await asyncio.sleep(0)

    await worker.close()

    with pytest.raises(SpeechEngineError):
        await waiting


async def test_closing_twice_and_without_a_start_is_fine():
    worker = Worker(echo_process.__name__, "echo")

    await worker.close()
    await worker.close()

    with pytest.raises(SpeechEngineError, match="closed"):
        await ask(worker)
