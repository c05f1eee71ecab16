"""The tools pane: which tools the model has, what its calls meet, and what came of them."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from console.app.reference.form import Edit
from console.app.tool_lab.bench import ToolBench
from console.app.tool_lab.lab import ToolLab
from console.app.view_model import Part
from console.errors import ConsoleError
from console.tools.registry import Tool
from console.ui.elements.call_list import CallDecisions, CallList
from console.ui.elements.event_form import EventForm
from console.ui.elements.json_view import JsonView
from console.ui.elements.tool_list import ToolList
from console.ui.page_session import PageSession
from console.ui.panels.panel import panel, title
from console.ui.panels.said_line import SaidLine

NO_CALLS: Final = "No calls yet. They are listed here with arguments, result and time."

ANSWERED: Final = "Answered: see its calls below."
FAILED: Final = "Failed: see its calls below."
TRANSCRIBES: Final = "This is a transcription session: nobody answers, so no tool is called."


class ToolsPane:
    """Shows the tools of a session and their calls, and has them changed."""

    def __init__(self, session: PageSession) -> None:
        """Build it where the caller is."""
        self._view = session.view
        self._lab: ToolLab = session.tools.lab
        self._problems: dict[str, str] = {}
        pane = ui.element("div").classes("rc-composer-pane")
        with pane, panel("Tools", has_own_bar=True):
            self._build()

    async def open(self) -> None:
        """Show how it stands."""
        self._show()

    def refresh(self, parts: frozenset[Part]) -> None:
        """Show what has changed of the tools and their calls."""
        if parts & {"tools", "session"}:
            self._show()

    # Building

    def _build(self) -> None:
        with ui.element("div").classes("rc-panel__bar"):
            title("Tools")
            self._count = ui.label().classes("rc-panel__count")
        with ui.element("div").classes("rc-tools"):
            self._said = SaidLine()
            self.waiting = self._calls("Calls that wait for you")
            self.tools = ToolList(on_enable=self._enable, on_open=self._choose)
            self.bench = BenchPanel(self._lab)
            with ui.element("div").classes("rc-tools__head"):
                title("Calls")
                self._clear = ui.button("Clear", color=None, on_click=self._lab.clear_calls)
                self._clear.props("flat dense no-caps").classes("rc-composer__tool")
            self._none = ui.label(NO_CALLS).classes("rc-tools__none")
            self.calls = self._calls("Calls")

    def _calls(self, label: str) -> CallList:
        lab = self._lab
        return CallList(label, CallDecisions(lab.approve, lab.refuse, self._answer, self._reuse))

    # What somebody does

    async def _enable(self, name: str, is_enabled: bool) -> None:
        try:
            await self._lab.enable(name, is_enabled)
        except ConsoleError as error:
            ui.notify(str(error))

    def _choose(self, name: str) -> None:
        self.bench.open("" if name == self.bench.name else name)
        self._show()

    def _answer(self, call_id: str, text: str) -> None:
        self._problems.pop(call_id, None)
        try:
            self._lab.answer(call_id, text)
        except ConsoleError as error:
            self._problems[call_id] = str(error)
        self._show()

    def _reuse(self, call_id: str) -> None:
        name = self._lab.use_arguments(call_id)
        if not name:
            ui.notify("Its arguments are no JSON object, or its tool is gone.")
            return
        self.bench.open(name)
        self._show()

    # Showing

    def _show(self) -> None:
        state = self._view.tools
        self.bench.refresh()
        self._count.text = (
            f"{sum(each.is_enabled for each in state.tools)} of {len(state.tools)} on"
        )
        is_transcribing = self._view.session.requested.get("type") == "transcription"
        self._said.tell(state.problem or (TRANSCRIBES if is_transcribing else ""), is_wrong=True)
        self.tools.show(state.tools, self.bench.name)
        waiting = [each for each in state.calls if each.status == "waiting"]
        others = [each for each in state.calls if each.status != "waiting"]
        self._problems = {
            each.id: self._problems[each.id] for each in waiting if each.id in self._problems
        }
        self.waiting.show(waiting, self._problems)
        self.waiting.set_visibility(bool(waiting))
        self.calls.show(others)
        self._none.set_visibility(not others)
        self._clear.set_visibility(bool(others))


class BenchPanel:
    """One tool: its schema, what is done when it is called, and a form to try it with."""

    def __init__(self, lab: ToolLab) -> None:
        """Build it, closed, where the caller is."""
        self._lab = lab
        self.name = ""
        """Of the tool that is open; empty: none is."""
        self._tool: Tool | None = None
        with ui.element("section").classes("rc-bench").props('aria-label="Tool"') as self._root:
            self._name = ui.label().classes("rc-bench__name")
            self._about = ui.label().classes("rc-bench__about")
            title("When the model calls it")
            self.handling = EventForm("What is done when it is called", on_edit=self._handle)
            title("Try it")
            self._none = ui.label("It takes no arguments.").classes("rc-tools__none")
            self.arguments = EventForm("Arguments", on_edit=self._edit)
            with ui.element("div").classes("rc-bench__foot"):
                self._run = ui.button("Run", color=None, on_click=self._try)
                self._run.props("no-caps outline").classes("rc-button")
                self._said = ui.label().classes("rc-bench__said").props("role=status")
            title("Definition")
            self.schema = JsonView({})
        self._root.set_visibility(False)

    def open(self, name: str) -> None:
        """Open a tool; empty: none."""
        bench = self._lab.bench(name)
        self.name = name if bench is not None else ""
        self._tool = bench.tool if bench is not None else None
        self._root.set_visibility(bench is not None)
        if bench is None:
            return
        self.handling.forget()
        self.arguments.forget()
        self._tell("")
        self._name.text = name
        self._about.text = bench.tool.description
        self.schema.value = bench.tool.definition()
        self._show(bench)

    def refresh(self) -> None:
        """Show the tool as it is now: its file may have changed, or have it no more."""
        bench = self._lab.bench(self.name)
        if bench is None or bench.tool is not self._tool:
            self.open(self.name)

    def _handle(self, edit: Edit) -> None:
        if (bench := self._lab.bench(self.name)) is not None:
            bench.handle(edit)
            self._lab.handling_changed()
            self._show(bench)

    def _edit(self, edit: Edit) -> None:
        if (bench := self._lab.bench(self.name)) is not None:
            bench.edit_arguments(edit)
            self._tell("")
            self._show(bench)

    async def _try(self) -> None:
        self._tell("")
        try:
            has_answered = await self._lab.try_out(self.name)
        except ConsoleError as error:
            self._tell(str(error))
        else:
            self._tell(ANSWERED if has_answered else FAILED)

    def _tell(self, sentence: str) -> None:
        self._said.text = sentence

    def _show(self, bench: ToolBench) -> None:
        self.handling.show(*bench.handling_form())
        rows, problems = bench.arguments_form()
        self.arguments.show(rows, problems)
        self._none.set_visibility(not rows)
