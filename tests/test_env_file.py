import pytest

from console.env_file import (
    check_env_file,
    env_file_remark,
    has_password,
    misspelt_remark,
    variables,
)
from console.errors import ConfigurationError


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"OPENAI_API_KEY=sk-\xff\xfe", "UTF-8"),
        (b'CONSOLE_PORT=1\nOPENAI_API_KEY="unterminated\n', "line 2"),
        (b"\n\nCONSOLE_PORT=1\n\nOPENAI_API_KEY:sk-planted\n", "line 5"),
        (b"this is no setting = = \n=\n", "NAME=value"),
    ],
)
def test_a_settings_file_that_would_be_half_read_is_refused(tmp_path, content, words):
    path = tmp_path / ".env"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError, match=words) as refused:
        check_env_file(path)

    assert str(path) in str(refused.value)
    assert "planted" not in str(refused.value)
    assert path.read_bytes() == content


def test_a_settings_file_may_be_absent_or_have_comments(tmp_path):
    check_env_file(tmp_path / ".env")
    (tmp_path / ".env").write_text("# a comment\n\nexport CONSOLE_PORT=1\n")
    check_env_file(tmp_path / ".env")


@pytest.mark.parametrize(
    ("mode", "content", "named"),
    [
        (0o644, "OPENAI_API_KEY=sk-planted\n", "OPENAI_API_KEY"),
        (0o640, "export CONSOLE_TARGET_KEY=planted\n", "CONSOLE_TARGET_KEY"),
        (0o600, "OPENAI_API_KEY=sk-planted\n", None),
        (0o644, "OPENAI_API_KEY=\nCONSOLE_PORT=1\n", None),
    ],
)
def test_a_key_in_a_file_that_others_can_read_is_warned_of(tmp_path, mode, content, named):
    path = tmp_path / ".env"
    path.write_text(content)
    path.chmod(mode)

    remark = env_file_remark(path)

    assert "planted" not in remark
    assert (f"holds {named}" in remark and "chmod 600" in remark) if named else remark == ""


def test_no_file_is_warned_of_by_nothing(tmp_path):
    assert env_file_remark(tmp_path / ".env") == ""


@pytest.mark.parametrize(
    ("url", "is_warned"), [("redis://:planted@host", True), ("redis://host", False)]
)
def test_an_address_with_a_password_that_others_can_read_is_warned_of(tmp_path, url, is_warned):
    file = tmp_path / ".env"
    file.write_text(f"CONSOLE_LIMITS_STORAGE={url}\n")
    file.chmod(0o644)

    remark = env_file_remark(file)

    assert ("CONSOLE_LIMITS_STORAGE" in remark) is is_warned
    assert "planted" not in remark


@pytest.mark.parametrize(
    ("url", "has"),
    [("redis://:pw@host", True), ("redis://ada:pw@host/0", True), ("redis://host", False),
     ("redis://ada@host", False), ("memory", False)],
)  # fmt: skip
def test_a_password_in_an_address_is_seen(url, has):
    assert has_password(url) is has


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OPENAI_APIKEY", "OPENAI_API_KEY"),
        ("OPENAI_KEY", "OPENAI_API_KEY"),
        ("CONSOLE_TARGT", "CONSOLE_TARGET"),
        ("console_prot", "CONSOLE_PORT"),
        ("CONSOLE_OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("AZURE_OPENAI_APIKEY", "AZURE_OPENAI_API_KEY"),
    ],
)
def test_a_misspelt_name_is_told_once_with_the_right_one_and_never_its_value(tmp_path, name, meant):
    path = tmp_path / ".env"
    path.write_text(f"CONSOLE_HOST=127.0.0.1\n{name}=sk-planted\nexport {name}='sk-planted'\n")

    remark = misspelt_remark(path)

    assert remark == (f"{path}: {name} is no setting and changes nothing; did you mean {meant}?")


def test_a_name_of_ours_that_is_like_none_is_told_too(tmp_path):
    path = tmp_path / ".env"
    path.write_text("CONSOLE_ZZZZZZZZZZZZZZZZ=1\n")

    assert misspelt_remark(path).endswith("is no setting and changes nothing; see .env.example.")


def test_what_cannot_be_a_name_is_told_by_its_line(tmp_path):
    path = tmp_path / ".env"
    path.write_text("\nOPENAI_API_KEY:sk-planted=\n")

    assert "planted" not in (remark := misspelt_remark(path))
    assert "the name in line 2 is no setting" in remark


def test_right_names_and_those_of_others_are_left_alone(tmp_path):
    path = tmp_path / ".env"
    names = [*variables(), *map(str.lower, variables())]
    others = [
        "OPENAI_BASE_URL",
        "OPENAI_ORG_ID",
        "AZURE_OPENAI_API_VERSION",
        "PORT",
        "OPENAI_MODEL",
    ]
    path.write_text("".join(f"{each}=x\n" for each in [*names, *others, "MY_CONSOLE_PROT"]))

    assert misspelt_remark(path) == ""
    assert misspelt_remark(tmp_path / "absent") == ""
    assert {"OPENAI_API_KEY", "CONSOLE_PORT", "AZURE_OPENAI_ENDPOINT"} < set(variables())
