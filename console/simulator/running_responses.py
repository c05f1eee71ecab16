"""The responses of a session that go on: which may begin, what they are asked, how they end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from console.simulator import usage
from console.simulator.ids import NewId
from console.simulator.intents import Think
from console.simulator.items import Conversation, Item
from console.simulator.outbox import Outbox
from console.simulator.refusals import Refusal
from console.simulator.responses import ResponseRun, ResponseSettings
from console.simulator.senses import BrainTurn
from console.simulator.session_config import SessionConfig
from console.simulator.transcriptions import Transcriptions


class RunningResponses:
    """Begins responses, asks the assistant for them once their context is understood, ends them."""

    def __init__(
        self,
        config: SessionConfig,
        conversation: Conversation,
        transcriptions: Transcriptions,
        outbox: Outbox,
        *,
        new_id: NewId,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._conversation = conversation
        self._conversation_id = new_id("conv_")
        self._transcriptions = transcriptions
        self._outbox = outbox
        self._new_id = new_id
        self._now = now
        self._meter = usage.PromptMeter()
        self._runs: dict[str, ResponseRun] = {}
        self._default: ResponseRun | None = None

    def __contains__(self, response_id: str) -> bool:
        return response_id in self._runs

    def create(self, overrides: Mapping[str, Any]) -> None:
        """Begin a response.

        Args:
            overrides: The checked `response` of `response.create`; empty: as the session says.

        Raises:
            Refusal: It may not begin now.
        """
        if self._default is not None:
            raise Refusal(
                "Conversation already has an active response in progress: "
                f"{self._default.id}. Wait until the response is finished before creating a "
                "new one.",
                code="conversation_already_has_active_response",
            )
        run = ResponseRun(
            ResponseSettings.of(self._config, overrides),
            conversation=self._conversation,
            conversation_id=self._conversation_id,
            outbox=self._outbox,
            new_id=self._new_id,
        )
        self._runs[run.id] = self._default = run
        run.begin()
        self.think_where_ready()

    def cancel(self, event: Mapping[str, Any]) -> None:
        """End a response as the client wants it.

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
        """End the answer that is going on, since the user speaks."""
        if self._default is not None:
            self._cancel(self._default, "turn_detected")

    def step(self, response_id: str, step: Callable[[ResponseRun], None]) -> None:
        """Go on with a response, unless it has ended while this step was on its way."""
        if (run := self._runs.get(response_id)) is not None:
            step(run)
            self._settle(run)

    def think_where_ready(self) -> None:
        """Ask the assistant for every response that waits and whose context is understood."""
        context = self._conversation.items()
        if self._transcriptions.is_waiting_for(context):
            return
        for run in self._runs.values():
            if run.is_waiting:
                run.is_waiting = False
                settings = run.settings
                run.prompt = self._meter.measure(settings.instructions, settings.tools, context)
                self._outbox.ask(Think(run.id, self._turn(settings, context)))

    def turn_up_to(self, item: Item) -> BrainTurn:
        """Return what the assistant would be asked if `item` were the last one."""
        known = self._conversation.items()
        settings = ResponseSettings.of(self._config, {})
        return self._turn(settings, known[: known.index(item) + 1])

    def _turn(self, settings: ResponseSettings, context: list[Item]) -> BrainTurn:
        return BrainTurn(
            instructions=settings.instructions,
            tools=settings.tools,
            tool_choice=settings.tool_choice,
            items=[item.for_brain() for item in context],
            now=self._now(),
        )

    def _cancel(self, run: ResponseRun, reason: str) -> None:
        run.finish("cancelled", {"type": "cancelled", "reason": reason})
        self._settle(run)

    def _settle(self, run: ResponseRun) -> None:
        if not run.is_done:
            return
        del self._runs[run.id]
        if self._default is run:
            self._default = None
        self._conversation.forget_old_audio()
