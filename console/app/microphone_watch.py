"""Why a microphone is not heard, in words, and what the page tells of it during a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.app.view_model import (
    MicrophoneState,
    Notice,
    NoticeAction,
    NoticeKind,
    Phase,
    ViewModel,
)

NOTICE: Final = "microphone"
"""The notice about the microphone."""
GO_ON: Final = "You can go on typing."


@dataclass(frozen=True, slots=True)
class Trouble:
    """One reason for which nobody is heard."""

    brief: str
    """A few words for the head of the page."""
    sentence: str
    remedy: str
    """What to do about it, in a sentence."""
    action: NoticeAction | None = "use_microphone"
    """The way out within a session."""


TROUBLES: Final[dict[MicrophoneState, Trouble]] = {
    MicrophoneState.WAITING: Trouble(
        "still waiting for your leave to use the microphone",
        "Still waiting: the browser has asked whether this page may use the microphone.",
        "Answer its question, which may hide behind a sign in the address bar.",
        "cancel",
    ),
    MicrophoneState.DENIED: Trouble(
        "microphone refused",
        "The browser refused the microphone to this page.",
        "Allow it in the address bar.",
    ),
    MicrophoneState.DISMISSED: Trouble(
        "no answer about the microphone",
        "The browser's question for the microphone was closed without an answer.",
        "Ask again and choose to allow it.",
    ),
    MicrophoneState.BLOCKED_BY_SYSTEM: Trouble(
        "microphone blocked by the system",
        "The operating system does not let the browser use the microphone.",
        "Allow it for the browser in the system's privacy settings.",
    ),
    MicrophoneState.BLOCKED_BY_POLICY: Trouble(
        "microphone blocked by a policy",
        "A policy of this page or of your organisation forbids the microphone.",
        "Open the console in a tab of its own, or ask who looks after the browser.",
    ),
    MicrophoneState.MISSING: Trouble(
        "no microphone",
        "The browser found no microphone.",
        "Plug one in.",
    ),
    MicrophoneState.BUSY: Trouble(
        "microphone in use elsewhere",
        "The microphone is in use by another program.",
        "Close that program.",
    ),
    MicrophoneState.UNFIT: Trouble(
        "no fitting microphone",
        "No microphone here can do what the sound settings ask for.",
        "Choose the system's default under Sound.",
    ),
    MicrophoneState.INSECURE: Trouble(
        "no microphone on an insecure page",
        "Browsers give the microphone to https or localhost only.",
        "Open the console at such an address, or choose another source under Sound.",
        None,
    ),
    MicrophoneState.SILENCED: Trouble(
        "microphone muted by the system",
        "The microphone is muted by the system, by a key of its own, or by another program.",
        "Unmute it there; it is heard again at once.",
        None,
    ),
    MicrophoneState.INTERRUPTED: Trouble(
        "microphone interrupted",
        "A call or a locked screen has interrupted the microphone.",
        "Come back to this page and touch it.",
    ),
    MicrophoneState.UNPLUGGED: Trouble(
        "microphone gone",
        "The microphone was unplugged, or its permission was taken back.",
        "Plug it in again or choose another under Sound; then use it.",
    ),
    MicrophoneState.FAILED: Trouble(
        "microphone failed",
        "The browser could not open the microphone.",
        "Try it again.",
    ),
}
"""Everything but `OFF`, `ASKING` and `ON`."""

_TOLD_WHILE_CONNECTING: Final = {
    MicrophoneState.WAITING,
    MicrophoneState.SILENCED,
    MicrophoneState.INTERRUPTED,
}
"""Others end the attempt, and that says why."""
_WITHIN: Final = (Phase.CONNECTED, Phase.RECONNECTING)


def refusal(state: MicrophoneState) -> str:
    """Return why a session cannot begin with this microphone and what to do; empty if it can."""
    if state is MicrophoneState.OFF:
        return "The browser did not open the microphone. Connect again."
    if state in (MicrophoneState.ASKING, MicrophoneState.WAITING):
        return (
            "The browser's question for the microphone was not answered. "
            "Answer it and connect again, or connect without a microphone."
        )
    heard_later = (MicrophoneState.SILENCED, MicrophoneState.INTERRUPTED)
    if state is MicrophoneState.ON or state in heard_later:
        return ""
    trouble = TROUBLES[state]
    return f"{trouble.sentence} {trouble.remedy} Then connect again, or connect without it."


class MicrophoneWatch:
    """Tells the page what becomes of the microphone, with a way out; typing goes on in each case."""

    def __init__(self, view: ViewModel) -> None:
        self._view = view
        self._detail = ""
        self._is_asked_within = False
        """Whether the question that is open was asked within a session, by a click on its own."""

    def changed(self, state: MicrophoneState, detail: str = "") -> None:
        """Take note of where the microphone stands.

        Args:
            state: Where it stands.
            detail: What the browser says about it; told where we know no better.
        """
        self._view.set_microphone(state)
        if state is MicrophoneState.ASKING:
            self._is_asked_within = self._view.phase in _WITHIN
        self._detail = detail if state is MicrophoneState.FAILED else ""
        self._tell()

    def phase_changed(self) -> None:
        """Let what is told now be true of the phase that the session is in now."""
        if any(each.notice_id == NOTICE for each in self._view.notices):
            self._tell()

    def _tell(self) -> None:
        view, state = self._view, self._view.microphone
        trouble = TROUBLES.get(state)
        if trouble is None or not self._is_told(state):
            view.dismiss(NOTICE)
            return
        why = f" ({self._detail})" if self._detail else ""
        end = GO_ON if view.phase is not Phase.CONNECTING else ""
        sentence = f"{trouble.sentence}{why} {trouble.remedy} {end}".rstrip()
        kind: NoticeKind = "warning" if state in _TOLD_WHILE_CONNECTING else "error"
        view.add_notice(Notice(NOTICE, kind, sentence, self._action(trouble)))

    def _is_told(self, state: MicrophoneState) -> bool:
        if self._view.phase is Phase.CONNECTING:
            return state in _TOLD_WHILE_CONNECTING
        # Whoever has gone on without the microphone waits for no answer to an earlier question.
        is_awaited = state is not MicrophoneState.WAITING or self._is_asked_within
        return is_awaited and self._view.phase in _WITHIN

    def _action(self, trouble: Trouble) -> NoticeAction | None:
        # Within a session there is nothing to give up, and before it nothing to use.
        is_connecting = self._view.phase is Phase.CONNECTING
        if trouble.action == "cancel" or trouble.action is None:
            return trouble.action if is_connecting else None
        return None if is_connecting else trouble.action
