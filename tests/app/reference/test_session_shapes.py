"""The session as it is documented: nothing of it is missing from the form."""

from __future__ import annotations

import typing

import pytest
import typing_extensions
from openai.types.realtime import (
    RealtimeSessionCreateRequestParam,
    RealtimeTranscriptionSessionCreateRequestParam,
)
from typing_extensions import is_typeddict

from console.app.reference.catalogue import Catalogue, ReferenceUnavailableError
from console.app.reference.checks import problems_of
from console.app.reference.form import Edit, Form, Row
from console.app.reference.session_shapes import session_shapes, shape_of_session
from tests.app.reference.rig import catalogue

PARAMS = {
    "realtime": RealtimeSessionCreateRequestParam,
    "transcription": RealtimeTranscriptionSessionCreateRequestParam,
}


def typed_dicts(annotation: object) -> list[type]:
    """Return the objects that a field may be, or hold in a list."""
    if is_typeddict(annotation):
        return [typing.cast(type, annotation)]
    return [each for inner in typing.get_args(annotation) for each in typed_dicts(inner)]


def declared(kind: type) -> dict[str, object]:
    return typing_extensions.get_type_hints(kind)


def form_of(kind: str) -> Form:
    return Form(session_shapes(catalogue())[kind], {"type": kind})


def row_at(form: Form, path: tuple[str | int, ...]) -> Row:
    return next(each for each in form.rows() if each.path == path)


def included(form: Form, path: tuple[str | int, ...]) -> Row:
    """Return the line of a field, which is part of the value from now on."""
    if not row_at(form, path).is_set:
        assert form.apply(Edit(path, "include"))
    return row_at(form, path)


def walk(form: Form, kind: type, path: tuple[str | int, ...], seen: set[str]) -> None:
    """Include every field that the package declares, in each of the kinds that it can be."""
    for name, annotation in declared(kind).items():
        inner = (*path, name)
        row = included(form, inner)
        seen.add(".".join(str(each) for each in inner if isinstance(each, str)))
        assert row.about or row.kind == "constant", f"{inner} says nothing of what it may be"
        for each in typed_dicts(annotation):
            walk_variant(form, each, inner, seen)


def walk_variant(form: Form, kind: type, path: tuple[str | int, ...], seen: set[str]) -> None:
    fields = set(declared(kind))
    holds = {"list": "list", "names and values": "table"}
    variants = row_at(form, path).variants
    is_inside = any(each.startswith(tuple(holds)) for each in variants)
    if is_inside and not any_is(form, path, fields):
        choose(form, path, lambda inside: True, only=tuple(holds))
    if row_at(form, path).kind in holds.values():
        assert form.apply(Edit(path, "append"))
        path = [each.path for each in form.rows() if each.path[:-1] == path][-1]
    if row_at(form, path).variants:
        choose(form, path, lambda inside: fields == inside)
    inside = names_inside(form, path)
    assert fields == inside, f"{path}: {fields ^ inside}"
    walk(form, kind, path, seen)


def names_inside(form: Form, path: tuple[str | int, ...]) -> set[str]:
    return {str(each.path[-1]) for each in form.rows() if each.path[:-1] == path}


def any_is(form: Form, path: tuple[str | int, ...], fields: set[str]) -> bool:
    """Whether a field can itself be the object with these fields."""
    for at in range(len(row_at(form, path).variants)):
        assert form.apply(Edit(path, "variant", at))
        if names_inside(form, path) == fields:
            return True
    return False


def choose(
    form: Form,
    path: tuple[str | int, ...],
    accept: typing.Callable[[set[str]], bool],
    only: tuple[str, ...] = ("",),
) -> None:
    for at, name in enumerate(row_at(form, path).variants):
        if name.startswith(only):
            assert form.apply(Edit(path, "variant", at))
            if accept(names_inside(form, path)):
                return
    raise AssertionError(f"{path} can be none of what is declared")


@pytest.mark.parametrize("kind", PARAMS)
def test_every_field_that_the_package_declares_can_be_set_in_the_form(kind: str) -> None:
    form, seen = form_of(kind), set[str]()

    for name, annotation in declared(PARAMS[kind]).items():
        if name == "type":
            assert row_at(form, (name,)).value == kind
            continue
        included(form, (name,))
        seen.add(name)
        for each in typed_dicts(annotation):
            walk_variant(form, each, (name,), seen)

    least = {"realtime": 60, "transcription": 15}
    assert len(seen) >= least[kind], sorted(seen)
    expected = {"audio.input.turn_detection.eagerness", "audio.input.noise_reduction.type"}
    assert expected <= seen


def test_what_is_out_of_its_range_is_told_by_the_range() -> None:
    shapes = session_shapes(catalogue())
    value = {
        "type": "realtime",
        "audio": {"output": {"speed": 9}, "input": {"turn_detection": {"type": "loud"}}},
        "output_modalities": ["smell"],
    }

    told = [str(each) for each in problems_of(shape_of_session(shapes, value), value)]

    assert any("audio.output.speed: must be a number from 0.25 to 1.5" in each for each in told)
    assert any(each.startswith("audio.input.turn_detection") for each in told)
    assert any(each.startswith("output_modalities[0]") for each in told)


def test_a_session_of_no_known_type_counts_as_a_conversation() -> None:
    shapes = session_shapes(catalogue())

    odd_ones: list[object] = [{}, {"type": "song"}, [], None]
    for odd in odd_ones:
        assert shape_of_session(shapes, odd) == shapes["realtime"]
    assert shape_of_session(shapes, {"type": "transcription"}) == shapes["transcription"]


def test_a_package_that_documents_no_session_is_said_to_be_too_old() -> None:
    with pytest.raises(ReferenceUnavailableError, match="pip install --upgrade openai"):
        session_shapes(Catalogue("0", ()))
