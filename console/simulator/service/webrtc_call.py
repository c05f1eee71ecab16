"""One WebRTC call: its sound in both directions and its data channel. Only calls import this."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import numpy as np
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame
from av.packet import Packet

from console import tasks
from console.clock import Clock
from console.simulator.protocol.refusals import Refusal
from console.simulator.service import sdp
from console.simulator.service.call_speaker import FRAME_MS, CallSpeaker
from console.simulator.service.caller_sound import CallerSound
from console.simulator.service.opus_encoder import OpusEncoder

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S: Final = 30.0
"""A caller that cannot be reached for so long is given up."""
CLOSE_TIMEOUT_S: Final = 2.0
GAP_MS: Final = 100
"""When nothing has come for so long, the caller is silent: turns must be able to end."""
_FRAME_S: Final = FRAME_MS / 1000
_LATE_S: Final = 0.2
"""Being later than this is not caught up: a burst would be of no use to who listens."""


class SpeakerTrack(MediaStreamTrack):
    """The sound that leaves, a packet every 20 ms."""

    kind = "audio"

    def __init__(self, speaker: CallSpeaker, clock: Clock) -> None:
        """Prepare to play what `speaker` has."""
        super().__init__()
        self._speaker = speaker
        self._clock = clock
        self._encoder = OpusEncoder()
        self._due_s: float | None = None

    async def recv(self) -> Packet[Any]:
        """Return the next packet when its time has come."""
        now_s = self._clock.now_s()
        if self._due_s is None or now_s - self._due_s > _LATE_S:
            self._due_s = now_s
        elif self._due_s > now_s:
            await self._clock.sleep(self._due_s - now_s)
        self._due_s += _FRAME_S
        frame = self._speaker.pull()
        if frame is None and self._encoder.is_settled:
            return self._encoder.encode(None)
        # A fraction of a millisecond each, and twenty callers want it fifty times a second.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._encoder.encode, frame)


class WebRtcCall:
    """The caller's end of a call; host candidates only, nothing outside this machine is asked."""

    def __init__(
        self,
        speaker: CallSpeaker,
        clock: Clock,
        *,
        hear: Callable[[bytes], Awaitable[None]],
        on_channel: Callable[[RTCDataChannel], None],
        on_end: Callable[[], None],
    ) -> None:
        """Prepare a call.

        Args:
            speaker: What the caller is to hear.
            clock: Time and sleep, for the pace of the sound.
            hear: Takes what the caller says: PCM16 mono 24 kHz.
            on_channel: Told each data channel that the caller opens.
            on_end: Told when the caller has gone, cannot be reached, or is reached no more.
        """
        self._speaker = speaker
        self._clock = clock
        self._sound = CallerSound(hear)
        self._on_end = on_end
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.on("track", self._take_track)
        self._peer.on("datachannel", on_channel)
        self._peer.on("connectionstatechange", self._look_at_state)
        self._tasks: list[asyncio.Task[None]] = []

    async def answer(self, offer: str) -> str:
        """Return the SDP answer to an offer, and begin to wait for the caller.

        Raises:
            Refusal: The offer cannot be taken.
        """
        try:
            description = RTCSessionDescription(sdp.without_candidates(offer), "offer")
            if sdp.has_sound(offer):
                self._offer_speaker()
            await self._peer.setRemoteDescription(description)
            self._decline_the_rest()
            for transport in self._transports():
                await _gather_loopback(transport)
            await self._peer.setLocalDescription()
        except Exception as error:
            # What it raises on offers that make no sense is of every kind.
            reason = str(error) or type(error).__name__
            message = f"The SDP offer cannot be taken: {reason}"
            raise Refusal(message, code="invalid_offer", param="sdp") from error
        self._tasks.append(tasks.spawn(self._give_up(), name="wait for a caller"))
        return str(self._peer.localDescription.sdp)

    async def close(self) -> None:
        """End the streams; nothing of them is left. Safe to call twice."""
        for task in self._tasks:
            await tasks.cancel(task)
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._peer.close()
        except TimeoutError:
            logger.warning("a call has not ended within %g s", CLOSE_TIMEOUT_S)

    # ------------------------------------------------------------ streams

    def _offer_speaker(self) -> None:
        """Have the first stream of sound carry ours, in Opus."""
        track = SpeakerTrack(self._speaker, self._clock)
        transceiver = self._peer.addTransceiver(track, direction="sendrecv")
        known = RTCRtpSender.getCapabilities("audio").codecs
        transceiver.setCodecPreferences([each for each in known if each.mimeType == "audio/opus"])

    def _decline_the_rest(self) -> None:
        for transceiver in self._peer.getTransceivers():
            if not isinstance(transceiver.sender.track, SpeakerTrack):
                transceiver.direction = "inactive"

    def _take_track(self, track: MediaStreamTrack) -> None:
        # Told before it is decided which streams are taken; the others never have a frame.
        if track.kind == "audio" and not self._tasks:
            self._tasks.append(tasks.spawn(self._listen(track), name="listen to a caller"))
            self._tasks.append(tasks.spawn(self._sound.run(), name="hear a caller"))

    async def _listen(self, track: MediaStreamTrack) -> None:
        # That the track ends is how calls end.
        with contextlib.suppress(MediaStreamError):
            self._push(await track.recv())
            while True:
                try:
                    async with asyncio.timeout(GAP_MS / 1000):
                        frame = await track.recv()
                except TimeoutError:
                    self._sound.push_silence(GAP_MS)
                else:
                    self._push(frame)

    def _push(self, frame: object) -> None:
        assert isinstance(frame, AudioFrame), "an audio track"
        n_channels = len(frame.layout.channels)
        self._sound.push(frame.to_ndarray().astype(np.int16, copy=False).reshape(-1, n_channels))

    # ------------------------------------------------------------ connection

    def _transports(self) -> set[RTCIceTransport]:
        streams = [each.receiver.transport for each in self._peer.getTransceivers()]
        if self._peer.sctp is not None:
            streams.append(self._peer.sctp.transport)
        return {each.transport for each in streams}

    def _look_at_state(self) -> None:
        if self._peer.connectionState in {"failed", "closed"}:
            self._on_end()

    async def _give_up(self) -> None:
        await asyncio.sleep(CONNECT_TIMEOUT_S)
        if self._peer.connectionState != "connected":
            logger.warning("a caller could not be reached within %g s", CONNECT_TIMEOUT_S)
            self._on_end()


async def _gather_loopback(transport: RTCIceTransport) -> None:
    """Let a transport be reached at the loopback address too, where it is without a network.

    The library leaves that address out, since it is of no use between machines.
    """
    connection = transport.iceGatherer._connection
    found = await connection.get_component_candidates(component=1, addresses=["127.0.0.1"])
    connection._local_candidates += found
