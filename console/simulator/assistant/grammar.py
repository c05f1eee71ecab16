"""The sentences that the assistant surely understands, as a JSGF grammar for the recogniser.

It serves the second decoding: what the general language model made no sense of is often one of
these, said by a voice or with a name that the model does not expect. Sentences not in here are
still recognised by the general model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import resources
from typing import Final

NUMBERS: Final = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred"
)
FIRST_NAMES: Final = (
    "ada adam alan alex alice amy andrea andrew angela anna anne anthony barbara ben bob brian "
    "carlos carol charles charlie chris claire daniel david diana edward elena elizabeth emily "
    "emma eric eva frank fred george grace hannah harry helen henry ian jack jacob james jane "
    "jason jennifer jessica jim joan joe john jonathan joseph julia karen kate kevin laura leo "
    "linda lisa louis lucy luke maria mark martha martin mary matthew max michael mike monica "
    "nancy nathan nick nina noah nora oliver olivia oscar pamela patricia patrick paul peter "
    "philip rachel ralph rebecca richard robert roger ryan sally sam sandra sarah scott sean "
    "simon sofia sophia stephen steve steven susan theresa thomas tim tom tony victor victoria "
    "walter william"
)
COLOURS: Final = "black blue brown gray green orange pink purple red white yellow"

# In these rules `<name>` refers to another rule, `[x]` may be left out, `|` parts alternatives.
# NOTE: the decoder copies a rule to each place that refers to it. The long lists (city, person,
# number) are therefore referred to once or twice only; forty times made decoding 30 times slower.
_RULES: Final = {
    "command": "[<please>] <ask> [please | for me] | <greeting> | <control>",
    "please": (
        "please | can you | could you | would you | can you please | could you please | "
        "i want you to | i would like you to"
    ),
    "greeting": (
        "hello | hi | hey | hello there | good morning | good afternoon | good evening | "
        "how are you | how are you today | thank you | thanks | thank you very much | goodbye | "
        "bye | good night | yes | no | okay"
    ),
    "ask": (
        "<of-city> <city> [<when>] | <count> <number> [to <number>] | [remember [that]] <fact> | "
        "tell me a joke | do you know (a joke | any jokes) | tell me another joke | another joke | tell me something funny | "
        "tell me a story | tell me a long story | another story | "
        "say that again | repeat that | repeat after me good morning | "
        "repeat after me hello world | tell me the time | tell me the date | help me | help"
    ),
    "of-city": (
        "[what is | what's | how is | tell me | show me | give me | "
        "i want to know | i would like to know] "
        "(the weather | the temperature | the weather forecast) (in | for | at) | "
        "weather (in | for) | (what is | what's) the weather like in | "
        "(how is | how's) the weather in | how (warm | cold | hot | windy) is it in | "
        "(is it | will it be) (raining | cold | warm | hot | sunny | windy | snowing) in | "
        "will it rain in | do i need (an umbrella | a coat) in | (what | how) about | "
        "[tell me] what the weather is like in | what will the (weather | temperature) be in | "
        "what time is it in | [do you know | i want to know | i would like to know] what time it is in | (what is | what's) the time in | [remember [that]] i live in"
    ),
    "when": "today | now | right now | tomorrow | at the moment | tonight",
    "count": "count [up | down | backwards] (to | from)",
    "fact": ("(my name is | i am | call me) <person> | my favorite color is <colour>"),
    "control": (
        "stop | stop it | stop talking | please stop | cancel | be quiet | please be quiet | "
        "that's enough | who are you | what are you | what is your name | what's your name | "
        "what can you do | what can i say | what can i ask | are you there | can you hear me | "
        "what time is it | what time is it now | what is the time | what's the time | "
        "what day is it | what day is it today | what is the date | what's the date | "
        "what is the date today | (what is | what's) my name | "
        "(what is | what's) my favorite color | where do i live | "
        "what do you remember | what do you remember about me | what do you know about me | "
        "do you remember my name | do you know my name | forget my name"
    ),
}
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def pronunciations() -> dict[str, str]:
    """Return how to say the words of city names that the recogniser's dictionary lacks."""
    table = resources.files(__package__).joinpath("data", "pronunciations.tsv")
    lines = table.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line)


def build(cities: Iterable[str], is_known: Callable[[str], bool]) -> str:
    """Return the grammar as JSGF text.

    Args:
        cities: Names of cities, lower case, without accents.
        is_known: Whether the recogniser has a pronunciation of a word; names with a word that
            it does not have are left out, as one unknown word would spoil the whole grammar.
    """
    rules = dict(_RULES)
    rules["city"] = _alternatives(cities, is_known)
    rules["person"] = _alternatives(FIRST_NAMES.split(), is_known)
    rules["colour"] = _alternatives(COLOURS.split(), is_known)
    spoken_numbers = [*NUMBERS.split(), "one hundred", "a hundred", "a thousand"]
    spoken_numbers += [f"{ten} {unit}" for ten in _TENS for unit in _UNITS]
    rules["number"] = _alternatives(spoken_numbers, is_known)
    lines = [f"<{name}> = {rule};" for name, rule in rules.items() if name != "command"]
    return "\n".join(
        ["#JSGF V1.0;", "grammar commands;", f"public <command> = {rules['command']};", *lines]
    )


def _alternatives(phrases: Iterable[str], is_known: Callable[[str], bool]) -> str:
    kept = dict.fromkeys(each for each in phrases if all(map(is_known, each.split())))
    return " | ".join(kept)
