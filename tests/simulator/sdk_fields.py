"""Walks the parameter types of OpenAI's package, field by field, and asks a check whether it knows them."""

from __future__ import annotations

import itertools
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, Literal, Required, Union, get_args, get_origin, get_type_hints

# The package makes its types with these, and the standard library's question says no to them.
from typing_extensions import is_typeddict

from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.validation import Check

Place = Callable[[Any], Any]
INVENTED = "x_invented"


def unknown_fields(check: Check, typed: Any, place: Place = lambda inner: inner) -> set[str]:
    """Return `Class.field` of all that `check` calls unknown, at any depth.

    Also tells, as `Class.x_invented?`, of places where an invented field is not refused: there the
    walk would prove nothing.
    """
    found: set[str] = set()
    samples = list(_samples(typed))
    if not any(_is_unknown(check, place({**each, INVENTED: 1}), INVENTED) for each in samples):
        found.add(f"{typed.__name__}.{INVENTED}?")
    for name, hint in get_type_hints(typed).items():
        values = [place({name: None, **each}) for each in samples]
        if all(_is_unknown(check, value, name) for value in values):
            found.add(f"{typed.__name__}.{name}")
        for inner, wrap in _typed_dicts(hint):
            found |= unknown_fields(check, inner, _nested(place, samples[0], name, wrap))
    return found


def _nested(place: Place, sample: dict[str, Any], name: str, wrap: Place) -> Place:
    return lambda inner: place({**sample, name: wrap(inner)})


def _is_unknown(check: Check, value: Any, name: str) -> bool:
    try:
        check(value, "")
    except Refusal as refusal:
        last = (refusal.param or "").rpartition(".")[2]
        return refusal.code == "unknown_parameter" and last == name
    return False


def _samples(typed: Any) -> Iterator[dict[str, Any]]:
    """Yield the least that an object of this type holds, once for each of its kinds."""
    hints = get_type_hints(typed)
    kinds = get_args(hints.get("type")) if _is_literal(hints.get("type")) else ()
    # The class itself does not know which are required: its annotations are strings.
    marked = get_type_hints(typed, include_extras=True)
    required = {
        name: _value(hints[name]) for name, hint in marked.items() if get_origin(hint) is Required
    }
    fixed = {name: get_args(hints[name])[0] for name in ("role",) if _is_literal(hints.get(name))}
    for kind in kinds or (None,):
        yield {**required, **fixed, **({} if kind is None else {"type": kind})}


def _value(hint: Any) -> Any:
    if _is_literal(hint):
        return get_args(hint)[0]
    if hint is str:
        return "x"
    if hint in (int, float):
        return 1
    if hint is bool:
        return True
    return {} if is_typeddict(hint) or hint is object else []


def _typed_dicts(hint: Any, wrap: Place = lambda inner: inner) -> Iterator[tuple[Any, Place]]:
    if is_typeddict(hint):
        yield hint, wrap
    elif get_origin(hint) in (Union, types.UnionType):
        yield from itertools.chain.from_iterable(
            _typed_dicts(each, wrap) for each in get_args(hint)
        )
    elif get_origin(hint) is dict:
        yield from _typed_dicts(get_args(hint)[1], lambda inner: wrap({"k": inner}))
    elif get_args(hint) and get_origin(hint) is not Literal:
        yield from _typed_dicts(get_args(hint)[0], lambda inner: wrap([inner]))


def _is_literal(hint: Any) -> bool:
    return typing.get_origin(hint) is Literal
