import pytest

from console.app.backend import Backend
from console.app.key_state import KeyAnswer, KeyState
from console.app.session_key import OWNER_ONLY, SessionKey
from console.app.view_model import Phase, ViewModel
from console.settings import Settings

TYPED = "sk-proj-planted-typed-ABCD"


class Session:
    def __init__(self, *, is_owner=True):
        self.backend = Backend(Settings(_env_file=None, OPENAI_API_KEY=None))
        self.view = ViewModel(target=self.backend.target)
        self.n_renewed = 0
        self.key = SessionKey(self.backend, self.view, self.call_anew, is_owner=is_owner)

    def call_anew(self):
        self.n_renewed += 1


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


async def test_the_owner_types_a_key_in_and_the_page_shows_its_ends():
    session = Session()

    await session.key.use(TYPED, keep=False)

    assert session.view.target.label == "OpenAI"
    assert session.n_renewed == 1
    assert (session.view.key.masked, session.view.key.may_change) == ("sk-...ABCD", True)
    assert "planted" not in repr(session.view)


async def test_a_guest_can_neither_change_the_key_nor_see_anything_of_it():
    session = Session(is_owner=False)

    answers = [await session.key.use(TYPED, keep=False), await session.key.forget()]

    assert session.backend.key.value is None
    assert session.view.key == KeyState()
    assert [each.sentence for each in session.view.notices] == [OWNER_ONLY]
    assert answers == [KeyAnswer(OWNER_ONLY, "error")] * 2

    await session.backend.key.use(TYPED, keep=False)
    assert session.view.key == KeyState()
    assert session.view.target.label == "OpenAI"


async def test_a_guest_is_told_that_talk_is_billed_to_the_host():
    guest = Session(is_owner=False)
    assert guest.view.target.is_simulator

    await guest.backend.key.use(TYPED, keep=False)

    assert guest.view.target.hint.endswith("billed to the host's key.")
    assert Session(is_owner=False).view.target.hint == Session().view.target.hint


async def test_a_session_that_is_open_goes_on_with_whom_it_began():
    session = Session()
    session.view.set_connection(Phase.CONNECTED)

    await session.key.use(TYPED, keep=False)
    assert session.view.target.is_simulator

    session.view.set_connection(Phase.DISCONNECTED)
    session.key.take_over_target()
    assert session.view.target.label == "OpenAI"


async def test_a_session_that_has_ended_is_told_nothing():
    session = Session()
    session.key.close()

    await session.backend.key.use(TYPED, keep=False)

    assert session.view.target.is_simulator
    assert session.n_renewed == 0


async def test_what_was_refused_on_one_page_is_told_on_no_other():
    one, other = Session(), Session()
    other.key = SessionKey(one.backend, other.view, other.call_anew, is_owner=True)
    before = repr(other.view)

    answer = await one.key.use("no key at all", keep=False)

    assert answer.outcome == "error"
    assert repr(other.view) == before
