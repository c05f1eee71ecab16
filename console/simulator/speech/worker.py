"""A worker process as the event loop sees it: start, ask, cancel, end."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Final

import console
from console import tasks
from console.errors import SpeechEngineError
from console.simulator.speech.worker_program import LENGTHS, READY_ID, Header, pack

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 64
"""So many requests may wait at a time; more are refused rather than answered too late."""
CLOSE_TIMEOUT_S: Final = 0.8
LOAD_TIMEOUT_S: Final = 60.0
SILENCE_TIMEOUT_S: Final = 30.0
"""A worker that says nothing for so long while a request waits is stuck, and is ended."""
_CODE_ROOT: Final = Path(console.__file__).parents[1]

_Answers = asyncio.Queue["tuple[Header, bytes] | None"]


class Worker:
    """One program with a heavy engine inside, shared by all sessions.

    It is a program rather than a fork: the recogniser holds the interpreter's lock, the speech
    library's licence wants a process of its own, and neither may inherit sockets or import the
    page. When it dies it is started again for the next request.
    """

    def __init__(self, module: str, name: str, arguments: Sequence[str] = ()) -> None:
        """Prepare, without starting.

        Args:
            module: The program, as `python -m` takes it.
            name: What people call it, as in "the {name} has stopped".
            arguments: Of the program.
        """
        self._module = module
        self._arguments = tuple(arguments)
        self._name = name
        self._ids = itertools.count(READY_ID + 1)
        self._open: dict[int, _Answers] = {}
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._is_ready = False
        self._is_closed = False
        self._heard_at_s = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether the engine is loaded."""
        return self._is_ready

    @property
    def is_idle(self) -> bool:
        """Whether the engine is loaded and has nothing to do."""
        return self._is_ready and not self._open

    @property
    def process_id(self) -> int | None:
        """The operating system's number of the process, while it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Begin to load in the background, unless that has been done."""
        if self._starting is None and not self._is_closed:
            self._starting = tasks.spawn(self._begin(), name=f"start the {self._name}")

    async def request(
        self, header: Header, payload: bytes = b""
    ) -> AsyncGenerator[tuple[Header, bytes], None]:
        """Send a request and yield its answers; closing the generator cancels it.

        Raises:
            SpeechEngineError: The worker cannot be started, has died on this request twice, has
                reported an error, or too many requests wait already.
        """
        if len(self._open) >= MAX_WAITING:
            raise SpeechEngineError(f"The {self._name} is busy: {MAX_WAITING} requests wait.")
        has_answered = False
        for attempt in (1, 2):
            async with contextlib.aclosing(self._attempt(header, payload)) as answers:
                async for answer in answers:
                    if answer is None:
                        break
                    has_answered = True
                    yield answer
                else:
                    return
            # Half an answer must not be followed by a whole one.
            if attempt == 2 or has_answered or self._is_closed:
                raise SpeechEngineError(f"The {self._name} has stopped in the middle of its work.")
            logger.warning("the %s has died; it is started again", self._name)

    async def close(self) -> None:
        """End the process, kindly and then not, within two seconds. Safe to call twice."""
        self._is_closed = True
        await tasks.cancel(self._starting)
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            process.stdin.close()
            try:
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await process.wait()
            except TimeoutError:
                _kill(process)
                await process.wait()
        if self._reader is not None:
            await self._reader
        self._is_ready = False

    async def _attempt(
        self, header: Header, payload: bytes
    ) -> AsyncGenerator[tuple[Header, bytes] | None, None]:
        """Yield the answers of one try; None when the process has died."""
        process = await self._running()
        assert process.stdin is not None
        request_id = next(self._ids)
        answers: _Answers = asyncio.Queue()
        self._open[request_id] = answers
        is_done = False
        self._heard_at_s = asyncio.get_running_loop().time()
        try:
            process.stdin.write(pack({"id": request_id, **header}, payload))
            while not is_done:
                answer = await self._next(answers, process)
                is_done = answer is None or "done" in answer[0]
                if answer is not None and "error" in answer[0]:
                    raise SpeechEngineError(f"The {self._name} failed: {answer[0]['error']}.")
                if answer is None or not is_done:
                    yield answer
        finally:
            del self._open[request_id]
            if not is_done and not process.stdin.is_closing():
                process.stdin.write(pack({"cancel": request_id}))

    async def _next(self, answers: _Answers, process: Process) -> tuple[Header, bytes] | None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(SILENCE_TIMEOUT_S):
                    return await answers.get()
            except TimeoutError:
                if loop.time() - self._heard_at_s >= SILENCE_TIMEOUT_S:
                    logger.warning("the %s is stuck; it is ended", self._name)
                    _kill(process)

    async def _running(self) -> Process:
        if self._is_closed:
            raise SpeechEngineError(f"The {self._name} has been closed.")
        self.start()
        assert self._starting is not None
        # Several may wait for the same start; one that gives up must not stop it.
        try:
            await asyncio.shield(self._starting)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._is_closed and task is not None and not task.cancelling():
                raise SpeechEngineError(f"The {self._name} has been closed.") from None
            raise
        assert self._process is not None
        return self._process

    async def _begin(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                *self._arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                # `-m` looks into the working directory first: the program is ours, wherever
                # the console was started.
                cwd=_CODE_ROOT,
                # Ctrl-C in the terminal is for the console, from the first moment on.
                start_new_session=True,
            )
        except OSError as error:
            self._starting = None
            raise SpeechEngineError(f"The {self._name} cannot be started: {error}.") from error
        self._process = process
        ready: _Answers = asyncio.Queue()
        self._open[READY_ID] = ready
        self._reader = tasks.spawn(self._read(process), name=f"read from the {self._name}")
        try:
            async with asyncio.timeout(LOAD_TIMEOUT_S):
                answer = await ready.get()
        except TimeoutError:
            _kill(process)
            raise SpeechEngineError(
                f"The {self._name} has not loaded within {LOAD_TIMEOUT_S:.0f} seconds."
            ) from None
        finally:
            self._open.pop(READY_ID, None)
        if answer is None or "error" in answer[0]:
            reason = answer[0]["error"] if answer else "it ended at once"
            raise SpeechEngineError(f"The {self._name} cannot be loaded: {reason}.")
        self._is_ready = True
        logger.info("the %s is ready", self._name)

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        # The end of the stream in the middle of a message is the end as well.
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionResetError):
            while True:
                lengths = LENGTHS.unpack(await process.stdout.readexactly(LENGTHS.size))
                header: Header = json.loads(await process.stdout.readexactly(lengths[0]))
                payload = await process.stdout.readexactly(lengths[1])
                self._heard_at_s = asyncio.get_running_loop().time()
                # Answers to a request that was cancelled find nobody.
                if (answers := self._open.get(header["id"])) is not None:
                    answers.put_nowait((header, payload))
        await process.wait()
        self._is_ready = False
        self._starting = None
        self._process = None
        for answers in self._open.values():
            answers.put_nowait(None)


def _kill(process: Process) -> None:
    # It may have ended by itself in the meantime.
    with contextlib.suppress(ProcessLookupError):
        process.kill()
