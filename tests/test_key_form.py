import pytest

from console.key_form import MAX_CHARACTERS, MAX_SERVICE_KEY, check_secret, check_service_key

KEY = "sk-proj-planted_0123456789-abcdef"


@pytest.mark.parametrize("key", [KEY, "sk-" + "a" * (MAX_SERVICE_KEY - 3)])
def test_a_key_of_the_service_is_one(key):
    check_service_key(key, "OPENAI_API_KEY")


@pytest.mark.parametrize(
    "key",
    [
        "9f86d081884c7d659a2feaa0c55ad015",
        "eyJhbGciOi.eyJzdWIi.c2ln+/~nature==",
        "token=",
        "a" * 8000,
    ],
)
def test_keys_of_other_servers_have_other_forms(key):
    check_secret(key, "CONSOLE_TARGET_KEY")


@pytest.mark.parametrize(
    "line",
    [
        f"OPENAI_API_KEY={KEY}",
        f"export CONSOLE_TARGET_KEY={KEY}",
        f"set OPENAI_API_KEY = {KEY}",
        f'$env:OPENAI_API_KEY="{KEY}"',
        f"api-key={KEY}",
    ],
)
def test_a_whole_line_is_called_one_without_being_shown(line):
    with pytest.raises(
        ValueError, match=r"holds the name of a variable .* paste the key alone"
    ) as it:
        check_secret(line, "CONSOLE_TARGET_KEY")

    assert "planted" not in str(it.value)


@pytest.mark.parametrize("each", [" ", "\n", "\t", "\x00", "\x7f", '"', "'", "\\", "ä", "\u200b"])
def test_no_key_has_what_headers_and_json_write_differently(each):
    for check in (check_secret, check_service_key):
        with pytest.raises(ValueError, match=r"^IT has spaces, quotes, backslashes") as caught:
            check(f"sk-planted{each}0123456789", "IT")

        assert "planted" not in str(caught.value)


def test_the_length_of_what_is_too_long_is_told():
    with pytest.raises(ValueError, match=r"^IT has 1001 characters, and no key of the OpenAI API"):
        check_service_key("sk-" + "a" * (MAX_SERVICE_KEY - 2), "IT")
    with pytest.raises(
        ValueError, match=r"^IT has 8001 characters, and no token has more than 8000"
    ):
        check_secret("a" * (MAX_CHARACTERS + 1), "IT", "token")


@pytest.mark.parametrize(
    ("key", "words"),
    [("sk-abcd", "is no whole key"), ("s", "is no whole key"), ("0123456789ab", "begin with sk-")],
)
def test_a_part_of_a_key_and_that_of_another_service_are_told_apart(key, words):
    with pytest.raises(ValueError, match=words) as caught:
        check_service_key(key, "IT")

    assert len(key) < 2 or key not in str(caught.value)
