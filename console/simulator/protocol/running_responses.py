"""The responses of a session that go on: which may begin, what they are asked, how they end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from console.simulator.protocol import brain_items, usage
from console.simulator.protocol.call_playback import CallPlayback
from console.simulator.protocol.context_window import ContextWindow, limits_of
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.intents import Think
from console.simulator.protocol.item_events import ItemEvents
from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.mcp import McpServers, Toolset
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.rate_limits import RateLimits
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.response_input import ResponseInput
from console.simulator.protocol.response_settings import ResponseSettings
from console.simulator.protocol.responses import ResponseRun
from console.simulator.protocol.session_config import SessionConfig
from console.simulator.protocol.timers import Timers
from console.simulator.protocol.transcriptions import Transcriptions, unheard_part
from console.simulator.senses import BrainTurn

MAX_RESPONSES: Final = 16
"""Of one session at the same time."""
RATE_LIMITS_DELAY_MS: Final = 30
RATE_LIMITS_SPREAD_MS: Final = 16


class RunningResponses:
    """Begins responses, asks the assistant for them once their context is understood, ends them.

    At most one of them belongs to the conversation; others may go on beside it, out of band.
    """

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        items: ItemEvents,
        servers: McpServers,
        transcriptions: Transcriptions,
        playback: CallPlayback | None,
        outbox: Outbox,
        timers: Timers,
        *,
        new_id: NewId,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._conversation_id = new_id("conv_")
        self._items = items
        self._servers = servers
        self._transcriptions = transcriptions
        self._playback = playback
        self._outbox = outbox
        self._timers = timers
        self._new_id = new_id
        self._now = now
        self._input = ResponseInput(conversation, items, new_id)
        self._meter = usage.PromptMeter()
        self._window = ContextWindow(limits_of(config["model"]))
        self._rate_limits = RateLimits()
        self._runs: dict[str, ResponseRun] = {}
        self._default: ResponseRun | None = None
        self.last_audio_ms = 0.0
        """How long what the conversation's last response has said takes to play."""
        self.on_answered: Callable[[], None] = lambda: None
        """Called when a response of the conversation has ended, whatever its outcome."""

    def __contains__(self, response_id: str) -> bool:
        return response_id in self._runs

    @property
    def is_answering(self) -> bool:
        """Whether a response of the conversation goes on."""
        return self._default is not None

    # ------------------------------------------------------------ begin

    def create(self, overrides: Mapping[str, Any]) -> None:
        """Begin a response.

        Args:
            overrides: The checked `response` of `response.create`; empty: as the session says.

        Raises:
            Refusal: It may not begin now.
        """
        self._config.check_model(overrides, "response")
        settings = ResponseSettings.of(self._config, overrides)
        self._check_beginning(settings)
        own_input = self._input.items(overrides.get("input"))
        self._servers.connect(settings.tools)
        run = ResponseRun(
            settings,
            self._servers.toolset(settings.tools, settings.tool_choice),
            own_input=own_input,
            conversation=self._conversation,
            conversation_id=self._conversation_id,
            servers=self._servers,
            playback=self._playback,
            outbox=self._outbox,
            new_id=self._new_id,
        )
        self._runs[run.id] = run
        if settings.is_out_of_band:
            run.begin()
        else:
            self._default = run
            run.begin(self._servers.approved())
        self._recognise_input(run)
        self.think_where_ready()

    def _check_beginning(self, settings: ResponseSettings) -> None:
        if len(self._runs) >= MAX_RESPONSES:
            raise Refusal(
                f"{MAX_RESPONSES} responses of this session go on already, the most that this "
                "server allows. Wait until one is finished."
            )
        if settings.is_out_of_band:
            return
        if self._default is not None:
            raise Refusal(
                "Conversation already has an active response in progress: "
                f"{self._default.id}. Wait until the response is finished before creating a "
                "new one.",
                code="conversation_already_has_active_response",
            )
        self._items.check_room()
        used = self._conversation.voices()
        if used and settings.voice not in used | {self._config.output["voice"]}:
            raise Refusal(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
            )

    def _recognise_input(self, run: ResponseRun) -> None:
        given = run.own_input or ()
        for position, item in enumerate(given):
            part = None if item.id in self._conversation else unheard_part(item)
            if part is not None and part.audio:
                turn = self._turn(run.settings, run.toolset, given[: position + 1])
                self._transcriptions.begin(item, bytes(part.audio), None, turn)

    # ------------------------------------------------------------ go on

    def step(self, response_id: str, step: Callable[[ResponseRun], None]) -> None:
        """Go on with a response, unless it has ended while this step was on its way."""
        if (run := self._runs.get(response_id)) is not None:
            step(run)
            self._settle(run)

    def think_where_ready(self) -> None:
        """Ask the assistant for every response that waits and whose context is understood."""
        for run in [each for each in self._runs.values() if each.is_waiting]:
            context = self._conversation.items() if run.own_input is None else run.own_input
            if not self._transcriptions.is_waiting_for(context):
                self._think(run, context)

    def turn_up_to(self, item: Item) -> BrainTurn:
        """Return what the assistant would be asked if `item` were the last one."""
        known = self._conversation.items()
        settings = ResponseSettings.of(self._config, {})
        toolset = self._servers.toolset(settings.tools, settings.tool_choice)
        return self._turn(settings, toolset, known[: known.index(item) + 1])

    def _think(self, run: ResponseRun, context: Sequence[Item]) -> None:
        settings, functions = run.settings, run.toolset.functions
        is_own_input = run.own_input is not None
        fitting = self._window.fit(
            usage.of_head(settings.instructions, functions),
            context,
            self._config["truncation"],
            is_own_input=is_own_input,
        )
        if fitting is None:
            self._fail_too_long(run)
            return
        run.is_waiting = False
        run.prompt = self._meter.measure(
            settings.instructions, functions, fitting, remember=not is_own_input
        )
        self._outbox.ask(Think(run.id, self._turn(settings, run.toolset, fitting)))

    def _turn(
        self, settings: ResponseSettings, toolset: Toolset, context: Sequence[Item]
    ) -> BrainTurn:
        limit = settings.max_output_tokens
        return BrainTurn(
            instructions=settings.instructions,
            tools=toolset.functions,
            tool_choice=toolset.tool_choice,
            items=brain_items.of_items(context),
            now=self._now(),
            modality=settings.modality,
            max_output_tokens=limit if isinstance(limit, int) else None,
            parallel_tool_calls=settings.parallel_tool_calls,
            metadata=settings.metadata or {},
            is_out_of_band=settings.is_out_of_band,
        )

    # ------------------------------------------------------------ end

    def cancel(self, event: Mapping[str, Any]) -> None:
        """End a response as the client wants it: by its id, or that of the conversation.

        Raises:
            Refusal: There is none to end.
        """
        response_id = event.get("response_id")
        run = self._runs.get(response_id) if response_id else self._default
        if run is None:
            raise Refusal(
                "Cancellation failed: no active response found",
                code="response_cancel_not_active",
            )
        self._cancel(run, "client_cancelled")

    def interrupt(self) -> None:
        """End the answer that is going on, since the user speaks; others go on."""
        if self._default is not None:
            self._cancel(self._default, "turn_detected")
        if self._playback is not None:
            self._playback.clear()

    def fail(self, response_id: str, code: str, message: str) -> None:
        """End a response that cannot be carried out."""
        self.step(response_id, lambda run: run.fail(code, message))

    def _cancel(self, run: ResponseRun, reason: str) -> None:
        run.finish("cancelled", {"type": "cancelled", "reason": reason})
        self._settle(run)

    def _fail_too_long(self, run: ResponseRun) -> None:
        run.fail(
            "context_length_exceeded",
            "The conversation is longer than the model's context window, and 'truncation' does "
            "not allow to leave enough of it out.",
        )
        self._settle(run)

    def _settle(self, run: ResponseRun) -> None:
        if not run.is_done:
            return
        del self._runs[run.id]
        if is_answer := self._default is run:
            self._default = None
            self.last_audio_ms = run.audio_ms
        if self._playback is not None:
            self._playback.end(run.id)
        self._conversation.forget_old_audio()
        self._items.drop_surplus()
        self._rate_limits.spend(run.total_tokens, self._now())
        spread = ord(self._new_id("")[-1]) % RATE_LIMITS_SPREAD_MS
        self._timers.after(RATE_LIMITS_DELAY_MS + spread, self._tell_rate_limits)
        if is_answer:
            self.on_answered()

    def _tell_rate_limits(self) -> None:
        limits = self._rate_limits.wire(self._now())
        self._outbox.emit("rate_limits.updated", rate_limits=limits)
