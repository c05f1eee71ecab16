"""Token counts of a response, by the arithmetic that the live service keeps to.

Audio tokens follow from durations: one for 100 ms of the user, one for 50 ms of the assistant.
Text tokens are an estimate (four characters each): this server has no tokeniser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from console.simulator.protocol.items import Item, Part

USER_MS_PER_TOKEN: Final = 100
ASSISTANT_MS_PER_TOKEN: Final = 50
CHARACTERS_PER_TOKEN: Final = 4
CACHE_BLOCK_TOKENS: Final = 64


REASONING_TOKENS: Final = {"minimal": 8, "low": 16, "medium": 32, "high": 64, "xhigh": 128}
"""What an answer is said to have cost in thought, by effort. Nothing here reasons in tokens."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens by kind."""

    text: int = 0
    audio: int = 0
    image: int = 0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(self.text + other.text, self.audio + other.audio, self.image + other.image)

    @property
    def total(self) -> int:
        """Tokens of all kinds."""
        return self.text + self.audio + self.image


@dataclass(frozen=True, slots=True)
class InputTokens:
    """Tokens of a prompt, and those of them that the prompt before had begun with too."""

    all: Tokens = Tokens()
    cached: Tokens = Tokens()


def of_text(text: str) -> Tokens:
    """Return the tokens of some text."""
    return Tokens(text=_n_of_text(len(text)))


def _n_of_text(length: int) -> int:
    return -(-length // CHARACTERS_PER_TOKEN)


def of_head(instructions: str, tools: Sequence[Mapping[str, Any]]) -> Tokens:
    """Return the tokens of what stands before the items of a prompt."""
    return of_text(_head(instructions, tools))


def of_item(item: Item) -> Tokens:
    """Return the tokens of an item in a prompt; those of the assistant cost the same as output."""
    if item.type == "mcp_list_tools":
        return Tokens()  # the tools are counted where they are defined
    count = of_text(item.name + item.arguments + (item.output or "") + (item.reason or ""))
    for part in item.content:
        count += _of_part(part, item.role)
    return count


def of_output(item: Item) -> Tokens:
    """Return the tokens of an item that a response has made.

    What a server answered to a call is nothing that the model has written.
    """
    if item.type == "mcp_call":
        return of_text(item.name + item.arguments)
    return of_item(item)


def growth(item: Item, text: str, audio_ms: float) -> Tokens:
    """Return what an item of a response would cost more with this added to what it holds."""
    if item.content:
        part = item.content[0]
        n_written = len(part.text or part.transcript or "")
        heard_ms = part.audio_ms
    else:
        n_written, heard_ms = len(item.name + item.arguments), 0.0
    audio = int((heard_ms + audio_ms) / ASSISTANT_MS_PER_TOKEN)
    return Tokens(
        text=_n_of_text(n_written + len(text)) - _n_of_text(n_written),
        audio=audio - int(heard_ms / ASSISTANT_MS_PER_TOKEN),
    )


def _of_part(part: Part, role: str) -> Tokens:
    if part.type == "input_image":
        return Tokens(image=part.image_tokens)
    if part.type == "input_audio":
        return Tokens(audio=int(part.audio_ms / USER_MS_PER_TOKEN))
    spoken = part.audio_ms / ASSISTANT_MS_PER_TOKEN if role == "assistant" else 0
    return of_text(part.text or part.transcript or "") + Tokens(audio=int(spoken))


def _head(instructions: str, tools: Sequence[Mapping[str, Any]]) -> str:
    return instructions + (orjson.dumps(list(tools)).decode() if tools else "")


class PromptMeter:
    """Counts prompts, and what each shares with the one before."""

    def __init__(self) -> None:
        self._before: list[tuple[str, Tokens]] = []

    def measure(
        self,
        instructions: str,
        tools: Sequence[Mapping[str, Any]],
        items: Sequence[Item],
        *,
        remember: bool = True,
    ) -> InputTokens:
        """Count a prompt.

        Args:
            instructions: Its instructions.
            tools: Its tools.
            items: Its items.
            remember: The next prompt will begin like it, being of the same conversation.
        """
        head = _head(instructions, tools)
        prompt = [(head, of_text(head)), *((item.id, of_item(item)) for item in items)]
        shared = Tokens()
        for here, there in zip(prompt, self._before, strict=False):
            if here != there:
                break
            shared += here[1]
        if remember:
            self._before = prompt
        whole = sum((count for _, count in prompt), Tokens())
        return InputTokens(whole, _in_blocks(shared))


def _in_blocks(shared: Tokens) -> Tokens:
    """Return what of a common beginning the cache can hold: whole blocks, text first."""
    cached = shared.total // CACHE_BLOCK_TOKENS * CACHE_BLOCK_TOKENS
    text = min(cached, shared.text)
    audio = min(cached - text, shared.audio)
    return Tokens(text, audio, cached - text - audio)


def wire(prompt: InputTokens, output: Tokens, reasoning: int | None = None) -> dict[str, Any]:
    """Return `usage` of `response.done`, keys in the wire's order.

    Args:
        prompt: What went in.
        output: What came out, with the tokens of reasoning among those of text.
        reasoning: Tokens of reasoning; None: the model does not reason.
    """
    reasoned = {} if reasoning is None else {"reasoning_tokens": reasoning}
    return {
        "total_tokens": prompt.all.total + output.total,
        "input_tokens": prompt.all.total,
        "output_tokens": output.total,
        "input_token_details": {
            "text_tokens": prompt.all.text,
            "audio_tokens": prompt.all.audio,
            "image_tokens": prompt.all.image,
            "cached_tokens": prompt.cached.total,
            "cached_tokens_details": {
                "text_tokens": prompt.cached.text,
                "audio_tokens": prompt.cached.audio,
                "image_tokens": prompt.cached.image,
            },
        },
        "output_token_details": {
            "text_tokens": output.text,
            "audio_tokens": output.audio,
            **reasoned,
        },
    }


def of_transcription(model: str, audio_ms: float, transcript: str) -> dict[str, Any]:
    """Return `usage` of a transcription: tokens for the GPT-4o models, else whole seconds."""
    if not model.startswith("gpt-4o"):
        return {"type": "duration", "seconds": -(-int(audio_ms) // 1000)}
    audio, text = int(audio_ms / USER_MS_PER_TOKEN), of_text(transcript).text
    return {
        "type": "tokens",
        "total_tokens": audio + text,
        "input_tokens": audio,
        "input_token_details": {"text_tokens": 0, "audio_tokens": audio},
        "output_tokens": text,
    }
