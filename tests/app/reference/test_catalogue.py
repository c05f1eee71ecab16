import typing
from typing import Any, get_args, get_origin

import pytest
import typing_extensions
from openai.types import realtime
from openai.types.realtime import realtime_client_event_param, realtime_server_event
from openai.types.realtime.response_create_event_with_references_param import (
    ResponseCreateEventWithReferencesParam,
)
from pydantic import BaseModel
from typing_extensions import is_typeddict

from console.app.reference import catalogue as catalogue_module
from console.app.reference.catalogue import (
    MISSING,
    ReferenceUnavailableError,
    package_root,
    read_catalogue,
)
from console.app.reference.shapes import Choice, Listing, OneOf, Record, Shape, Table
from tests.app.reference.rig import catalogue


def hints_of(kind: Any) -> dict[str, Any]:
    """The fields of a type as Python itself reads them, the package being imported."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {info.alias or name: info.annotation for name, info in kind.model_fields.items()}
    return typing_extensions.get_type_hints(kind) if is_typeddict(kind) else {}


def fields_of(kind: Any, at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    inner = () if get_origin(kind) is typing.Literal else get_args(kind)
    return {place for each in inner for place in fields_of(each, at)} | {
        place
        for name, hint in hints_of(kind).items()
        for place in ({(*at, name)} | fields_of(hint, (*at, name)))
    }


def read_fields(shape: Shape, at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    match shape:
        case Record():
            return {
                place
                for field in shape.fields
                for place in ({(*at, field.name)} | read_fields(field.shape, (*at, field.name)))
            }
        case OneOf():
            return {place for each in shape.variants for place in read_fields(each, at)}
        case Listing():
            return read_fields(shape.item, at)
        case Table():
            return read_fields(shape.value, at)
        case _:
            return set()


def type_of(event: Any) -> str:
    return str(get_args(hints_of(event)["type"])[0])


CLIENT = {
    type_of(each): each for each in get_args(realtime_client_event_param.RealtimeClientEventParam)
} | {"response.create": ResponseCreateEventWithReferencesParam}
SERVER = {
    type_of(each): each for each in get_args(get_args(realtime_server_event.RealtimeServerEvent)[0])
}


def test_no_event_is_missing():
    assert set(catalogue().of("client")) == set(CLIENT)
    assert set(catalogue().of("server")) == set(SERVER)
    assert len(SERVER) > 40


@pytest.mark.parametrize(("event_type", "event"), (CLIENT | SERVER).items())
def test_no_field_of_an_event_is_missing(event_type, event):
    doc = catalogue().find(event_type)

    assert doc is not None
    assert read_fields(doc.shape) == fields_of(event)


def test_a_session_in_a_response_may_refer_to_items():
    shape = catalogue().of("client")["response.create"].shape

    assert ("response", "input", "id") in read_fields(shape)
    assert any(
        isinstance(each, Choice) and each.options == ("item_reference",) for each in _shapes(shape)
    )


def _shapes(shape: Shape) -> list[Shape]:
    match shape:
        case Record():
            return [shape, *(inner for each in shape.fields for inner in _shapes(each.shape))]
        case OneOf():
            return [shape, *(inner for each in shape.variants for inner in _shapes(each))]
        case Listing():
            return [shape, *_shapes(shape.item)]
        case _:
            return [shape]


def test_every_event_and_nearly_every_field_of_it_is_documented():
    for doc in catalogue().events:
        assert len(doc.text) > 20, doc.type
        for field in doc.shape.fields:
            assert field.text, (doc.type, field.name)


def test_the_package_is_found_where_python_would_import_it():
    assert str(package_root()) == str(realtime.__path__[0]).removesuffix("/types/realtime")


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setattr(catalogue_module, "PACKAGE", "a_package_that_nobody_has")

    with pytest.raises(ReferenceUnavailableError, match="pip install openai") as raised:
        read_catalogue()

    assert str(raised.value) == MISSING


@pytest.mark.parametrize("text", ["", "x = (", "RealtimeClientEventParam = 3\n"])
def test_a_package_that_cannot_be_read_is_said_to_be_updated(tmp_path, text):
    home = tmp_path / "types" / "realtime"
    home.mkdir(parents=True)
    (home / "realtime_client_event_param.py").write_text(text)

    with pytest.raises(ReferenceUnavailableError, match="pip install --upgrade openai"):
        read_catalogue(tmp_path)
