import json

import pytest

from console.key_mask import MARK, KeyMask

KEY = "sk-proj-planted_0123456789-abcdef"
ODD = 'pl\\anted&<key>/+="%41~tail99'


def by_number(key):
    return "".join(f"\\u{ord(each):04x}" for each in key)


def in_json(key):
    return json.dumps(key)[1:-1]


FORMS = {
    "as JSON": in_json,
    "slashes escaped": lambda key: in_json(key).replace("/", "\\/"),
    "by number": by_number,
    "by number in capitals": lambda key: by_number(key).upper().replace("\\U", "\\u"),
    "one character by number": lambda key: by_number(key[0]) + in_json(key[1:]),
    "last character by number": lambda key: in_json(key[:-1]) + by_number(key[-1]),
    "in JSON in JSON": lambda key: in_json(in_json(key)),
    "by number in JSON": lambda key: in_json(by_number(key)),
    "by number in JSON in JSON": lambda key: in_json(in_json(by_number(key))),
}


@pytest.mark.parametrize("key", [KEY, ODD])
@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_hidden_however_json_writes_it(key, form):
    written = FORMS[form](key)
    message = f'{{"type":"error","{written}":[{{"m":"before \\n{written}, {written}\\" after"}}]}}'

    hidden = KeyMask(key).hide(message)

    assert json.loads(hidden) == {
        "type": "error",
        MARK: [{"m": f'before \n{MARK}, {MARK}" after'}],
    }
    assert KeyMask(key).hide_in_message(message.encode()) == hidden.encode()


@pytest.mark.parametrize("written", [KEY, by_number(KEY)])
def test_what_is_no_json_is_clean_as_well(written):
    assert KeyMask(KEY).hide(f'{{"message":"ä {written}') == f'{{"message":"ä {MARK}'
    assert KeyMask(KEY).hide_in_message(b"\xff" + written.encode()) == b"\xff" + MARK.encode()


@pytest.mark.parametrize(
    "text", ["", "nothing", '{"m":"\\u00e9\\n\\/\\"' + KEY[:-1] + '"}', "\\" * 9, by_number("sk-")]
)
def test_other_texts_are_the_same_as_before(text):
    assert KeyMask(KEY).hide(text) is text
    data = text.encode()
    assert KeyMask(KEY).hide_in_message(data) is data


def test_a_key_of_nothing_but_escapes_is_hidden_as_it_is():
    assert KeyMask("\\" * 9).hide("a" + "\\" * 9 + "b\\n") == f"a{MARK}b\\n"


def test_a_word_is_no_key():
    with pytest.raises(ValueError, match="would hide words"):
        KeyMask("sk-abcd")
