"""Answers that need no tool: greetings, time, counting, jokes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from console.simulator.assistant import facts, manner, numbers, phrases, tool_slots, turn_view
from console.simulator.assistant.facts import Fact
from console.simulator.assistant.question import Question
from console.simulator.senses import BrainReply

_PER_BREATH: Final = 5
"""So many numbers are one sentence."""
# What is said, and the answer; all of what was said must match.
_ANSWERS: Final = (
    (
        r"(?:hello|hi|hey|greetings|good (?:morning|afternoon|evening|day))(?: there| again)?",
        phrases.GREETING,
    ),
    (r"how are you(?: doing)?(?: today)?|how is it going|how do you do", phrases.HOW_ARE_YOU),
    (r"(?:many )?thanks?(?: you)?(?: very much| so much| a lot)?|cheers", phrases.THANKS),
    (
        r"(?:good ?bye|bye|bye bye|see you(?: later| soon)?|good night)(?: .{0,12})?",
        phrases.GOODBYE,
    ),
    (r"(?:yes|yeah|yep|sure|okay|ok|right|great|good|cool)(?: it is)?", phrases.YES),
    (r"(?:no|nope|nothing|not now|never mind)(?: it is not)?", phrases.NO),
    (
        r"(?:please )?(?:stop|cancel|quiet|silence|shut up|hold on|wait|enough)"
        r"(?: it| that| talking| please| now)*|be quiet|that is enough|thats enough",
        phrases.STOPPED,
    ),
    (r"(?:who|what) are you|(?:what is|tell me) your name|introduce yourself", phrases.IDENTITY),
    (r"are you (?:a |an )?(?:robot|human|person|real|ai|language model)(?: .*)?", phrases.IDENTITY),
    (
        r"help(?: me)?|what (?:can|could) (?:you|i) (?:do|say|ask)(?: .*)?|what do you do"
        r"|how (?:does this|do you) work|what are my options",
        phrases.HELP,
    ),
    (r"(?:can|do) you hear me|are you there|is (?:anybody|anyone) there|test(?:ing)?(?: .*)?",
     phrases.HEARING),
    (r"can you see(?: .*)?|what do you see|look at (?:this|that|it)", phrases.BLIND),
    (
        r"(?:speak|talk|answer|say it|reply)(?: to me)?(?: in)? "
        r"(?:german|french|spanish|italian|chinese|japanese|dutch|portuguese|russian)",
        phrases.ENGLISH_ONLY,
    ),
)  # fmt: skip


def obey(question: Question) -> BrainReply | None:
    """Promise to answer as the user wants it from now on."""
    promise = manner.acknowledge(question.text)
    return BrainReply([promise]) if promise is not None else None


def repeat_after(question: Question) -> BrainReply | None:
    """Say what is to be repeated, or the last answer again."""
    if question.is_just(
        r"(?:say|repeat) (?:that|it|this)(?: one more time| once more| again)?"
        r"|what did you(?: just)? say|(?:i beg your )?pardon|come again|repeat(?: please)?|again"
        r"|once more|one more time"
    ):
        said = turn_view.assistant_texts(question.turn)
        return BrainReply([said[-1]] if said else phrases.NOTHING_SAID)
    match = re.match(
        r"\W*(?:(?:please|can you|could you|would you)\s+)*"
        r"(?:repeat after me|repeat|say after me|say)\b[\s:,;-]+(.+)$",
        question.text,
        re.IGNORECASE | re.DOTALL,
    )
    if match is None or question.says("say something|say anything"):
        return None
    said_after = match.group(1).strip(" \"'“”")
    return BrainReply(
        [said_after[:1].upper() + said_after[1:]] if said_after else phrases.NOTHING_HEARD
    )


def count(question: Question) -> BrainReply | None:
    """Count up or down, five numbers to a sentence."""
    if not question.says("count|counting"):
        return None
    first, last = _ends(question)
    if max(abs(first), abs(last)) > phrases.MOST_COUNTED:
        return BrainReply([phrases.MANY.format(most=numbers.to_words(phrases.MOST_COUNTED))])
    step = 1 if last >= first else -1
    words = [numbers.to_words(each) for each in range(first, last + step, step)]
    breaths = (words[at : at + _PER_BREATH] for at in range(0, len(words), _PER_BREATH))
    return BrainReply([f"{', '.join(each)}.".capitalize() for each in breaths])


def _ends(question: Question) -> tuple[int, int]:
    """Return the numbers between which to count."""
    found = [int(each) for each in question.numbers]
    if len(found) > 1 and question.says("from"):
        return found[0], found[1]
    end = found[-1] if found else 10
    if end < 0:
        return (end, 0) if question.says("from") else (0, end)
    if question.says("down|back|backward|backwards"):
        return end, 1
    # Of "count two twenty" the two is a misheard "to".
    return 1, end


def clock(question: Question) -> BrainReply | None:
    """Tell the time or the date, here or in a city."""
    asks_time = question.says(
        r"what time|(?:what is|tell me|know|say) the(?: current| exact)? time|current time"
        r"|time is it|(?:the|local) time in|how late is it"
    )
    asks_date = question.says(
        r"what day|what date|(?:what is|tell me|know) (?:the|today)s?(?: current)? (?:date|day)"
        r"|(?:todays|the) date|which day|what is today|what year|what month"
    )
    if not (asks_time or asks_date or _follows_clock(question)):
        return None
    unknown = phrases.unknown_city(question.unknown_city) if question.unknown_city else ()
    if unknown and not question.cities:
        return BrainReply(unknown, understood=False)
    if not question.cities and question.says("time (?:is it )?in|date in|about"):
        return BrainReply(
            ["I do not know that place.", "Please name a big city."], understood=False
        )
    is_date = bool(asks_date and not asks_time)
    now = question.turn.now
    told = [
        f"{_told(now.astimezone(ZoneInfo(each.timezone)), is_date=is_date)} in {each.name}"
        for each in question.cities
    ]
    # One sentence, so that a brief assistant tells all.
    subject = "Today is" if is_date else "It is"
    return BrainReply(
        [f"{subject} {', and '.join(told) or _told(now, is_date=is_date)}.", *unknown[:1]]
    )


def amuse(question: Question) -> BrainReply | None:
    """Tell a joke that was not told yet, or a story."""
    if question.says("joke|jokes|funny|make me laugh"):
        told = " ".join(turn_view.assistant_texts(question.turn))
        jokes = phrases.SHORT_JOKES if question.manner.is_brief else phrases.JOKES
        fresh = [each for each in jokes if each[0] not in told]
        return BrainReply((fresh or jokes)[0])
    if question.says(
        r"(?:a|another|the|long|your) (?:\w+ )?story|fairy tale|talk to me|long answer"
        r"|(?:tell me|say) something(?: long| interesting)?"
    ):
        return BrainReply(phrases.SHORT_STORY if question.manner.is_brief else phrases.STORY)
    return None


def chat(question: Question) -> BrainReply | None:
    """Answer greetings, thanks and questions about the assistant."""
    for pattern, answer in _ANSWERS:
        if question.is_just(pattern):
            name = question.manner.name
            if answer is phrases.IDENTITY and name:
                return BrainReply([f"I am {name}.", *answer])
            if answer is phrases.GREETING and (known := _known(question).get("name")):
                return BrainReply([f"Hello, {known}!", *[each[7:] for each in answer]])
            if answer is phrases.HELP and question.manner.is_brief:
                return BrainReply(phrases.SHORT_HELP)
            return BrainReply(answer)
    return None


def recall(question: Question) -> BrainReply | None:
    """Tell what the user has told before."""
    known = _known(question)
    if question.is_just(
        r"what do you (?:remember|know)(?: about me)?|what have i told you(?: .*)?"
    ):
        told = [f"I know that {facts.sentence(Fact(*each))}." for each in known.items()]
        return BrainReply(told or ["You have not told me anything about yourself yet."])
    key = _asked_key(question)
    if key is None:
        return None
    if key in known:
        told_once = facts.sentence(Fact(key, known[key]))
        return BrainReply([f"{told_once[0].upper()}{told_once[1:]}."])
    return BrainReply([f"You have not told me your {key.replace('_', ' ')} yet."])


def _asked_key(question: Question) -> str | None:
    for pattern, key in (
        (r"who am i|what am i called", "name"),
        (r"where do i live|what city do i live in", "city"),
        (r"how old am i", "age"),
        (r"where am i from", "origin"),
        (r"what do i like", "likes"),
    ):
        if question.is_just(pattern):
            return key
    match = question.is_just(
        r"(?:what (?:is|was|are|were)|tell me|remember|do you remember|do you know|know"
        r"|what did i say) my (?P<key>(?:(?!(?:is|was|are|were)\b)\w+ ?)+?)(?: ?is| ?was| ?are)?"
        r"(?: ?again)?"
    )
    return facts.snake(match.group("key")) if match else None


def _known(question: Question) -> dict[str, str]:
    """Return what the user has told and what tools have been asked to remember."""
    turn = question.turn
    known: dict[str, str] = {}
    for match in re.finditer(
        r"(?i)\bthe user(?:'s|s)? (name|city|age|favorite \w+) is ([\w ]+)",
        turn_view.instructions(turn),
    ):
        known[facts.snake(match.group(1))] = match.group(2).strip()
    for message in turn_view.user_messages(turn):
        if message.text and (fact := facts.parse(message.text)):
            known[fact.key] = fact.value
    for _, arguments in turn_view.calls(turn):
        key, value = arguments.get("key"), arguments.get("value")
        if isinstance(key, str) and isinstance(value, str):
            known[key] = value
    return known


def _follows_clock(question: Question) -> bool:
    """Return whether it is "and in Tokyo?" after a question for the time."""
    if not question.is_just(r"(?:and|what about|how about)?(?: in)? .+") or question.city is None:
        return False
    if not re.match(r"(?:and|what about|how about|in)\b", question.plain):
        return False
    said = turn_view.assistant_texts(question.turn)
    is_weather = tool_slots.with_word(question.turn.tools, "weather") is not None
    return bool(said) and (re.search(r"\d:\d\d [AP]M", said[-1]) is not None or not is_weather)


def _told(now: datetime, *, is_date: bool) -> str:
    if is_date:
        return f"{now:%A}, {now:%B} {now.day}, {now.year}"
    return f"{now.hour % 12 or 12}:{now:%M} {now:%p}"
