import pytest

from console.app.reference.form import Edit
from console.app.reference.form_draft import MAX_CHARACTERS, FormDraft
from console.app.reference.shapes import Anything, Field, Number, Record

SHAPE = Record("It", (Field("speed", Number(is_whole=False, low=0.25, high=1.5), False),))


@pytest.fixture
def draft():
    return FormDraft(lambda value: SHAPE, {"speed": 1.0})


def test_the_form_changes_the_json(draft):
    assert draft.edit(Edit(("speed",), "set", "1.2"))

    assert draft.value == {"speed": 1.2}
    assert draft.text == '{\n  "speed": 1.2\n}'


def test_the_json_changes_the_form(draft):
    draft.type_json('{"speed": 1.5}')

    (row,) = draft.rows
    assert row.value == "1.5"
    assert draft.problems() == []


def test_what_is_wrong_is_told_at_its_place(draft):
    draft.type_json('{"speed": 9, "sped": 1}')

    assert [str(each) for each in draft.problems()] == [
        "speed: must be a number from 0.25 to 1.5, not 9",
        "sped: is no field here; did you mean speed?",
    ]


@pytest.mark.parametrize("text", ['{"speed": ', "NaN", " " * (MAX_CHARACTERS + 1)])
def test_json_that_cannot_be_read_leaves_the_form_as_it_is(draft, text):
    draft.type_json(text)

    assert draft.text == text
    assert draft.value == {"speed": 1.0}
    assert "This is no JSON" in str(draft.problems()[0])
    assert not draft.edit(Edit(("speed",), "set", "1.2"))


def test_a_field_that_holds_no_json_is_told():
    record = Record("It", (Field("any", Anything(), False),))
    draft = FormDraft(lambda value: record, {"any": {}})

    draft.edit(Edit(("any",), "set", "{"))

    (problem,) = draft.problems()
    assert problem.path == ("any",)


def test_what_is_opened_is_not_changed_by_what_follows(draft):
    value = {"speed": 1.1}
    draft.open(value)

    draft.edit(Edit(("speed",), "set", "0.5"))

    assert value == {"speed": 1.1}
