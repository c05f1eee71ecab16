import pytest
from pydantic import SecretStr

from console.app.key_state import KeyAnswer, KeyState
from console.app.service_key import ServiceKey, checked
from console.app.system_keyring import NO_BACKEND, SystemKeyring
from console.errors import ConfigurationError
from tests.app.test_system_keyring import Library

TYPED = "sk-proj-planted-typed-ABCD"


def key_with(library, from_settings=None):
    secrets: list[str] = []
    given = SecretStr(from_settings) if from_settings else None
    key = ServiceKey(given, keep_secret=secrets.append, keyring=SystemKeyring(lambda: library))
    return key, secrets


async def test_a_typed_key_counts_more_than_that_of_the_settings_until_it_is_forgotten():
    key, secrets = key_with(Library(), "sk-settings-0123456789-WXYZ")
    assert key.state() == KeyState(source="settings", masked="sk-...WXYZ")

    await key.use(f" {TYPED}\n", keep=False)

    assert key.value is not None
    assert key.value.get_secret_value() == TYPED
    assert secrets == [TYPED]
    assert (key.state().source, key.state().masked) == ("typed", "sk-...ABCD")
    await key.forget()
    assert key.state().source == "settings"


async def test_nothing_about_it_shows_the_key():
    key, _ = key_with(Library())
    await key.use(TYPED, keep=True)

    assert "planted" not in f"{key!r} {key} {key.state()} {key.value}"


async def test_it_goes_into_the_keyring_when_that_is_wanted_and_comes_back_at_the_next_start():
    library = Library()
    key, _ = key_with(library)
    await key.load()
    await key.use(TYPED, keep=True)
    assert key.state().is_stored

    later, secrets = key_with(library)
    await later.load()

    assert later.is_own
    assert later.state().source == "keyring"
    assert secrets == [TYPED]
    answer = await later.forget()
    assert answer == KeyAnswer("The key is forgotten, in the keyring too.")
    assert library.kept == {}
    assert later.value is None


async def test_a_key_that_is_typed_in_while_the_keyring_is_unlocked_counts_more():
    class Locked(SystemKeyring):
        async def read(self) -> str | None:
            await key.use(TYPED, keep=False)
            return "sk-proj-kept-before-0123-WXYZ"

    key = ServiceKey(None, keyring=Locked(Library))

    await key.load()

    assert key.state() == KeyState(source="typed", masked="sk-...ABCD", is_stored=True)


async def test_a_keyring_that_does_not_forget_is_told_and_asked_again():
    library = Library()
    key, _ = key_with(library)
    await key.use(TYPED, keep=True)
    library.failure = RuntimeError()

    answer = await key.forget()

    assert answer.outcome == "warning"
    assert answer.sentence.startswith("It is forgotten here.")
    assert key.value is None
    assert key.state().is_stored
    library.failure = None
    await key.forget()
    assert library.kept == {}


async def test_the_keyring_is_left_alone_when_the_settings_have_a_key():
    library = Library()
    library.failure = RuntimeError()
    key, _ = key_with(library, "sk-settings")

    await key.load()

    assert not key.is_own


async def test_without_a_keyring_the_key_is_used_and_that_is_said():
    key, _ = key_with(Library(priority=0))
    await key.load()

    answer = await key.use(TYPED, keep=True)

    assert key.is_own
    assert not key.state().is_stored
    assert key.state().keyring_problem == NO_BACKEND
    assert NO_BACKEND in answer.sentence
    assert answer.outcome == "warning"


async def test_a_keyring_that_fails_loses_nothing():
    library = Library()
    key, _ = key_with(library)
    library.failure = RuntimeError("sk-proj-planted")

    await key.load()
    answer = await key.use(TYPED, keep=True)

    assert key.is_own
    assert "keyring could not" in answer.sentence
    assert answer.outcome == "warning"
    assert "planted" not in answer.sentence


async def test_a_refused_key_changes_nothing_and_is_not_shown():
    key, secrets = key_with(Library())
    await key.use(TYPED, keep=False)

    answer = await key.use("planted key", keep=False)

    assert key.value is not None
    assert key.value.get_secret_value() == TYPED
    assert secrets == [TYPED]
    assert answer.outcome == "error"
    assert "planted" not in answer.sentence


@pytest.mark.parametrize(
    "text",
    ["", "  ", "sk-", "sk-a b c d e f g", "sk-aaaa\nX-Evil: 1", "'sk-aaaaaaaa'", "sk-äöüäöü",
     "0123456789abcdef0123456789abcdef", "sk-" + "x" * 1000, "sk-aaaaaaa\x00"],
)  # fmt: skip
def test_what_cannot_be_a_key_is_refused_without_being_shown(text):
    with pytest.raises(ConfigurationError) as caught:
        checked(text)

    assert len(text.strip()) < 4 or text.strip() not in str(caught.value)


async def test_each_change_is_told():
    key, _ = key_with(Library())
    told: list[None] = []
    key.changed.connect(told.append)

    await key.use(TYPED, keep=False)
    await key.forget()

    assert len(told) == 2
