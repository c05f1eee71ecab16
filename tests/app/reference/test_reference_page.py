import pytest

from console.app.reference.reference_page import entries, field_note, page_of
from tests.app.reference.rig import catalogue


def test_every_event_has_an_entry():
    shown = entries(catalogue())

    assert {each["type"] for each in shown} == {each.type for each in catalogue().events}
    assert all(each["about"] for each in shown)
    assert [each["sender"] for each in shown] == sorted(each["sender"] for each in shown)


def test_a_page_tells_fields_inside_one_another():
    doc = catalogue().find("session.update")
    assert doc is not None

    page = page_of(doc)

    names = [each["name"] for each in page["fields"]]
    assert names == ["type", "session", "event_id"]
    session = page["fields"][1]
    assert session["required"]
    assert [each["label"] for each in session["inside"]] == ["realtime", "transcription"]
    realtime = {each["name"]: each for each in session["inside"][0]["fields"]}
    audio = {each["name"]: each for each in realtime["audio"]["inside"][0]["fields"]}
    detection = {each["name"]: each for each in audio["input"]["inside"][0]["fields"]}
    kinds = detection["turn_detection"]["inside"]
    assert [each["label"] for each in kinds] == ["server_vad", "semantic_vad"]
    threshold = {each["name"]: each for each in kinds[0]["fields"]}["threshold"]
    assert threshold["about"] == "number from 0 to 1"
    assert threshold["default"] == 0.5
    assert page["example"]["type"] == "session.update"


def test_a_field_is_told_on_its_own():
    doc = catalogue().find("session.update")
    assert doc is not None

    note = field_note(doc, "session.audio.input.turn_detection.threshold")

    assert note["path"] == "session.audio.input.turn_detection.threshold"
    assert note["about"] == "number from 0 to 1"
    assert note["text"][0]["kind"] == "p"
    assert note["names"] == []


@pytest.mark.parametrize(
    ("path", "known", "one_of_names"),
    [
        ("session.audio.input.turn_detecton.threshold", "session.audio.input", "turn_detection"),
        ("session.tools.0.nmae", "session.tools", "name"),
        ("sesion", "", "session"),
    ],
)
def test_of_a_field_that_is_none_it_is_told_what_there_is_in_its_place(path, known, one_of_names):
    doc = catalogue().find("session.update")
    assert doc is not None

    note = field_note(doc, path)

    assert note["path"] == known
    assert one_of_names in note["names"]
    assert len(note["names"]) == len(set(note["names"]))


def test_an_event_is_told_with_the_names_of_its_fields():
    doc = catalogue().find("session.update")
    assert doc is not None

    note = field_note(doc, "")

    assert (note["path"], note["about"]) == ("", "event")
    assert note["text"]
    assert note["names"] == ["type", "session", "event_id"]
