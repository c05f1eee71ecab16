"""The other end of a WebRTC call: speaks, listens, and sends and receives events."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any

import httpx
import soxr
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

from console import pcm, tasks

FRAME = 960
RATE_HZ = 48_000


class Mouth(MediaStreamTrack):
    """Says what it is given, in real time, and is silent otherwise."""

    kind = "audio"

    def __init__(self):
        super().__init__()
        self._unsaid = bytearray()
        self._n_frames = 0
        self._began_s = None

    def say(self, pcm24k: bytes):
        samples = soxr.resample(pcm.to_float(pcm24k), pcm.SAMPLE_RATE_HZ, RATE_HZ)
        self._unsaid += pcm.from_float(samples)

    async def recv(self):
        now_s = asyncio.get_running_loop().time()
        if self._began_s is None:
            self._began_s = now_s
        await asyncio.sleep(self._began_s + self._n_frames * 0.02 - now_s)
        audio = bytes(self._unsaid[: 2 * FRAME]).ljust(2 * FRAME, b"\0")
        del self._unsaid[: 2 * FRAME]
        frame = AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(audio)
        frame.sample_rate = RATE_HZ
        frame.pts = self._n_frames * FRAME
        frame.time_base = Fraction(1, RATE_HZ)
        self._n_frames += 1
        return frame


class Caller:
    """A peer that calls a simulator."""

    def __init__(self, *, speaks=True, has_channel=True):
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.mouth = Mouth()
        self.heard = bytearray()
        """What has come: PCM16 mono 48 kHz."""
        self.events: list[dict[str, Any]] = []
        self.is_over = asyncio.Event()
        self.may_connect = asyncio.Event()
        """Cleared, it is answered and does not come to the call."""
        self.may_connect.set()
        self._news = asyncio.Event()
        self._sound_came = asyncio.Event()
        self._read = 0
        self._listening = None
        if speaks:
            self.peer.addTrack(self.mouth)
        self.peer.on("track", self._take_track)
        self.peer.on("connectionstatechange", self._look_at_state)
        self.channel = self.peer.createDataChannel("oai-events") if has_channel else None
        if self.channel is not None:
            self.channel.on("message", self._received)
            self.channel.on("close", self.is_over.set)

    async def call(self, server, *, headers=(), **session):
        """Call; returns the answer to the offer, and the id of the call."""
        await self.peer.setLocalDescription()
        form = {"sdp": (None, self.peer.localDescription.sdp)}
        if session:
            form["session"] = (None, json.dumps({"type": "realtime", **session}))
        async with httpx.AsyncClient(trust_env=False) as http:
            url = f"http://127.0.0.1:{server.port}/v1/realtime/calls"
            answer = await http.post(url, files=form, headers=dict(headers))
        assert answer.status_code == 201, answer.text
        await self.may_connect.wait()
        await self.peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        return answer.text, answer.headers["Location"].rpartition("/")[2]

    def send(self, event_type, **fields):
        assert self.channel is not None
        self.channel.send(json.dumps({"type": event_type, **fields}))

    async def until(self, event_type, *, timeout_s=15):
        """Return all events up to one of this type."""
        seen = []
        async with asyncio.timeout(timeout_s):
            while True:
                while self._read < len(self.events):
                    seen.append(self.events[self._read])
                    self._read += 1
                    if seen[-1]["type"] == event_type:
                        return seen
                self._news.clear()
                await self._news.wait()

    def sound(self):
        """What was heard so far, as floats at 24 kHz."""
        return soxr.resample(pcm.to_float(bytes(self.heard)), RATE_HZ, pcm.SAMPLE_RATE_HZ)

    async def hears(self, duration_s: float):
        """Wait until so much more was heard, be it silence."""
        async with asyncio.timeout(5 + duration_s):
            end = len(self.heard) + 2 * int(duration_s * RATE_HZ)
            while len(self.heard) < end:
                self._sound_came.clear()
                await self._sound_came.wait()

    async def close(self):
        await self.peer.close()
        # A track of a call that never came about does not end.
        await tasks.cancel(self._listening)

    def _take_track(self, track):
        self._listening = tasks.spawn(self._listen(track), name="listen")

    async def _listen(self, track):
        try:
            while True:
                frame = await track.recv()
                stereo = frame.to_ndarray().reshape(-1, 2)
                self.heard += stereo[:, 0].astype("<i2").tobytes()
                self._sound_came.set()
        except MediaStreamError:
            pass

    def _look_at_state(self):
        if self.peer.connectionState in {"closed", "failed"}:
            self.is_over.set()

    def _received(self, message):
        self.events.append(json.loads(message))
        self._news.set()


@asynccontextmanager
async def calling(server, *, speaks=True, has_channel=True, **options):
    """A caller whose call has been answered, and the id of the call."""
    caller = Caller(speaks=speaks, has_channel=has_channel)
    try:
        _, call_id = await caller.call(server, **options)
        yield caller, call_id
    finally:
        await caller.close()
