"""The system's keyring, if the optional package is there and finds one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

from console import invocation, tasks
from console.errors import ConfigurationError

SERVICE: Final = "realtime-console"
ACCOUNT: Final = "openai"
PATIENCE_S: Final = 20.0
"""The system may ask its user to unlock the keyring."""
INSTALL: Final = invocation.install_extra("keyring")
NOT_INSTALLED: Final = f"To keep the key in this system's keyring, install it first: {INSTALL}"
NO_BACKEND: Final = "This system has no keyring that can be used; the key stays in memory only."

T = TypeVar("T")


class SystemKeyring:
    """Keeps one key for this program. Nothing here blocks the event loop."""

    def __init__(self, load_library: Callable[[], Any] | None = None) -> None:
        """Prepare; the library is loaded when it is asked for the first time.

        Args:
            load_library: Returns the module `keyring`; raises ImportError without it.
        """
        self._load_library = load_library or _library

    async def problem(self) -> str:
        """Return why it cannot be used, in a sentence; empty: it can."""
        return await self._ask("look for it", self._find_problem)

    async def read(self) -> str | None:
        """Return the key that is kept; None without one.

        Raises:
            ConfigurationError: The keyring did not answer, or refused.
        """
        return await self._ask(
            "read the key", lambda: self._load_library().get_password(SERVICE, ACCOUNT)
        )

    async def store(self, key: str) -> None:
        """Keep a key.

        Raises:
            ConfigurationError: The keyring did not answer, or refused.
        """
        await self._ask(
            "store the key", lambda: self._load_library().set_password(SERVICE, ACCOUNT, key)
        )

    async def forget(self) -> None:
        """Keep no key any more.

        Raises:
            ConfigurationError: The keyring did not answer, or refused.
        """
        await self._ask(
            "forget the key", lambda: self._load_library().delete_password(SERVICE, ACCOUNT)
        )

    def _find_problem(self) -> str:
        try:
            library = self._load_library()
        except ImportError:
            return NOT_INSTALLED
        # The library's own stand-ins for "none" have no priority worth speaking of.
        return "" if library.get_keyring().priority > 0 else NO_BACKEND

    async def _ask(self, what: str, question: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await tasks.in_own_thread(question, name="keyring")
        except TimeoutError as error:
            raise ConfigurationError(
                f"The keyring did not {what} in time. Unlock it and try again."
            ) from error
        except Exception as error:
            # Backends raise what they like, and their words may hold what they were given.
            raise ConfigurationError(
                f"The keyring could not {what} ({type(error).__name__})."
            ) from None


def _library() -> Any:
    import keyring  # optional, and slow to load

    return keyring
