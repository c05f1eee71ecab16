import pytest

from console.app.reference.catalogue import Catalogue, ReferenceUnavailableError
from console.app.reference.form import Edit
from console.app.session_draft import SessionDraft
from console.app.session_state import SessionState
from tests.app.reference.rig import catalogue

OUTPUT = {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}


def asked(**fields):
    return SessionState(requested={"type": "realtime", "audio": {"output": OUTPUT}, **fields})


@pytest.fixture
def draft():
    return SessionDraft(catalogue(), asked())


def edit(draft, *path, action="set", value=None):
    assert draft.draft.edit(Edit(path, action, value))


def test_what_is_written_is_named_by_its_fields(draft):
    assert draft.changes == []

    edit(draft, "audio", "output", "voice", value="cedar")
    edit(draft, "instructions", action="include")

    assert draft.changes == ["audio.output.voice", "instructions"]


def test_a_field_that_is_left_out_is_a_change(draft):
    edit(draft, "audio", "output", "voice", action="leave_out")

    assert draft.changes == ["audio.output.voice"]


def test_what_was_written_stays_when_something_else_is_asked_for_elsewhere(draft):
    edit(draft, "audio", "output", "voice", value="cedar")
    edit(draft, "audio", "output", "format", action="leave_out")

    assert draft.follow(asked(instructions="Other."))

    value = draft.draft.value
    assert value["instructions"] == "Other."
    assert value["audio"]["output"] == {"voice": "cedar"}
    assert draft.changes == ["audio.output.voice", "audio.output.format"]
    assert not draft.follow(asked(instructions="Other."))


def test_what_is_being_typed_is_not_taken_away(draft):
    draft.draft.type_json('{"type": ')

    assert draft.follow(asked(instructions="Other."))

    assert draft.draft.text == '{"type": '


def test_a_session_of_another_type_begins_anew(draft):
    edit(draft, "audio", "output", "voice", value="cedar")

    draft.follow(SessionState(requested={"type": "transcription"}))

    assert draft.draft.value == {"type": "transcription"}
    assert draft.changes == []


def test_what_is_discarded_is_as_it_was_asked_for(draft):
    edit(draft, "audio", "output", "voice", value="cedar")

    draft.discard(asked())

    assert draft.changes == []
    assert draft.draft.value["audio"]["output"]["voice"] == "marin"


def test_what_is_no_object_changes_nothing(draft):
    draft.draft.type_json("[1]")

    assert [str(each) for each in draft.draft.problems()] == ["A JSON object is needed: { ... }."]


def test_a_package_without_a_session_cannot_be_used():
    with pytest.raises(ReferenceUnavailableError, match="documents no session"):
        SessionDraft(Catalogue("0", ()), asked())
