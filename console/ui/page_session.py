"""What the page asks of the application: the only thing that pages and panels know of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from console.app.composer import SessionComposer
from console.app.key_state import KeyAnswer
from console.app.session_editor import SessionEditor
from console.app.session_tools import SessionTools
from console.app.sound_settings import Device, Microphone, SoundSettings, Speaker
from console.app.view_model import Part, SpeakerState, TurnMode, ViewModel
from console.signals import Signal


class ShownSession(Protocol):
    """A session that a page shows."""

    @property
    def session_id(self) -> str:
        """The name in URLs under which this page may read it; it cannot be guessed."""

    @property
    def view(self) -> ViewModel:
        """What the page shows."""

    @property
    def changed(self) -> Signal[frozenset[Part]]:
        """Tells the parts of `view` that changed; changes that come together may be told as one."""


class WatchedPageSession(ShownSession, Protocol):
    """A session as the pages of others see it who watch."""

    @property
    def is_over(self) -> bool:
        """Whether it has ended: `view` stays as it was then. Told as a change of the connection."""


class SessionUse(Protocol):
    """What a session has used, and what it may; `UsageWatch` of the application."""

    def report(self) -> dict[str, Any]:
        """Return everything that the page shows, as plain values."""

    def set_budget(self, dollars: str, minutes: str) -> str:
        """Hold the session to a budget as it was typed; empty for none.

        Returns:
            What holds now, in a sentence.

        Raises:
            BudgetRefusedError: What was typed cannot be the budget; what held holds on.
        """


class PageSession(ShownSession, Protocol):
    """One console session as its own page sees it.

    Every method returns after the application has taken the request; what came of it is told
    through `view`, notices included. None of them raises for what a user or a peer did.
    """

    @property
    def composer(self) -> SessionComposer:
        """Sends what is composed on the page; what it raises is for the page to tell."""

    @property
    def editor(self) -> SessionEditor:
        """Changes what is asked of the session; what it raises is for the page to tell."""

    @property
    def usage(self) -> SessionUse:
        """What the session has used."""

    @property
    def tools(self) -> SessionTools:
        """Changes tools, memory and units; what it raises is for the page to tell."""

    async def connect(self, with_microphone: bool = True) -> None:
        """Open the line; without a microphone the user types and listens."""

    async def disconnect(self) -> None:
        """Close the line, or give up opening it; everything so far stays on the page."""

    async def use_key(self, text: str, *, keep: bool) -> KeyAnswer:
        """Use a key that was typed in, from the next session on; the owner's pages only.

        Args:
            text: The key.
            keep: Whether it goes into the system's keyring.

        Returns:
            What came of it.
        """

    async def forget_key(self) -> KeyAnswer:
        """Forget the key that was typed in, and say what came of it; the owner's pages only."""

    async def stay(self) -> None:
        """Go on with a session in which nobody has spoken or written for long."""

    async def set_turn(self, mode: TurnMode) -> None:
        """Say who ends a turn: the user ("manual") or the server ("vad")."""

    async def send_text(self, text: str) -> bool:
        """Send what the user typed, with the picture that was attached, and ask for an answer.

        Returns:
            Whether it was sent; if not, the user has been told why.
        """

    async def picture_refused(self, sentence: str) -> None:
        """Say why the browser did not send a picture."""

    async def remove_picture(self) -> None:
        """Let the next message go without the picture."""

    async def continue_answer(self) -> None:
        """Ask for the rest of an answer that was cut off."""

    async def decide_approval(self, item_id: str, approve: bool) -> None:
        """Let a call of an MCP tool go on that waits for the user, or not."""

    async def delete_item(self, item_id: str) -> None:
        """Delete an item of the conversation."""

    async def set_faults(self, text: str) -> None:
        """Let the simulator do these things wrong in this session; empty for none."""

    async def inject_fault(self, text: str) -> None:
        """Let the simulator do something wrong in this session once, now."""

    async def dismiss(self, notice_id: str) -> None:
        """Take a notice away."""

    async def use_microphone(self) -> None:
        """Let the microphone be heard in a session that goes on without one."""

    async def take_microphone(self) -> None:
        """Take the microphone from another session, and connect with it if there is no session."""

    async def play_source(self) -> None:
        """Have what stands in for the microphone heard now: again, or as one turn."""

    async def stop_source(self) -> None:
        """Silence what stands in for the microphone."""

    async def repeat_source(self, repeats: bool) -> None:
        """Say whether a file begins again at its end."""

    async def speak_text(self, text: str) -> None:
        """Have typed words spoken as the user."""

    async def file_refused(self, sentence: str) -> None:
        """Say why the browser did not send a file that was to be the microphone."""

    async def echo_test(self) -> None:
        """Record three seconds, play them back, and tell the round trip."""

    async def change_sound(
        self, *, microphone: Microphone | None = None, speaker: Speaker | None = None
    ) -> None:
        """Choose microphone and speaker; what is None stays as it is."""

    def restore_sound(self, settings: SoundSettings) -> None:
        """Begin with what the browser remembers; ignored once something was chosen here."""

    def devices_changed(
        self,
        inputs: Sequence[Device],
        outputs: Sequence[Device],
        *,
        can_choose_output: bool,
        remarks: Sequence[str],
    ) -> None:
        """Say which devices the browser has, and what is odd about them."""

    def speaker_changed(self, state: SpeakerState) -> None:
        """Say whether the browser's speaker can be heard."""
