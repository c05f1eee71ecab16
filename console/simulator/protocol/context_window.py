"""What a model can take in at once, and which items stay outside of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.simulator.protocol import usage
from console.simulator.protocol.defaults import is_second_generation
from console.simulator.protocol.items import Item


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """Tokens that a model can handle."""

    context: int
    """Of a prompt and its answer together."""
    output: int

    @property
    def prompt(self) -> int:
        """Of a prompt, with room left for the longest answer."""
        return self.context - self.output


def limits_of(model: str) -> ModelLimits:
    """Return the limits of a model; an unknown one has those of the first generation."""
    if is_second_generation(model):
        return ModelLimits(128_000, 32_000)
    return ModelLimits(32_768, 4096)


class ContextWindow:
    """Chooses the items of a prompt, by the session's `truncation`.

    Items that have left the prompt stay in the conversation, and stay away from later prompts.
    """

    def __init__(self, limits: ModelLimits) -> None:
        self._limits = limits
        self._outside: set[str] = set()

    def fit(
        self,
        head: usage.Tokens,
        items: Sequence[Item],
        truncation: str | Mapping[str, Any],
        *,
        is_own_input: bool = False,
    ) -> list[Item] | None:
        """Return the items of the next prompt.

        Args:
            head: Tokens of instructions and tools.
            items: The conversation, or what a response was given instead.
            truncation: The session's setting.
            is_own_input: These items are not the conversation.

        Returns:
            The newest of `items`; None when they are too many and none may be left out, or when
            even the last one alone is too large.
        """
        kept = list(items) if is_own_input else self._inside(items)
        sizes = [usage.of_item(item).total for item in kept]
        allowed, target = self._allowance(head.total, truncation)
        if sum(sizes) <= allowed:
            return kept
        if truncation == "disabled":
            return None
        n_dropped = 0
        while sum(sizes[n_dropped:]) > target and n_dropped < len(kept) - 1:
            n_dropped += 1
        if sum(sizes[n_dropped:]) > allowed:
            return None
        # The result of a call makes no sense without the call.
        while n_dropped < len(kept) - 1 and kept[n_dropped].type == "function_call_output":
            n_dropped += 1
        if not is_own_input:
            self._outside |= {item.id for item in kept[:n_dropped]}
        return kept[n_dropped:]

    def _inside(self, items: Sequence[Item]) -> list[Item]:
        self._outside &= {item.id for item in items}
        return [item for item in items if item.id not in self._outside]

    def _allowance(self, head: int, truncation: str | Mapping[str, Any]) -> tuple[int, int]:
        """Return how many tokens the items may have, and how many are left after a cut."""
        allowed = self._limits.prompt - head
        if isinstance(truncation, str):
            return allowed, allowed
        wanted = (truncation.get("token_limits") or {}).get("post_instructions")
        if wanted is not None:
            allowed = min(allowed, wanted)
        return allowed, int(allowed * truncation["retention_ratio"])
