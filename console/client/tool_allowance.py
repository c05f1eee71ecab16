"""How much the tools of a session may do before somebody speaks again, and how much they may say."""

from __future__ import annotations

from collections import deque
from typing import Final

import orjson

MAX_CALLS_IN_TURN: Final = 5
MAX_CALLS_IN_MINUTE: Final = 30
MAX_CHAINED_TURNS: Final = 3
"""Responses to tools, one after the other, without a word of the user."""
MAX_OUTPUT_BYTES: Final = 8 * 1024
_MINUTE_S: Final = 60.0


class ToolAllowance:
    """Counts the calls of one session.

    A model that is talked into calling tools for ever stops here: what is too much is refused
    in words that it can read, and after some turns nothing is asked of it until the user is back.
    """

    def __init__(self) -> None:
        self._in_turn = 0
        self._chained = 0
        self._latest_s: deque[float] = deque()

    def user_spoke(self) -> None:
        """Begin anew: what comes now is wanted by somebody."""
        self._in_turn = self._chained = 0

    def refusal(self, name: str, now_s: float) -> str:
        """Count a call; return why it is refused, in a sentence for the model, or nothing."""
        while self._latest_s and now_s - self._latest_s[0] >= _MINUTE_S:
            self._latest_s.popleft()
        if self._in_turn >= MAX_CALLS_IN_TURN:
            return (
                f"{name} was not called: {MAX_CALLS_IN_TURN} calls in a turn are the most. Answer "
                "with what is known."
            )
        if len(self._latest_s) >= MAX_CALLS_IN_MINUTE:
            return (
                f"{name} was not called: {MAX_CALLS_IN_MINUTE} calls in a minute are the most. "
                "Answer with what is known."
            )
        self._in_turn += 1
        self._latest_s.append(now_s)
        return ""

    def may_go_on(self) -> bool:
        """Count a response to tools that is about to be asked for; return whether it may be."""
        if self._chained >= MAX_CHAINED_TURNS:
            return False
        self._chained += 1
        self._in_turn = 0
        return True


def fitted(output: str) -> str:
    """Return the JSON of a tool's answer, or of its beginning if it is too long for a model.

    It is JSON in any case, so that a text in it stands in quotes and is data, not a message.
    """
    size = len(output.encode())
    if size <= MAX_OUTPUT_BYTES:
        return output
    beginning = output
    room = MAX_OUTPUT_BYTES
    while True:
        beginning = beginning.encode()[:room].decode(errors="ignore")
        cut = orjson.dumps({"truncated": True, "size_bytes": size, "beginning": beginning})
        if len(cut) <= MAX_OUTPUT_BYTES:
            return cut.decode()
        # Quotes and backslashes inside take two bytes each: so much less may be enough.
        room -= (len(cut) - MAX_OUTPUT_BYTES + 1) // 2
