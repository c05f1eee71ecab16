"""What lets us in at a server, and how sentences speak of it."""

import pytest

from console.client import credentials
from console.client.credentials import MAX_SAID, Credentials

KEY = "sk-proj-0123456789-wxyz"
TOKEN = "a-token-of-ones-own"


def of(url="wss://h", key=None, key_header="Authorization", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return credentials.of_target(url, key, key_header, named)


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "proxy-authorization",
        "api-key",
        "X-API-Key",
        "apikey",
        "Ocp-Apim-Subscription-Key",
        "X-Auth",
        "X_Auth_Token",
        "accessToken",
        "Client-Secret",
        "Cookie",
        "X-Password",
    ],
)
def test_a_secret_is_known_by_its_name(name):
    assert credentials.is_credential(name)


@pytest.mark.parametrize(
    "name",
    ["OpenAI-Organization", "OpenAI-Beta", "X-Author", "User-Agent", "model", "Keyboard", ""],
)
def test_other_names_are_of_no_secret(name):
    assert not credentials.is_credential(name)


@pytest.mark.parametrize(
    ("name", "value", "secrets"),
    [
        ("Authorization", f"Bearer {TOKEN}", (TOKEN,)),
        ("authorization", f" Basic  {TOKEN} ", (TOKEN,)),
        ("Authorization", TOKEN, (TOKEN,)),
        ("api-key", TOKEN, (TOKEN,)),
        ("X-Secret", f"two words of {TOKEN}", (f"two words of {TOKEN}",)),
        ("Cookie", f'a={TOKEN}; theme=dark; b="{KEY}"', (TOKEN, KEY)),
        ("X-Token", "short", ()),
        ("OpenAI-Project", TOKEN, ()),
    ],
)
def test_the_secret_of_a_header_is_without_what_stands_before_it(name, value, secrets):
    assert of(**{name: value}).secrets == secrets


def test_all_secrets_are_told_once():
    given = of(
        f"wss://user:pass%20word-1@h/x?api-key={TOKEN}&model=a-model-of-theirs",
        KEY,
        "api-key",
        X_Token=TOKEN,
        Authorization=f"Bearer {TOKEN}-2",
    )

    assert given.secrets == (KEY, TOKEN, f"{TOKEN}-2", "pass word-1")
    assert given.what == "the key"
    assert TOKEN not in repr(given)
    assert KEY not in repr(given)


def test_a_key_that_is_not_sent_is_a_secret_still():
    given = of(key=KEY, authorization=f"Bearer {TOKEN}")

    assert given.key is None
    assert given.secrets == (TOKEN, KEY)


@pytest.mark.parametrize("url", ["wss://h", "wss://h:port/"])
def test_where_nothing_lets_us_in_nothing_is_said_to(url):
    given = of(url, OpenAI_Project="p")

    assert not given
    assert (given.secrets, given.what) == ((), "")
    assert given.in_words == "requests without an API key"


@pytest.mark.parametrize(
    ("given", "what", "words"),
    [
        (of(key=KEY), "the key", "the API key ending in wxyz"),
        (of(key="short"), "the key", "the API key"),
        (of(key=KEY, Cookie="a=b"), "the key", "the API key ending in wxyz"),
        (of(key=KEY, Authorization="x"), "your Authorization header", None),
        (of(key=KEY, key_header="api-key", API_KEY="x"), "your API-KEY header", None),
        (of(Cookie="a=b"), "your Cookie header", None),
        (of("wss://u:p@h"), "the password in the address", None),
    ],
)
def test_sentences_name_what_was_sent(given, what, words):
    assert given
    assert given.what == what
    assert given.in_words == (words or what)


@pytest.mark.parametrize(
    "said", [f"wrong: {KEY}", f"wrong: {KEY[:6]}", f"or {KEY[-6:]}", f"or {TOKEN[3:9]}", "no short"]
)
def test_words_that_quote_a_part_of_a_secret_are_left_out(said):
    given = Credentials(KEY, others=(TOKEN,))

    assert given.without_secrets(said) == ("no short" if said == "no short" else "")
    assert Credentials("short").without_secrets("no short") == ""


def test_other_words_are_one_line_and_not_too_long():
    assert Credentials(KEY).without_secrets(f"no\n {KEY[:5]}") == f"no {KEY[:5]}"
    assert len(Credentials().without_secrets("no " * MAX_SAID)) == MAX_SAID
