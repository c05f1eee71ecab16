import threading
from typing import Any

import pytest

from console.app.system_keyring import ACCOUNT, NO_BACKEND, NOT_INSTALLED, SERVICE, SystemKeyring
from console.errors import ConfigurationError


class Library:
    """The calls of the package that are used."""

    def __init__(self, priority=5.0):
        self.priority = priority
        self.kept: dict[tuple[str, str], str] = {}
        self.failure: Exception | None = None

    def get_keyring(self) -> Any:
        return self

    def get_password(self, service, account):
        if self.failure:
            raise self.failure
        return self.kept.get((service, account))

    def set_password(self, service, account, key):
        if self.failure:
            raise self.failure
        self.kept[service, account] = key

    def delete_password(self, service, account):
        if self.failure:
            raise self.failure
        del self.kept[service, account]


async def test_a_key_is_kept_read_and_forgotten():
    library = Library()
    keyring = SystemKeyring(lambda: library)

    assert await keyring.problem() == ""
    assert await keyring.read() is None
    await keyring.store("sk-planted")
    assert library.kept == {(SERVICE, ACCOUNT): "sk-planted"}
    assert await keyring.read() == "sk-planted"
    await keyring.forget()
    assert await keyring.read() is None


async def test_a_system_without_a_keyring_says_so():
    assert await SystemKeyring(lambda: Library(priority=0)).problem() == NO_BACKEND


async def test_without_the_package_it_says_which():
    def load():
        raise ImportError

    assert await SystemKeyring(load).problem() == NOT_INSTALLED


async def test_a_keyring_that_refuses_is_told_without_its_words():
    library = Library()
    library.failure = RuntimeError("cannot store sk-planted")

    with pytest.raises(ConfigurationError, match="could not store the key") as caught:
        await SystemKeyring(lambda: library).store("sk-planted")

    assert "planted" not in f"{caught.value}{caught.value.__cause__}"


async def test_forgetting_what_is_not_there_is_told():
    with pytest.raises(ConfigurationError, match="could not forget the key"):
        await SystemKeyring(Library).forget()


async def test_a_keyring_that_waits_for_its_user_does_not_hold_the_console(monkeypatch):
    opened = threading.Event()

    class Locked(Library):
        def get_password(self, service, account):
            opened.wait()

    library = Locked()
    monkeypatch.setattr("console.app.system_keyring.PATIENCE_S", 0.05)

    with pytest.raises(ConfigurationError, match="in time"):
        await SystemKeyring(lambda: library).read()

    opened.set()


async def test_the_real_package_is_asked_where_it_is_installed():
    assert await SystemKeyring().problem() in ("", NO_BACKEND, NOT_INSTALLED)
