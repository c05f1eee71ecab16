"""The inside of a worker process: requests come on standard input, answers go to standard output.

A message is two lengths (big-endian u32), a JSON object, and bytes. A request has an `id`; each
of its answers has the same, the last one `done`. `{"cancel": id}` asks to leave a request alone.
The process ends when its input does, so it never outlives the console.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, Final

LENGTHS: Final = struct.Struct(">II")
READY_ID: Final = 0
"""The id of the one message that a worker sends unasked: it is loaded."""

Header = dict[str, Any]
Answer = Callable[[Header, bytes], None]
IsCancelled = Callable[[], bool]
Work = Callable[[Header, bytes, Answer, IsCancelled], None]
"""Does one request: header, bytes, where to put answers, and whether they are still wanted."""


def pack(header: Header, payload: bytes = b"") -> bytes:
    """Return a message as it travels."""
    text = json.dumps(header).encode()
    return LENGTHS.pack(len(text), len(payload)) + text + payload


def serve(load: Callable[[], Work]) -> None:
    """Load the engine, say that it is ready, and do requests one after the other for ever.

    Args:
        load: Loads what is heavy and returns what does one request. What either raises becomes
            an answer with `error`; the worker goes on.
    """
    # Ctrl-C goes to the whole terminal; the console decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inbox = _Inbox(sys.stdin.buffer)
    outbox = _private_output()

    def send(header: Header, payload: bytes = b"") -> None:
        outbox.write(pack(header, payload))
        outbox.flush()

    # A console that is gone reads no more; the inbox ends the process a moment later.
    with contextlib.suppress(BrokenPipeError):
        try:
            work = load()
        except Exception as error:
            send({"id": READY_ID, "error": _sentence(error), "done": True})
            return
        send({"id": READY_ID, "done": True})
        while True:
            _do_one(inbox, work, send)


def _do_one(inbox: _Inbox, work: Work, send: Answer) -> None:
    header, payload = inbox.next()
    request_id = header["id"]

    def answer(fields: Header, sound: bytes) -> None:
        send({"id": request_id, **fields}, sound)

    failure: Header = {}
    if not inbox.is_cancelled(request_id):
        try:
            work(header, payload, answer, lambda: inbox.is_cancelled(request_id))
        except BrokenPipeError:
            raise
        except Exception as error:
            failure = {"error": _sentence(error)}
    inbox.forget(request_id)
    send({"id": request_id, "done": True, **failure}, b"")


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _private_output() -> BinaryIO:
    """Return standard output, and send what libraries print there to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "wb")


class _Inbox:
    """Reads requests in a thread of its own, so that cancelling reaches a request being done."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: queue.SimpleQueue[tuple[Header, bytes]] = queue.SimpleQueue()
        self._open: set[int] = set()
        self._cancelled: set[int] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._read, name="worker-inbox", daemon=True).start()

    def next(self) -> tuple[Header, bytes]:
        """Wait for the next request."""
        return self._waiting.get()

    def is_cancelled(self, request_id: int) -> bool:
        """Return whether nobody wants the answer any more."""
        return request_id in self._cancelled

    def forget(self, request_id: int) -> None:
        """Let go of a request that has been done."""
        with self._lock:
            self._open.discard(request_id)
            self._cancelled.discard(request_id)

    def _read(self) -> None:
        while (message := self._read_message()) is not None:
            header, payload = message
            with self._lock:
                if "cancel" in header:
                    # Of a request that is done already there is nothing to remember.
                    self._cancelled |= self._open & {header["cancel"]}
                    continue
                self._open.add(header["id"])
            self._waiting.put((header, payload))
        # The console has closed the pipe or has died. Engines hold nothing worth saving.
        os._exit(0)

    def _read_message(self) -> tuple[Header, bytes] | None:
        lengths = self._file.read(LENGTHS.size)
        if len(lengths) < LENGTHS.size:
            return None
        text_bytes, payload_bytes = LENGTHS.unpack(lengths)
        text, payload = self._file.read(text_bytes), self._file.read(payload_bytes)
        if len(text) < text_bytes or len(payload) < payload_bytes:
            return None
        header: Header = json.loads(text)
        return header, payload
