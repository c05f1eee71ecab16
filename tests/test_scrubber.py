import io
import json
import logging
import subprocess
import sys

import pytest

from console.scrubber import Scrubber

KEY = "sk-proj-planted_0123456789-abcdef"
TOKEN = "a planted token without any shape"


@pytest.fixture
def scrubber():
    return Scrubber()


@pytest.fixture
def log(scrubber):
    """A logger of its own, and what its handler writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(scrubber)
    logger = logging.getLogger("tests.scrubbed")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield logger, stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"key {KEY}.", "key [secret]."),
        ("ek_68b0c1d2e3f4a5b6", "[secret]"),
        (f"Authorization: Bearer {KEY}", "Authorization: Bearer [secret]"),
        ("authorization: bearer abc.def.ghi==", "authorization: bearer [secret]"),
        (
            "openai-insecure-api-key.abcdefgh, realtime",
            "openai-insecure-api-key.[secret], realtime",
        ),
        ("GET /?token=abcdefgh&x=1", "GET /?token=[secret]&x=1"),
        ("GET /x?a=1&client_id=852b984e-fd3d", "GET /x?a=1&client_id=[secret]"),
        ("?api-key=abcdefgh", "?api-key=[secret]"),
        ("GET /rt/dFBNViHw-dFBNViHw_x/rows/3", "GET /rt/[secret]/rows/3"),
        ('"WebSocket /watch-dFBNViHw-dFBNViHw_x" 403', '"WebSocket /watch-[secret]" 403'),
        ("/rt/unknown and /watch-me", "/rt/unknown and /watch-me"),
        ("Cookie: rtc-8080=abc; rtc-s-8080=def", "Cookie: rtc-8080=[secret]; rtc-s-8080=[secret]"),
    ],
)
def test_what_looks_like_a_secret_is_replaced(scrubber, text, clean):
    assert scrubber.clean(text) == clean


@pytest.mark.parametrize("said", ['go to "https://h/?token=abcdefgh" now', '"rtc-8080=abcdefgh"'])
def test_json_with_a_secret_in_quotes_is_still_json(scrubber, said):
    clean = json.loads(scrubber.clean(json.dumps({"said": said})))

    assert clean == {"said": said.replace("abcdefgh", "[secret]")}


@pytest.mark.parametrize(
    "text",
    [
        "task-force",
        "a risk-based choice",
        "max_output_tokens=4096",
        "the bearer",
        "sk-1",
        "Ünïcode ✓ 日本",
    ],
)
def test_other_words_stay(scrubber, text):
    assert scrubber.clean(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("got '9f86d081884c7d659a2feaa0c55ad015'", "got '[secret]'"),
        ("at eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJo.c2ln-_", "at [secret]"),
        ("wss://eyjafjallajokull.example.org/v1/realtime", None),
        ("a_path/of-some-length-with-2-numbers-in-it/and-no-key.yaml", None),
        ("x" * 40 + " " + "1" * 40, None),
    ],
)
def test_keys_without_a_mark_are_hidden_in_what_a_person_has_given(scrubber, text, clean):
    assert scrubber.without_what_was_pasted(text) == (text if clean is None else clean)
    assert scrubber.without_secrets(text) == text


def test_a_secret_that_we_were_told_of_is_replaced_whatever_it_looks_like(scrubber):
    scrubber.keep_secret(TOKEN)
    scrubber.keep_secret(TOKEN + " and longer")

    assert scrubber.clean(f"x{TOKEN}y {TOKEN} and longer") == "x[secret]y [secret]"


@pytest.mark.parametrize("secret", [KEY, 'a "planted\\one" / of quotes'])
def test_a_secret_in_json_in_json_is_replaced_and_it_is_still_json(scrubber, secret):
    scrubber.keep_secret(secret)
    said = json.dumps({"said": json.dumps({"key": f"<{secret}>"})})

    clean = json.loads(scrubber.without_secrets(said))

    assert json.loads(clean["said"]) == {"key": "<[secret]>"}


def test_a_secret_as_short_as_a_word_hides_no_words(scrubber):
    scrubber.keep_secret("")
    scrubber.keep_secret("the")

    assert scrubber.clean("the text") == "the text"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\r\n2026 ERROR forged", "a\\r\\n2026 ERROR forged"),
        ("\x1b[2J\x1b[31mred", "\\x1b[2J\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("safe\u202egnp.exe", "safe\\u202egnp.exe"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028two\u2029", "line\\u2028two\\u2029"),
        ("\x00\x07\x7f\t", "\\x00\\x07\\x7f\\t"),
        ("lone \ud800", "lone \\ud800"),
    ],
)
def test_nobody_writes_lines_colours_or_directions_into_the_log(scrubber, text, clean):
    assert scrubber.clean(text) == clean


def test_messages_arguments_and_tracebacks_are_cleaned(scrubber, log):
    logger, stream = log
    scrubber.keep_secret(TOKEN)

    logger.info("%s says %s", "a\nb", KEY)
    try:
        raise ValueError(f"{TOKEN}\n2026 CRITICAL forged {KEY}")
    except ValueError:
        logger.exception("failed", stack_info=True)

    lines = stream.getvalue().splitlines()
    assert lines[0] == "a\\nb says [secret]"
    assert lines[1] == "failed"
    assert all(each.startswith("  | ") for each in lines[2:])
    assert "ValueError: [secret]" in stream.getvalue()
    assert TOKEN not in stream.getvalue()
    assert "planted" not in stream.getvalue().replace("planted_", "planted")  # nor a part of it


def test_a_record_that_does_not_fit_its_arguments_is_still_told(log):
    logger, stream = log

    logger.info("%d of %d", "one")

    assert "with arguments that do not fit" in stream.getvalue()


def test_it_stands_on_every_handler_of_the_root_once(scrubber, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", None)
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)
    try:
        scrubber.install()
        scrubber.install()
        assert handler.filters == [scrubber]
    finally:
        for each in logging.getLogger().handlers:
            each.removeFilter(scrubber)
        logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("where", ["program", "thread"])
def test_what_nobody_catches_is_told_without_its_secrets(where):
    program = f"""
import logging, sys, threading
from console.scrubber import scrubber
logging.basicConfig()
scrubber.install()
def fail():
    raise RuntimeError("the key is {KEY}")
fail() if {where!r} == "program" else threading.Thread(target=fail).start()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30
    )

    assert "RuntimeError: the key is [secret]" in done.stderr
    assert "planted" not in done.stderr
