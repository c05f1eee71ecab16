"""The assistant: rules, a gazetteer, and the session's tools. No network, no memory of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Final

from console.simulator.assistant import facts, phrases, results, small_talk, tool_slots, turn_view
from console.simulator.assistant.question import Question
from console.simulator.assistant.tool_slots import Filled, Tool
from console.simulator.senses import BrainCall, BrainReply, BrainTurn

_WEATHER: Final = (
    "weather|temperature|forecast|raining|rain|snowing|snow|sunny|windy|cloudy|umbrella|coat"
    "|how (?:warm|cold|hot|windy)|is it (?:warm|cold|hot|nice)|degrees"
)
_Rule = Callable[[Question], BrainReply | None]


class RuleBrain:
    """Implements `senses.Brain`: the first rule that knows an answer gives it."""

    async def respond(self, turn: BrainTurn) -> AsyncGenerator[BrainReply, None]:
        """Give the answer to the conversation so far, in one piece."""
        yield self.reply(turn)

    def understands(self, turn: BrainTurn) -> bool:
        """Return whether some rule knows what the last user message is about."""
        return self.reply(turn).understood

    def reply(self, turn: BrainTurn) -> BrainReply:
        """Return the answer to the conversation so far; the same turn gives the same answer."""
        if answered := turn_view.new_results(turn):
            said = [results.answer(each) for each in answered]
            return _shaped(Question(turn, ""), BrainReply(said), is_whole=len(answered) > 1)
        message = turn_view.last_user_message(turn)
        if message is None or turn_view.is_waiting_for_user(turn):
            return _shaped(Question(turn, ""), _unasked(turn))
        question = Question(turn, message.text)
        if not message.text:
            return _shaped(question, _wordless(message))
        if (forced := _forced(question)) is not None:
            return _shaped(question, forced)
        for rule in _RULES:
            if (reply := rule(question)) is not None:
                return _shaped(question, reply, is_whole=rule in _WHOLE)
        reply = BrainReply(phrases.BLIND if message.has_image else phrases.NOT_UNDERSTOOD,
                           understood=False)  # fmt: skip
        return _shaped(question, reply)


# ---------------------------------------------------------------- rules that use tools


def _remember(question: Question) -> BrainReply | None:
    fact = facts.parse(question.text)
    if fact is None:
        if question.says("my name is|call me") and not question.says("what|do you|who"):
            return BrainReply(phrases.NO_NAME, understood=False)
        return None
    tool = tool_slots.with_word(question.tools, "memory", "remember", "memorize")
    if tool is not None:
        filled = tool_slots.fill_fact(tool, fact)
        if not filled.missing:
            return dataclasses.replace(_call(filled), understood=not facts.is_doubtful(fact))
    return BrainReply(
        [f"I will keep in mind that {facts.sentence(fact)}."],
        understood=not facts.is_doubtful(fact),
    )


def _forget(question: Question) -> BrainReply | None:
    match = question.is_just(r"forget (?:about )?(?:my )?(?P<key>[\w ]+)")
    if match is None:
        return None
    tool = tool_slots.with_word(question.tools, "forget", "delete", "remove")
    key = facts.snake(match.group("key"))
    if tool is not None:
        filled = tool_slots.fill_fact(tool, facts.Fact(key, ""))
        if not filled.missing:
            return _call(filled)
    return BrainReply(
        ["I have no tool to forget things.", "Delete it in the conversation instead."]
    )


def _weather(question: Question) -> BrainReply | None:
    tool = tool_slots.with_word(question.tools, "weather", "forecast", "temperature")
    if not question.says(_WEATHER) and not _is_about_another_city(question, tool):
        return None
    if tool is None:
        return BrainReply(
            [
                "I cannot look outside.",
                "Give the session a tool such as get_weather, and ask again.",
            ]
        )
    unknown = phrases.unknown_city(question.unknown_city) if question.unknown_city else ()
    if unknown and not question.cities:
        return BrainReply(unknown, understood=False)
    if not question.cities:
        return BrainReply(
            ["For which city?", "I know the big ones, for example Paris, Tokyo or San Francisco."],
            understood=False,
        )
    filled = [tool_slots.fill(tool, question.text, each) for each in question.cities]
    incomplete = next((each for each in filled if each.missing), None)
    if incomplete is not None:
        return _call(incomplete)
    return BrainReply(unknown[:1], [BrainCall(each.name, each.arguments) for each in filled])


def _named_tool(question: Question) -> BrainReply | None:
    tool = next(
        (each for each in question.tools if tool_slots.says_all_of(each, question.plain)), None
    )
    return _call(tool_slots.fill(tool, question.text, question.city)) if tool is not None else None


def _likely_tool(question: Question) -> BrainReply | None:
    tool = tool_slots.choose(question.tools, question.plain)
    return _call(tool_slots.fill(tool, question.text, question.city)) if tool is not None else None


_RULES: Final[Sequence[_Rule]] = (
    small_talk.obey,
    small_talk.repeat_after,
    small_talk.recall,
    _forget,
    _remember,
    _weather,
    _named_tool,
    small_talk.count,
    small_talk.clock,
    small_talk.amuse,
    small_talk.chat,
    _likely_tool,
)
_WHOLE: Final[Sequence[_Rule]] = (small_talk.repeat_after, small_talk.count)
"""What these say is not made shorter: it was asked for."""


# ---------------------------------------------------------------- the cases before the rules


def _forced(question: Question) -> BrainReply | None:
    """Return the call that `tool_choice` demands, or why it cannot be made."""
    choice = question.turn.tool_choice
    if isinstance(choice, Mapping):
        name = str(choice.get("name"))
        tool = tool_slots.named(question.turn.tools, name)
        if tool is None:
            return BrainReply([f"I am to use the tool {name}, but the session has no such tool."])
        return _call_with_all(tool, question)
    if choice != "required":
        return None
    for rule in (_forget, _remember, _weather, _named_tool, _likely_tool):
        if (reply := rule(question)) is not None and reply.calls:
            return reply
    fillable = (_call_with_all(each, question) for each in question.tools)
    return next((each for each in fillable if each.calls), BrainReply(
        ["I am to use a tool, but I do not know what to give it.", "Please say it another way."],
        understood=False,
    ))  # fmt: skip


def _unasked(turn: BrainTurn) -> BrainReply:
    """Return what to say when nothing was asked: a greeting, later an offer."""
    if turn_view.assistant_texts(turn):
        return BrainReply(phrases.ANYTHING_ELSE)
    return BrainReply(phrases.GREETING)


def _wordless(message: turn_view.UserMessage) -> BrainReply:
    if message.has_image:
        return BrainReply(phrases.BLIND, understood=False)
    return BrainReply(phrases.NOTHING_HEARD, understood=False)


def _is_about_another_city(question: Question, tool: Tool | None) -> bool:
    """Return whether it is "and in Tokyo?" after a call of the weather tool."""
    if tool is None or question.city is None:
        return False
    if not question.says(r"^(?:and|what about|how about|in)"):
        return False
    calls = turn_view.calls(question.turn)
    return bool(calls) and calls[-1][0] == tool["name"]


def _call_with_all(tool: Tool, question: Question) -> BrainReply:
    fact = facts.parse(question.text)
    filled = tool_slots.fill(tool, question.text, question.city)
    if fact is not None and not (by_fact := tool_slots.fill_fact(tool, fact)).missing:
        filled = by_fact if "key" in by_fact.arguments else filled
    return _call(filled)


def _call(filled: Filled) -> BrainReply:
    if not filled.missing:
        return BrainReply(calls=[BrainCall(filled.name, filled.arguments)])
    needed = " and ".join(each.replace("_", " ") for each in filled.missing)
    return BrainReply(
        [f"To use the tool {filled.name.replace('_', ' ')} I still need: {needed}.",
         "Please say it all in one sentence."],
        understood=False,
    )  # fmt: skip


def _shaped(question: Question, reply: BrainReply, *, is_whole: bool = False) -> BrainReply:
    if not reply.sentences:
        return reply
    answered = len(turn_view.assistant_texts(question.turn))
    said = question.manner.shape(reply.sentences, is_whole=is_whole, turn_number=answered)
    return BrainReply(said, reply.calls, reply.understood)
