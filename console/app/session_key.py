"""The key as one session sees it: shown masked, changed by the owner alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from console.app.backend import Backend
from console.app.key_state import KeyAnswer, KeyState
from console.app.view_model import Notice, Phase, Target, ViewModel

NOTICE = "key"
OWNER_ONLY = "Only whoever runs the console can change its key."


class SessionKey:
    """Shows one session whom the console talks to and by which key, as that changes."""

    def __init__(
        self,
        backend: Backend,
        view: ViewModel,
        call_anew: Callable[[], None],
        *,
        is_owner: bool,
    ) -> None:
        """Follow the key of the process.

        Args:
            backend: Whom the console talks to.
            view: What the page shows; changed here.
            call_anew: The next session is to call somebody else, or with another key.
            is_owner: Whether this session is the owner's. Others see nothing of the key.
        """
        self._backend = backend
        self._view = view
        self._is_owner = is_owner
        self._call_anew = call_anew
        self._stops = (
            backend.changed.connect(self._target_changed),
            backend.key.changed.connect(lambda _: self._show()),
        )
        self.take_over_target()
        self._show()

    async def use(self, text: str, *, keep: bool) -> KeyAnswer:
        """Use a key that was typed in; return what came of it."""
        if self._is_owner:
            return await self._backend.key.use(text, keep=keep)
        return self._refuse()

    async def forget(self) -> KeyAnswer:
        """Forget the key that was typed in; return what came of it."""
        if self._is_owner:
            return await self._backend.key.forget()
        return self._refuse()

    def take_over_target(self) -> None:
        """Show whom the next session will be with: it is about to begin."""
        target = self._backend.target if self._is_owner else self._backend.target.for_guests()
        if self._view.phase is Phase.DISCONNECTED and self._view.target != target:
            self._view.set_target(target)

    def close(self) -> None:
        """Follow no longer."""
        for stop in self._stops:
            stop()

    def _refuse(self) -> KeyAnswer:
        self._view.add_notice(Notice(NOTICE, "warning", OWNER_ONLY))
        return KeyAnswer(OWNER_ONLY, "error")

    def _target_changed(self, _: Target) -> None:
        self._call_anew()
        self.take_over_target()

    def _show(self) -> None:
        if not self._is_owner:
            self._view.set_key(KeyState())
            return
        state = self._backend.key.state()
        self._view.set_key(replace(state, may_change=self._backend.takes_key))
