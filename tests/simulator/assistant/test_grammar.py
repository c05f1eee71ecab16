from __future__ import annotations

import re

from console.simulator.assistant import gazetteer, grammar
from console.simulator.assistant.brain import RuleBrain
from tests.simulator.turns import turn

ARPABET = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W "
    "Y Z ZH"
)


def test_every_rule_that_is_referred_to_is_defined():
    text = grammar.build(["paris"], lambda word: True)

    defined = set(re.findall(r"^(?:public )?<([\w-]+)> =", text, re.MULTILINE))
    assert set(re.findall(r"<([\w-]+)>", text)) == defined


def test_names_with_a_word_that_the_recogniser_does_not_know_are_left_out():
    text = grammar.build(["new york", "new blorp"], lambda word: word != "blorp")

    assert "new york" in text
    assert "blorp" not in text


def test_all_spoken_cities_are_pronounceable_in_the_alphabet_of_the_recogniser():
    phones = {phone for each in grammar.pronunciations().values() for phone in each.split()}

    assert phones <= set(ARPABET.split())


def test_pronunciations_are_for_words_of_spoken_cities_only():
    words = {word for name in gazetteer.load().spoken_cities() for word in name.split()}
    plain = {each.replace("'", "") for each in grammar.pronunciations()}

    assert plain <= words


def test_the_assistant_understands_what_the_grammar_offers():
    offered = [
        *_alternatives(grammar._RULES["control"]),
        *_alternatives(grammar._RULES["greeting"]),
    ]
    brain = RuleBrain()

    ununderstood = [each for each in offered if not brain.understands(turn(each))]

    assert ununderstood == []


def _alternatives(rule: str) -> list[str]:
    """Expand a rule with at most one group per alternative."""
    found = []
    for part in re.split(r"\|(?![^(]*\))", rule):
        group = re.search(r"\(([^)]*)\)", part)
        for choice in group.group(1).split("|") if group else [""]:
            text = part.replace(group.group(), choice) if group else part
            found.append(" ".join(text.split()))
    return found
