"""What does not fit into a box is not put there at all, and its writer is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments

# A browser would take what fits of it, and say nothing of the rest: pasted, dropped, or put in by a
# program or a keyboard that writes whole words.
_REFUSE: Final = """(event) => {
  const box = event.target;
  const text = event.data ?? "";
  const length = box.value.length - (box.selectionEnd - box.selectionStart) + text.length;
  if (!text || !event.cancelable || length <= box.maxLength) return;
  event.preventDefault();
  emit(length);
}"""


def refuse_too_long(box: ui.input, most: int, what: str, tell: Callable[[str], None]) -> None:
    """Let a box take texts as a whole or not at all.

    Args:
        box: Where one types.
        most: How many characters it takes.
        what: It is, as in `a message`.
        tell: Shows a sentence that says how long it would be, and how long it may be.
    """

    def refused(event: GenericEventArguments) -> None:
        length = event.args if isinstance(event.args, int) else 0
        tell(
            f"With what was put in, this would have {length:,} characters, and {what} may have "
            f"{most:,}. Nothing was put in: do it in parts."
        )

    box.props(f"maxlength={most}")
    box.on("beforeinput", refused, js_handler=_REFUSE)
