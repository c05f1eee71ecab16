import pytest

from console.app.reference.form import MAX_ROWS, Edit, Form
from console.app.reference.shapes import Anything
from console.app.reference.variables import SUGGESTED
from tests.app.reference.rig import catalogue

SESSION = catalogue().of("client")["session.update"].shape
RESPONSE = catalogue().of("client")["response.create"].shape
VAD = ("session", "audio", "input", "turn_detection")


def session(**fields):
    return Form(SESSION, {"type": "session.update", "session": {"type": "realtime", **fields}})


def with_vad(**fields):
    vad = {"type": "server_vad", **fields}
    return session(audio={"input": {"turn_detection": vad}})


def row_of(form, *path):
    return next(each for each in form.rows() if each.path == path)


def test_what_is_there_comes_before_what_could_be():
    rows = [each for each in session(voice_of_the_past="x", tools=[]).rows() if len(each.path) == 2]

    assert [each.path[1] for each in rows][:2] == ["type", "tools"]
    assert [each.is_set for each in rows[:3]] == [True, True, False]
    assert rows[-1].path == ("session", "voice_of_the_past"), "what nobody knows is shown, too"
    assert (rows[-1].kind, rows[-1].value) == ("json", '"x"')


def test_a_row_says_all_that_is_known_of_its_field():
    row = row_of(with_vad(threshold=0.3), *VAD, "threshold")

    assert (row.kind, row.value, row.default, row.depth) == ("number", "0.3", 0.5, 4)
    assert row.about == "number from 0 to 1"
    assert "VAD" in row.text
    assert row.can_leave_out


def test_several_things_are_a_choice_and_what_fits_is_chosen():
    form = with_vad(threshold=0.3, create_response=True)
    row = row_of(form, *VAD)
    assert row.variants == ("server_vad", "semantic_vad", "null")
    assert row.variant == 0

    assert form.apply(Edit(VAD, "variant", 1))

    assert row_of(form, *VAD).variant == 1
    detection = form.value["session"]["audio"]["input"]["turn_detection"]
    assert detection == {"type": "semantic_vad", "create_response": True}, "what fits both is kept"

    assert form.apply(Edit(VAD, "variant", 2))
    assert row_of(form, *VAD).kind == "null"


def test_a_field_is_included_with_its_default_and_left_out_again():
    form = with_vad()

    assert form.apply(Edit((*VAD, "silence_duration_ms"), "include"))
    assert row_of(form, *VAD, "silence_duration_ms").value == "500"

    assert form.apply(Edit((*VAD, "silence_duration_ms"), "leave_out"))
    assert form.value == with_vad().value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.25", 0.25),
        ("3", 3),
        ("1e400", "1e400"),
        ("", ""),
        ("{{$ms}}", "{{$ms}}"),
        ("nan", "nan"),
    ],
)
def test_a_number_is_one_only_if_it_was_typed_so(typed, value):
    form = with_vad(threshold=0.5)

    assert form.apply(Edit((*VAD, "threshold"), "set", typed))

    detection = form.value["session"]["audio"]["input"]["turn_detection"]
    assert detection["threshold"] == value


def test_a_list_grows_and_shrinks():
    form = session(tools=[])
    tools = ("session", "tools")

    assert form.apply(Edit(tools, "append"))
    assert form.apply(Edit(tools, "append"))
    assert form.apply(Edit((*tools, 1, "name"), "set", "second"))
    assert form.apply(Edit((*tools, 0), "leave_out"))

    assert form.value["session"]["tools"] == [{"type": "function", "name": "second"}]


def test_entries_are_added_and_renamed_in_their_place():
    form = Form(RESPONSE, {"type": "response.create", "response": {"metadata": {}}})
    metadata = ("response", "metadata")
    for _ in range(2):
        assert form.apply(Edit(metadata, "append"))
    assert form.apply(Edit((*metadata, "name_1"), "set", "Ada"))

    assert form.apply(Edit((*metadata, "name_1"), "name", "who"))

    assert list(form.value["response"]["metadata"].items()) == [("who", "Ada"), ("name_2", "")]
    assert row_of(form, *metadata, "who").can_rename
    assert not form.apply(Edit((*metadata, "who"), "name", "name_2")), "it would be lost"


def test_json_that_cannot_be_read_is_kept_as_it_was_typed():
    path = ("session", "tools", 0, "parameters")
    form = session(tools=[{"type": "function", "parameters": {"a": 1}}])

    assert form.apply(Edit(path, "set", '{"a": '))
    assert row_of(form, *path).value == '{"a": '
    assert form.unreadable() == {path: "line 1, column 7: Expecting value"}
    assert form.value["session"]["tools"][0]["parameters"] == {"a": 1}

    assert form.apply(Edit(path, "set", '{"b": [2]}'))
    assert form.unreadable() == {}
    assert form.value["session"]["tools"][0]["parameters"] == {"b": [2]}


def test_an_entry_that_goes_takes_what_was_typed_into_it_along():
    path = ("session", "tools", 0, "parameters")
    form = session(tools=[{"type": "function", "parameters": {}}])
    form.apply(Edit(path, "set", "{"))

    form.apply(Edit(("session", "tools", 0), "leave_out"))

    assert form.unreadable() == {}


def test_a_flag_takes_no_words():
    form = with_vad(create_response=True)
    path = (*VAD, "create_response")

    assert not form.apply(Edit(path, "set", "maybe"))
    assert form.apply(Edit(path, "set", False))
    assert not row_of(form, *path).value


@pytest.mark.parametrize(
    "edit",
    [
        Edit(("nothing", "here"), "set", "x"),
        Edit(("session", "tools", 0), "leave_out"),
        Edit(("session", "tools", -1), "leave_out"),
        Edit(("session", 0), "include"),
        Edit(("session", "invented"), "include"),
        Edit(("session",), "variant", 9),
        Edit(("session",), "variant", "first"),
        Edit(("session",), "set", "x"),
        Edit(("session", "type", "deeper"), "set", "x"),
        Edit((), "leave_out"),
        Edit(("session", "type"), "append"),
        Edit(("session", "type"), "name", 3),
    ],
)
def test_an_edit_that_leads_nowhere_changes_nothing(edit):
    form = session(tools=[])
    before = form.value

    assert not form.apply(edit)
    assert form.value == before


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {"action": "set"},
        {"path": "x", "action": "set"},
        {"path": [None], "action": "set"},
        {"path": [True], "action": "set"},
        {"path": [], "action": "destroy"},
    ],
)
def test_what_is_no_edit_is_none(raw):
    assert Edit.parse(raw) is None


def test_an_edit_is_read_as_the_browser_sends_it():
    raw = {"path": ["a", 0], "action": "set", "value": "x"}

    assert Edit.parse(raw) == Edit(("a", 0), "set", "x")


def test_ids_are_suggested_when_a_field_is_included():
    form = Form(RESPONSE, {"type": "response.create"}, SUGGESTED.get)
    form.apply(Edit(("response",), "include"))
    form.apply(Edit(("response", "input"), "include"))

    assert form.value["response"] == {"input": []}


def test_a_form_is_bounded_however_long_its_value_is():
    form = session(tools=[{"type": "function"}] * 2_000)

    assert len(form.rows()) == MAX_ROWS


def test_a_value_of_unknown_shape_is_replaced_as_a_whole():
    form = Form(Anything(), {"a": 1})

    form.replace({"b": 2})

    assert form.rows() == []
    assert form.value == {"b": 2}
