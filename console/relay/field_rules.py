"""One object of settings, reduced to what its sender may set."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from console.realtime.refusal import Refusal
from console.relay.policy import FieldRule, OpenMode, Rules
from console.relay.session_fields import SESSION, Table


class FieldRules:
    """The rules of one kind of object. The most exact rule counts; what is kept is nobody's."""

    def __init__(self, rules: OpenMode | Rules, table: Table, kept: Collection[str] = ()) -> None:
        """Prepare the rules.

        Args:
            rules: What may be set, by path.
            table: The settings that there are.
            kept: The paths of those that only the relay sets.
        """
        self._rules = rules
        self._table = table
        self._kept = frozenset(kept)
        self._is_open = rules == "anything"

    def reduced(self, value: Mapping[str, Any], root: str) -> tuple[dict[str, Any], list[str]]:
        """Return what of an object may pass, and the paths of what may not.

        Args:
            value: The object.
            root: Its own path, for errors: `session` or `response`.

        Raises:
            Refusal: A setting that may pass is of the wrong kind, or out of its bounds.
        """
        left_out: list[str] = []
        return self._walk(value, "", root, left_out), left_out

    def _walk(
        self, values: Mapping[str, Any], at: str, root: str, left_out: list[str]
    ) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for key, value in values.items():
            path = f"{at}.{key}" if at else key
            param = f"{root}.{path}"
            # A path has dots between its keys; a key with a dot in it only looks like one.
            is_unknown = "." in key
            if not is_unknown and path in self._table.groups and isinstance(value, dict):
                inner = self._walk(value, path, root, left_out)
                if inner or not value:
                    kept[key] = inner
            elif (self._is_open or not is_unknown) and self._may_pass(path, value, param):
                kept[key] = value
            else:
                left_out.append(param)
        return kept

    def _may_pass(self, path: str, value: Any, param: str) -> bool:
        """Return whether a value may be set.

        Raises:
            Refusal: It may, but not to this.
        """
        if any(_overlap(path, each) for each in self._kept):
            return False
        if self._is_open:
            return True
        rule = self._rule(path)
        if path in self._table.groups:
            if value is not None:
                raise Refusal(f"Invalid type for '{param}': expected an object.", param=param)
            return rule is True
        leaf = self._table.leaves.get(path)
        if leaf is None or rule is False:
            return False
        leaf.check(value, param)
        if isinstance(rule, FieldRule):
            _check_bounds(rule, value, param)
        return True

    def _rule(self, path: str) -> bool | FieldRule:
        assert not isinstance(self._rules, str), "what is open has no rules"
        while path:
            if path in self._rules:
                return self._rules[path]
            path = path.rpartition(".")[0]
        return False


def _overlap(path: str, other: str) -> bool:
    """Return whether two paths are of the same setting, or one is of a group with the other."""
    return f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.")


def paths_of(values: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Yield the paths of all values in an object of settings."""
    for key, value in values.items():
        path = f"{at}.{key}" if at else key
        if path in SESSION.groups and isinstance(value, Mapping):
            yield from paths_of(value, path)
        else:
            yield path


def _check_bounds(rule: FieldRule, value: Any, param: str) -> None:
    values = value if isinstance(value, list) else [value]
    if rule.one_of is not None and any(each not in rule.one_of for each in values):
        allowed = ", ".join(repr(each) for each in rule.one_of)
        raise _out_of_bounds(param, f"allowed are {allowed}")
    if rule.min is not None or rule.max is not None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not _is_between(value, rule.min, rule.max):
            raise _out_of_bounds(param, f"allowed is {_span(rule.min, rule.max)}")
    if rule.max_chars is not None and _n_characters(value) > rule.max_chars:
        raise _out_of_bounds(param, f"at most {rule.max_chars} characters are allowed")


def _is_between(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _span(low: float | None, high: float | None) -> str:
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"


def _n_characters(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    return sum(len(each) for each in value if isinstance(each, str)) if value else 0


def _out_of_bounds(param: str, what: str) -> Refusal:
    return Refusal(
        f"The relay's policy does not allow this value of '{param}': {what}.",
        code="relay_value_not_allowed",
        param=param,
    )
