"""One console session: joins the client, the sound, the tools and what the page shows.

It decides little itself. What the user says, and what is said on both sides, have modules of their
own (`spoken_turns`, `live_conversation`); here a session begins and ends, and its parts meet.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from console import tasks
from console.app import microphone_lease
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.event_record import EventRecord
from console.app.live_conversation import LiveConversation
from console.app.microphone_lease import MicrophoneTakenError
from console.app.session_editor import SessionEditor
from console.app.session_feed import SessionFeed
from console.app.session_life import SessionLife
from console.app.session_notices import SessionNotices
from console.app.session_tools import SessionTools
from console.app.spoken_turns import SpokenTurns
from console.app.view_model import (
    CaptureMode,
    MicrophoneState,
    Phase,
    SpeakerState,
    TurnMode,
    ViewModel,
)
from console.audio.ports import AudioSink, AudioSource, Heard
from console.client.client import RealtimeClient
from console.client.happenings import ErrorReport, RealtimeEvent
from console.client.targets import Target
from console.clock import Clock
from console.errors import AudioDeviceError, ConnectError, ConsoleError
from console.transport import Closed

logger = logging.getLogger(__name__)

MAX_MESSAGE_CHARACTERS = 32_000
CANCEL_TIMEOUT_S = 0.5
"""How long a line that takes nothing may keep an answer from being cancelled before it is closed."""
_SPEAKER_SENTENCES: dict[SpeakerState, str] = {
    "blocked": "The browser plays no sound until you click: click anywhere on this page to hear.",
    "unavailable": "This browser plays no sound here. Open the console at http://localhost, or "
    "read the answers.",
}


class Controller:
    """What the user of one session can do, and what happens then."""

    def __init__(
        self,
        *,
        new_client: Callable[[], RealtimeClient],
        view: ViewModel,
        log: EventLog,
        conversation: ConversationView,
        feed: SessionFeed,
        tools: SessionTools,
        source: AudioSource,
        sink: AudioSink,
        set_capture: Callable[[CaptureMode], None],
        let_go: Callable[[], None],
        is_source_gated: bool,
        clock: Clock,
        server: Callable[[], Target | None] = lambda: None,
        is_guest: bool = False,
    ) -> None:
        """Join the parts of a session; nothing happens before `connect`.

        Args:
            new_client: Makes the client, once, when the first session is begun.
            view: What the page shows; changed here.
            log: Where events go.
            conversation: Where items go.
            feed: Told when log or conversation has changed.
            tools: What the model may call.
            source: The microphone.
            sink: The speaker.
            set_capture: Tells the microphone's side what may be sent.
            let_go: Has the microphone's side end a press that is held.
            is_source_gated: Whether the source itself heeds `set_capture` and the button;
                one that does not is heard only while the button is held, here.
            clock: Time.
            server: Returns whom the next session will be with; None while nobody knows.
            is_guest: Whether the user is somebody's guest.
        """
        self._make_client = new_client
        self._view = view
        self._tools = tools
        self._sink = sink
        self._clock = clock
        self._client: RealtimeClient | None = None
        self._calls_anew = False
        self._attempt: asyncio.Task[None] | None = None
        self._is_leaving = False
        self._record = EventRecord(log, feed, clock)
        self._notices = SessionNotices(view, is_guest=is_guest)
        self._life = SessionLife(view, clock, line_lost=self._line_lost)
        self.conversation = self._live(conversation, feed)
        """What is said on both sides, and how far it is heard."""
        self.spoken = SpokenTurns(
            view,
            self._notices,
            source,
            set_capture=set_capture,
            let_go=let_go,
            is_source_gated=is_source_gated,
            current_client=lambda: self._client,
            interrupt=self.conversation.interrupt,
        )
        """What the user says."""
        self.editor = SessionEditor(
            view,
            server,
            is_guest=is_guest,
            call_anew=self.call_anew,
            turn_changed=self.spoken.change_mode,
        )
        """What is asked of the session."""

    @property
    def client(self) -> RealtimeClient | None:
        """The client of the session; None before its first connection."""
        return self._client

    # What the user does

    async def connect(self, *, with_microphone: bool = True) -> None:
        """Begin a session; what comes of it is told through the view.

        What an earlier session left stays until the server has begun the new one.
        """
        if self._view.phase is not Phase.DISCONNECTED:
            return
        self._view.dismiss_all()
        self._attempt = tasks.spawn(self._connect(with_microphone), name="connect")
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(self._attempt)

    def call_anew(self) -> None:
        """Make a new client for the next session: it is to call somebody else."""
        self._calls_anew = True

    async def disconnect(self) -> None:
        """End the session, or give up beginning one; everything so far stays."""
        await tasks.cancel(self._attempt)
        self._is_leaving = True
        try:
            heard = await self._end()
            self._life.user_left()
            if self._client is not None:
                await self._stop_answer(self._client)
                await self._client.disconnect()
                self.conversation.end(heard)  # the server has had its last words on it
        finally:
            self._is_leaving = False

    async def close(self) -> None:
        """End for good."""
        await self.disconnect()
        await self._sink.stop()

    async def set_turn(self, mode: TurnMode) -> None:
        """Say who ends a turn; while connected, the server is told."""
        if mode != self._view.turn:
            with self._notices.report("change the turn detection"):
                await self.editor.set_turn(mode)

    async def send_text(self, text: str, picture: bytes | None = None) -> bool:
        """Send what the user typed, and ask for an answer; it interrupts one going on.

        Args:
            text: The message; may be empty where there is a picture.
            picture: A PNG or JPEG that is shown to the model with it.

        Returns:
            Whether it was sent; if not, the user has been told why.
        """
        client = self._client
        if not text.strip() and picture is None:
            return False
        if client is None or self._view.phase is not Phase.CONNECTED:
            self._notices.tell("message", "warning", "Not connected: connect first, then send.")
            return False
        if len(text) > MAX_MESSAGE_CHARACTERS:
            self._notices.tell(
                "message",
                "warning",
                f"The message has {len(text):,} characters; {MAX_MESSAGE_CHARACTERS:,} is the "
                "most. Send it in parts.",
            )
            return False
        with self._notices.report("send the message"):
            await self.conversation.interrupt()
            if picture is None:
                await client.send_user_message_content([{"type": "input_text", "text": text}])
            else:
                await client.send_image(picture, text)
            return True
        return False

    async def continue_answer(self) -> None:
        """Ask for the rest of an answer that was cut off when the line was lost."""
        client = self._client
        if client is None or self._view.phase is not Phase.CONNECTED:
            self._notices.tell("message", "warning", "Not connected: connect first, then go on.")
            return
        with self._notices.report("go on with the answer"):
            await client.create_response()

    def speaker_changed(self, state: SpeakerState) -> None:
        """The browser's speaker can be heard, or cannot."""
        sentence = _SPEAKER_SENTENCES.get(state)
        if sentence is None:
            self._view.dismiss("speaker")
        else:
            self._notices.tell("speaker", "warning", sentence)

    def _live(self, shown: ConversationView, feed: SessionFeed) -> LiveConversation:
        return LiveConversation(
            self._view,
            self._notices,
            self._life,
            shown=shown,
            feed=feed,
            sink=self._sink,
            current_client=lambda: self._client,
        )

    # Connecting and ending

    async def _connect(self, with_microphone: bool) -> None:
        try:
            await self._begin(with_microphone)
        except MicrophoneTakenError as error:
            await self._end()
            notice = microphone_lease.NOTICE
            if error.is_over:
                self._notices.tell(notice, "info", microphone_lease.FREE, "retry")
            else:
                self._notices.tell(notice, "warning", str(error), "take_microphone")
        except AudioDeviceError as error:
            await self._end()
            self._notices.tell("connection", "error", str(error), "type_instead")
        except ConnectError as error:
            await self._end()
            self._notices.refused(error)
        except (ConsoleError, ValueError) as error:  # ValueError: what is asked for cannot be
            await self._end()
            self._notices.tell("connection", "error", str(error))
        except asyncio.CancelledError:
            await self._end()
            raise

    async def _begin(self, with_microphone: bool) -> None:
        view = self._view
        if with_microphone:
            view.set_connection(Phase.CONNECTING, "waiting for the microphone")
            await self.spoken.open()
        view.set_connection(Phase.CONNECTING, f"calling {view.target.label}")
        await self._open_speaker()
        if self._calls_anew:
            self._client, self._calls_anew = None, False
        client = self._client = self._client or await self._new_client()
        await self._tools.begin(client)
        with self._record.holding_back():
            await client.connect()
        if with_microphone:
            self.spoken.hear(client)
        view.set_connection(Phase.CONNECTED, at_s=self._clock.now_s())
        self.spoken.begin()

    async def _open_speaker(self) -> None:
        try:
            await self._sink.start()
        except AudioDeviceError as error:
            self._notices.tell("speaker", "warning", f"{error} You can read the answers.")

    async def _stop_answer(self, client: RealtimeClient) -> None:
        """Have the server make no more of an answer that nobody will hear."""
        if client.target.is_call:  # it goes on, and is somebody else's
            return
        with contextlib.suppress(ConsoleError, TimeoutError):  # then the close has to do
            async with asyncio.timeout(CANCEL_TIMEOUT_S):
                await client.cancel_response()

    async def _end(self) -> Heard | None:
        """Bring everything to rest; what was seen and said stays. Returns what was being heard."""
        heard = None
        try:
            await self.spoken.stop()
            heard = await self._sink.interrupt()
            await self._sink.clear()
        except Exception:  # whatever is wrong with the sound, the session has ended
            logger.exception("the sound of a session could not be brought to rest")
        self.conversation.end(heard)
        self._view.set_microphone(MicrophoneState.OFF)
        self._view.set_talking(False)
        self._view.set_answering(False)
        if self._view.phase is not Phase.DISCONNECTED:
            self._view.set_connection(Phase.DISCONNECTED)
        return heard

    async def _new_client(self) -> RealtimeClient:
        client = self._make_client()
        self._record.follow(client)
        client.on("realtime.event", self._event)
        self.conversation.follow(client)
        client.on("error", self._error)
        client.on("close", self._closed)
        self._life.follow(client)
        if not client.target.is_call and client.target.session_type == "realtime":
            await self._tools.add_to(client)
        await self.editor.configure(client)
        return client

    # What the client tells

    def _event(self, event: RealtimeEvent) -> None:
        if event.event.type == "input_audio_buffer.speech_started":
            self._view.set_talking(True)
        elif event.event.type == "input_audio_buffer.speech_stopped":
            self._view.set_talking(False)

    def _error(self, report: ErrorReport) -> None:
        if report.code == "bad_message":
            self._notices.unreadable(report.message)
        elif report.code == "sound_lost":
            self._life.speech_was_lost(report.message)
        elif report.code == "network_too_slow":
            self._life.sound_was_skipped(report.message)
        else:
            self._notices.wrong(report)

    def _line_lost(self) -> None:
        self.spoken.line_lost()
        self.conversation.lapse()

    def _closed(self, closed: Closed) -> None:
        if not self._is_leaving:
            tasks.spawn(self._lost(closed), name="session lost")

    async def _lost(self, closed: Closed) -> None:
        """The server ended the session, or the line broke."""
        if self._view.phase not in (Phase.CONNECTED, Phase.RECONNECTING):
            return
        await self._end()
        sentence = self._life.last_words or f"The connection has ended ({closed.code})."
        self._notices.ended(sentence, self._life.last_cause)
