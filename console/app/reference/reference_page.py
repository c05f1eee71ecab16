"""The reference as plain data for the page: one entry for each event, one page for the open one."""

from __future__ import annotations

from typing import Any

from console.app.reference import prose
from console.app.reference.catalogue import Catalogue, EventDoc
from console.app.reference.shapes import (
    Field,
    Listing,
    OneOf,
    Record,
    Shape,
    Table,
    describe,
    label,
)
from console.app.reference.values import example_event


def entries(catalogue: Catalogue) -> list[dict[str, str]]:
    """Return type, sender and first sentence of each event."""
    return [
        {"type": each.type, "sender": each.sender, "about": prose.first_sentence(each.text)}
        for each in catalogue.events
    ]


def page_of(doc: EventDoc) -> dict[str, Any]:
    """Return all that is told of an event; texts as `prose.blocks`, fields inside one another."""
    return {
        "type": doc.type,
        "sender": doc.sender,
        "text": prose.blocks(doc.text),
        "fields": _fields(doc.shape),
        "example": example_event(doc.type, doc.shape),
    }


def field_note(doc: EventDoc, path: str) -> dict[str, Any]:
    """Return what is told of one field, or of the last one on the way that is documented.

    Args:
        doc: Of the event that the field is in.
        path: Names with dots between them; places in lists are passed over. Empty: the event.

    Returns:
        `path`, as far as it is documented, and empty for the event itself; `about`; `text` as
        `prose.blocks`; and `names` of the fields inside, for the event, and where the path leads to
        none of them.
    """
    records, known, field = [doc.shape], list[str](), None
    steps = [each for each in path.split(".") if each and not each.isdigit()]
    for name in steps:
        found = next((each for record in records if (each := record.field(name))), None)
        if found is None:
            break
        known.append(name)
        field, records = found, _records(found.shape)
    inside = dict.fromkeys(each.name for record in records for each in _in_order(record))
    return {
        "path": ".".join(known),
        "about": "event" if field is None else describe(field.shape),
        "text": prose.blocks(doc.text if field is None else field.text),
        "names": list(inside) if not known or len(known) < len(steps) else [],
    }


def _fields(record: Record) -> list[dict[str, Any]]:
    return [_field(each) for each in _in_order(record)]


def _in_order(record: Record) -> list[Field]:
    return sorted(record.fields, key=lambda each: (not each.is_required, each.name != "type"))


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "required": field.is_required,
        "about": describe(field.shape),
        "default": field.default,
        "text": prose.blocks(field.text),
        "inside": [
            {"label": label(each), "text": prose.blocks(each.text), "fields": _fields(each)}
            for each in _records(field.shape)
        ],
    }


def _records(shape: Shape) -> list[Record]:
    """Return the objects that a value of this shape is, or holds in a list or by name."""
    match shape:
        case Record():
            return [shape]
        case Listing():
            return _records(shape.item)
        case Table():
            return _records(shape.value)
        case OneOf():
            return [inner for each in shape.variants for inner in _records(each)]
        case _:
            return []
