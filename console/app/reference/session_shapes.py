"""What a session may hold, by its type, as `session.update` is documented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.app.reference.catalogue import Catalogue, ReferenceUnavailableError
from console.app.reference.shapes import OneOf, Record, Shape

_UPDATE = "session.update"


def session_shapes(catalogue: Catalogue) -> Mapping[str, Record]:
    """Return what a session of each type may hold: `realtime` and `transcription`.

    Raises:
        ReferenceUnavailableError: The installed package documents no session.
    """
    doc = catalogue.of("client").get(_UPDATE)
    field = doc.shape.field("session") if doc is not None else None
    shape = field.shape if field is not None else None
    variants = shape.variants if isinstance(shape, OneOf) else (shape,)
    found = {
        str(each.constants()["type"]): each
        for each in variants
        if isinstance(each, Record) and "type" in each.constants()
    }
    if "realtime" not in found:
        raise ReferenceUnavailableError(
            "The installed openai package documents no session: update it with "
            '"pip install --upgrade openai".'
        )
    return found


def shape_of_session(shapes: Mapping[str, Record], value: Any) -> Shape:
    """Return what a session of this type may hold; one of no known type is a conversation."""
    kind = value.get("type") if isinstance(value, dict) else None
    return shapes.get(str(kind), shapes["realtime"])
