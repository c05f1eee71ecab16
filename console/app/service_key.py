"""The key of the OpenAI API: from the settings, typed in by the owner, or from the keyring."""

from __future__ import annotations

import logging
from collections.abc import Callable

from pydantic import SecretStr

from console.app.key_state import KeyAnswer, KeySource, KeyState, masked
from console.app.system_keyring import SystemKeyring
from console.errors import ConfigurationError
from console.key_form import check_service_key
from console.signals import Signal

logger = logging.getLogger(__name__)

_USED = "The key is used from the next session on"


class ServiceKey:
    """Holds the key of the process in memory. It is in no text about it.

    One that is typed in counts more than that of the settings, until it is forgotten.
    """

    def __init__(
        self,
        from_settings: SecretStr | None,
        *,
        keep_secret: Callable[[str], None] = lambda _: None,
        keyring: SystemKeyring | None = None,
    ) -> None:
        """Begin with the key of the settings.

        Args:
            from_settings: If there is one.
            keep_secret: Told of each key that comes in, so that no log ever holds it.
            keyring: Of the system.
        """
        self._from_settings = from_settings
        self._keep_secret = keep_secret
        self._keyring = keyring or SystemKeyring()
        self._own: SecretStr | None = None
        self._source: KeySource = "none"
        self._is_stored = False
        self._problem = ""
        self.changed: Signal[None] = Signal("key changed")
        """After anything that the page shows of it has changed."""

    def __repr__(self) -> str:
        return f"<ServiceKey {self.state().source}>"

    @property
    def value(self) -> SecretStr | None:
        """The key; None without one."""
        return self._own or self._from_settings

    @property
    def is_own(self) -> bool:
        """Whether it was typed in, or comes from the keyring."""
        return self._own is not None

    def state(self) -> KeyState:
        """Return what may be shown of it."""
        key, source = self.value, self._source
        if self._own is None:
            source = "none" if key is None else "settings"
        return KeyState(
            source=source,
            masked="" if key is None else masked(key.get_secret_value()),
            is_stored=self._is_stored,
            keyring_problem=self._problem,
        )

    async def load(self) -> None:
        """Take the key from the keyring, unless the settings have one."""
        try:
            self._problem = await self._keyring.problem()
            if self._problem or self._from_settings is not None:
                return
            if (found := await self._keyring.read()) is None:
                return
            key = checked(found)
            self._is_stored = True
            if self._own is None:  # else one was typed in while the keyring was being unlocked
                self._take(key, "keyring")
        except ConfigurationError as error:
            self._problem = str(error)
            logger.warning("%s", error)
        else:
            self.changed.emit(None)

    async def use(self, text: str, *, keep: bool) -> KeyAnswer:
        """Use a key that the owner has typed in.

        Args:
            text: The key.
            keep: Whether it goes into the system's keyring as well.

        Returns:
            What came of it.
        """
        try:
            key = checked(text)
        except ConfigurationError as error:
            return KeyAnswer(str(error), "error")
        self._take(key, "typed")
        self.changed.emit(None)
        if keep:
            return await self._store(key)
        return KeyAnswer(f"{_USED}. It is kept in memory only.")

    async def forget(self) -> KeyAnswer:
        """Forget the key that was typed in, here and in the keyring.

        Returns:
            What came of it.
        """
        self._own, self._source = None, "none"
        self.changed.emit(None)
        if not self._is_stored:
            return KeyAnswer("The key is forgotten.")
        try:
            await self._keyring.forget()
        except ConfigurationError as error:
            return KeyAnswer(f"It is forgotten here. {error}", "warning")
        self._is_stored = False
        self.changed.emit(None)
        return KeyAnswer("The key is forgotten, in the keyring too.")

    async def _store(self, key: SecretStr) -> KeyAnswer:
        if self._problem:
            return KeyAnswer(f"{_USED}. {self._problem}", "warning")
        try:
            await self._keyring.store(key.get_secret_value())
        except ConfigurationError as error:
            return KeyAnswer(f"{_USED}. {error}", "warning")
        self._is_stored = True
        self.changed.emit(None)
        return KeyAnswer(f"{_USED}, and kept in the keyring.")

    def _take(self, key: SecretStr, source: KeySource) -> None:
        self._keep_secret(key.get_secret_value())
        self._own, self._source = key, source


def checked(text: str) -> SecretStr:
    """Return a typed key if it can be one of OpenAI's.

    Raises:
        ConfigurationError: It cannot; the sentence says why and never holds it.
    """
    key = text.strip()
    if not key:
        raise ConfigurationError("There is no key. Paste it into the field.")
    try:
        check_service_key(key, "That")
    except ValueError as error:
        raise ConfigurationError(f"{error}.") from None  # nothing of it, in a traceback either
    return SecretStr(key)
