"""An hour of conversation and longer: what an event costs, and what is kept, as time goes on.

    python tests/bench/bench_client_hour.py --minutes 30 --stretches 6 --keep-audio disk

Turns follow one another, each with 3 s of the user's speech and 7 s of the answer's, all in
chunks of 100 ms, with transcripts: what a real session brings, without its pauses. The transport
is a queue in this process, so that nothing but the client is measured. Each stretch is compared
with the first; the memory is of the whole process, the audio wherever it is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from console import pcm
from console.client.audio_files import KeepAudio
from console.client.client import RealtimeClient
from console.transport import Closed

PROMISE = 1.5
"""How much more than at the beginning an event may cost."""
HEARD_MS, SAID_MS, CHUNK_MS = 3_000, 7_000, 100
CHUNK = bytes(range(256)) * (CHUNK_MS * pcm.BYTES_PER_MS // 256) + bytes(
    CHUNK_MS * pcm.BYTES_PER_MS % 256
)
SESSION = {
    "type": "realtime",
    "id": "sess_1",
    "audio": {
        "input": {
            "transcription": {"model": "gpt-realtime-whisper"},
            "turn_detection": {"type": "server_vad", "interrupt_response": True},
        }
    },
}


class Queued:
    """A transport whose other end is a queue."""

    is_backed_up = False

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[str | Closed] = asyncio.Queue()
        self.n_sent = 0

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> Queued:
        return self

    async def send(self, text: str) -> None:
        self.n_sent += 1

    async def receive(self) -> str | Closed:
        message = await self.incoming.get()
        self.incoming.task_done()
        return message

    async def ping(self, timeout_s: float) -> bool:
        return True

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.incoming.put_nowait(Closed(code, reason))

    async def deliver(self, events: Iterator[dict[str, object]]) -> int:
        n_events = 0
        for event in events:
            self.incoming.put_nowait(json.dumps({"event_id": f"event_{n_events}", **event}))
            n_events += 1
        await self.incoming.join()
        return n_events


def user_turn(n: int, ended_ms: int) -> Iterator[dict[str, object]]:
    item_id, before = f"item_u{n}", f"item_a{n - 1}" if n else None
    audio = {"type": "input_audio", "transcript": None}
    item = {
        "id": item_id,
        "type": "message",
        "role": "user",
        "status": "completed",
        "content": [audio],
    }
    buffer, transcription = "input_audio_buffer.", "conversation.item.input_audio_transcription."
    began = {"audio_start_ms": ended_ms - HEARD_MS, "item_id": item_id}
    yield {"type": buffer + "speech_started", **began}
    yield {"type": buffer + "speech_stopped", "audio_end_ms": ended_ms, "item_id": item_id}
    yield {"type": buffer + "committed", "item_id": item_id, "previous_item_id": before}
    yield {"type": "conversation.item.added", "previous_item_id": before, "item": item}
    yield {"type": "conversation.item.done", "previous_item_id": before, "item": item}
    words = "What is the weather like in Toronto today?"
    where = {"item_id": item_id, "content_index": 0}
    yield {"type": transcription + "delta", **where, "delta": words}
    usage = {"type": "duration", "seconds": 3}
    yield {"type": transcription + "completed", **where, "transcript": words, "usage": usage}


def answer(n: int) -> Iterator[dict[str, object]]:
    response_id, item_id = f"resp_{n}", f"item_a{n}"
    where = {
        "response_id": response_id,
        "item_id": item_id,
        "output_index": 0,
        "content_index": 0,
    }
    response = {"id": response_id, "status": "in_progress", "conversation_id": "conv_1"}
    item = {"id": item_id, "type": "message", "role": "assistant", "content": []}
    added = {"previous_item_id": f"item_u{n}", "item": {**item, "status": "in_progress"}}
    yield {"type": "response.created", "response": response}
    yield {"type": "response.output_item.added", "response_id": response_id, **added}
    yield {"type": "conversation.item.added", **added}
    delta = pcm.encode(CHUNK)
    for at in range(SAID_MS // CHUNK_MS):
        if at % 2 == 0:
            yield {"type": "response.output_audio_transcript.delta", **where, "delta": "word "}
        yield {"type": "response.output_audio.delta", **where, "delta": delta}
    text = "word " * (SAID_MS // CHUNK_MS // 2)
    done = {
        **item,
        "status": "completed",
        "content": [{"type": "output_audio", "transcript": text}],
    }
    yield {"type": "response.output_audio_transcript.done", **where, "transcript": text}
    yield {"type": "conversation.item.done", "previous_item_id": f"item_u{n}", "item": done}
    yield {"type": "response.output_item.done", "response_id": response_id, "item": done}
    yield {"type": "response.done", "response": {**response, "status": "completed"}}


def resident_mb() -> float:
    """Return how much memory the process has, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


async def main(minutes: float, stretches: int, keep_audio: KeepAudio) -> bool:
    """Print a line for each stretch; return whether all keep the promise."""
    line = Queued()
    client = RealtimeClient(
        url="ws://127.0.0.1/v1/realtime",
        open_transport=line.open,
        keep_audio=keep_audio,
        reconnect=None,
    )
    line.incoming.put_nowait(json.dumps({"type": "session.created", "session": SESSION}))
    await client.connect()
    line.incoming.put_nowait(json.dumps({"type": "session.updated", "session": SESSION}))
    await client.update_session(turn_detection={"type": "server_vad"})
    print(f"{'talk':>8} {'an event':>10} {'ratio':>6} {'process':>10} {'audio kept':>16}")
    n_turns = max(1, int(minutes * 60_000 / (HEARD_MS + SAID_MS)))
    first_us, is_kept, at = 0.0, True, 0
    for stretch in range(stretches):
        n_events, spent_s = 0, 0.0
        for _ in range(n_turns):
            began_s = time.process_time()
            for _ in range(HEARD_MS // CHUNK_MS):
                await client.append_input_audio(CHUNK)
            n_events += HEARD_MS // CHUNK_MS
            n_events += await line.deliver(user_turn(at, (at + 1) * HEARD_MS))
            n_events += await line.deliver(answer(at))
            spent_s += time.process_time() - began_s
            at += 1
        gc.collect()
        assert len(client.conversation.items) == 2 * at, "no item is lost"
        cost_us = spent_s / n_events * 1e6
        first_us = first_us or cost_us
        is_kept = is_kept and cost_us / first_us <= PROMISE
        print(
            f"{(stretch + 1) * minutes:>4g} min {cost_us:>7.1f} us {cost_us / first_us:>6.2f} "
            f"{resident_mb():>7.0f} MB {client.conversation.kept_audio_bytes / 1e6:>13.1f} MB"
        )
    await client.disconnect()
    return is_kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30, help="talk in each stretch")
    parser.add_argument("--stretches", type=int, default=6)
    parser.add_argument("--keep-audio", choices=get_args(KeepAudio), default="disk")
    options = parser.parse_args()
    kept = asyncio.run(main(options.minutes, options.stretches, options.keep_audio))
    sys.exit(0 if kept else 1)
