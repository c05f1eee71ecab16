"""What a client may put into the conversation: whose words, answers to which calls, which content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from console.realtime.refusal import Refusal
from console.relay.policy import Items
from console.relay.session_fields import TEXT, Leaf

_COMMON: Final[Mapping[str, Leaf]] = {"id": TEXT, "object": TEXT, "status": TEXT}
_MESSAGE: Final = {**_COMMON, "phase": TEXT}
_FUNCTION_OUTPUT: Final = {**_COMMON, "call_id": TEXT, "output": TEXT}
_FUNCTION_CALL: Final = {**_COMMON, "call_id": TEXT, "name": TEXT, "arguments": TEXT}
_REFERENCE: Final = {"id": TEXT}
_SAID: Final[Mapping[str, Mapping[str, Leaf]]] = {
    "input_text": {"text": TEXT},
    "input_audio": {"audio": TEXT, "transcript": TEXT},
}
_ANSWERED: Final[Mapping[str, Mapping[str, Leaf]]] = {
    "output_text": {"text": TEXT},
    "output_audio": {"audio": TEXT, "transcript": TEXT},
}
_IMAGE: Final[Mapping[str, Leaf]] = {"image_url": TEXT, "detail": TEXT}
_CONTENT: Final = {
    "user": {**_SAID, "input_image": _IMAGE},
    "system": {"input_text": _SAID["input_text"]},
    "assistant": _ANSWERED,
}


class ItemRules:
    """Judges items, wherever they stand."""

    def __init__(
        self, items: Items, is_relay_call: Callable[[str], bool], *, is_open: bool = False
    ) -> None:
        """Prepare the rules.

        Args:
            items: What is allowed.
            is_relay_call: Whether a call is the relay's own to answer.
            is_open: Whether everything passes as it is, but what has to do with MCP.
        """
        self._items = items
        self._is_relay_call = is_relay_call
        self._is_open = is_open

    def judge(
        self, item: Any, at: str, left_out: list[str], *, may_refer: bool = False
    ) -> dict[str, Any]:
        """Return the item that may go up in place of one.

        Args:
            item: What was sent as an item.
            at: Its path, for errors.
            left_out: Takes the paths of what does not pass.
            may_refer: Whether it may stand for an item of the conversation.

        Raises:
            Refusal: None may.
        """
        if not isinstance(item, dict):
            raise Refusal(f"Invalid type for '{at}': expected an object.", param=at)
        kind, call_id = item.get("type"), item.get("call_id")
        if isinstance(call_id, str) and self._is_relay_call(call_id):
            raise _not_allowed(at, "the relay answers this call itself")
        if self._is_open and isinstance(kind, str) and not kind.startswith("mcp"):
            return item
        if kind == "message":
            return self._message(item, at, left_out)
        if kind == "function_call_output" and self._items.function_outputs:
            return _only(item, _FUNCTION_OUTPUT, at, left_out)
        if kind == "function_call" and self._items.function_calls:
            return _only(item, _FUNCTION_CALL, at, left_out)
        if kind == "item_reference" and may_refer:
            return _only(item, _REFERENCE, at, left_out)
        raise _not_allowed(f"{at}.type", "items of this type do not pass")

    def _message(self, item: dict[str, Any], at: str, left_out: list[str]) -> dict[str, Any]:
        role = item.get("role")
        if not isinstance(role, str) or role not in self._items.roles:
            raise _not_allowed(
                f"{at}.role", f"clients may speak as {', '.join(self._items.roles) or 'nobody'}"
            )
        content = item.get("content")
        if not isinstance(content, list):
            raise Refusal(
                f"Invalid type for '{at}.content': expected a list.", param=f"{at}.content"
            )
        bare = {key: value for key, value in item.items() if key not in ("role", "content")}
        made = _only(bare, _MESSAGE, at, left_out)
        made["role"] = role
        made["content"] = [
            self._part(part, role, f"{at}.content[{n}]", left_out) for n, part in enumerate(content)
        ]
        return {key: made[key] for key in item if key in made}

    def _part(self, part: Any, role: str, at: str, left_out: list[str]) -> dict[str, Any]:
        if not isinstance(part, dict):
            raise Refusal(f"Invalid type for '{at}': expected an object.", param=at)
        kind = part.get("type")
        fields = _CONTENT[role].get(kind) if isinstance(kind, str) else None
        if fields is None:
            raise _not_allowed(f"{at}.type", f"what a message of role '{role}' holds is another")
        if kind == "input_image":
            self._check_image(part, at)
        return _only(part, fields, at, left_out)

    def _check_image(self, part: Mapping[str, Any], at: str) -> None:
        if not self._items.images:
            raise _not_allowed(at, "images do not pass")
        url = part.get("image_url")
        # An address would let clients send the service anywhere.
        if not isinstance(url, str) or not url.startswith("data:image/"):
            raise _not_allowed(f"{at}.image_url", "an image comes along, as a data: URI")


def _only(
    value: Mapping[str, Any], fields: Mapping[str, Leaf], at: str, left_out: list[str]
) -> dict[str, Any]:
    """Return an object with its type and the known `fields` of it."""
    made: dict[str, Any] = {"type": value["type"]}
    for key, inner in value.items():
        if (leaf := fields.get(key)) is not None:
            leaf.check(inner, f"{at}.{key}")
            made[key] = inner
        elif key != "type":
            left_out.append(f"{at}.{key}")
    # As it was sent: whoever compares shall see no difference where there is none.
    return {key: made[key] for key in value if key in made}


def _not_allowed(param: str, what: str) -> Refusal:
    return Refusal(
        f"The relay's policy does not allow this '{param}': {what}.",
        code="relay_item_not_allowed",
        param=param,
    )
