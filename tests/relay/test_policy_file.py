import os
from pathlib import Path

import pytest
from pydantic import BaseModel

import console
from console import document, tasks
from console.errors import ConfigurationError
from console.relay import policy_file
from console.relay.policy import Policy
from console.relay.policy_file import LOOK_EVERY_S, PolicyFile
from tests.fakes import ManualClock

EVERY_SETTING = Path(console.__file__).parent / "examples/relay/every_setting.yaml"
GOOD = """\
# who may come in
upstream:
  model: gpt-realtime-2.1
session:
  keep:
    instructions: Speak of trains alone.
  client_may_set:
    audio.output.speed: {min: 0.8, max: 1.2}
items:
  images: yes
"""


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_what_passes(tmp_path):
    found = policy_file.load(write(tmp_path / "relay.yaml", GOOD))

    assert found.upstream.model == "gpt-realtime-2.1"
    assert found.session.keep == {"instructions": "Speak of trains alone."}
    assert found.items.images


def test_the_file_with_every_setting_has_each_of_them_at_what_counts_without_it():
    written = document.read(EVERY_SETTING).value

    assert policy_file.load(EVERY_SETTING) == Policy()
    assert written.keys() == Policy.model_fields.keys()
    for name, value in Policy():
        if isinstance(value, BaseModel):
            assert written[name].keys() == type(value).model_fields.keys(), name


def test_an_empty_file_is_the_safe_policy(tmp_path):
    assert policy_file.load(write(tmp_path / "relay.yaml", "# nothing yet\n")) == Policy()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a\n", "a policy is a list of settings by name"),
        (
            "sesion: {}\n",
            "line 1, sesion: there is no setting 'sesion' here; did you mean session?",
        ),
        (
            "session:\n  kep: {}\n",
            "line 2, session.kep: there is no setting 'kep' here; did you mean keep?",
        ),
        (
            "tokens:\n  - name: a\n    hash: sha256:" + "0" * 64 + "\n    limits: {minutes: 3}\n",
            "line 4, tokens[0].limits.minutes: there is no setting 'minutes' here; did you mean "
            "day_minutes?",
        ),
        (
            "session:\n  client_may_set:\n    audio.output.speed: {maxx: 1}\n",
            "line 3, session.client_may_set.audio.output.speed.maxx: there is no setting 'maxx' "
            "here; did you mean max?",
        ),
        (
            "session:\n  client_may_set:\n    audio.output.speed: {min: 2, max: 1}\n",
            "line 3, session.client_may_set.audio.output.speed: nothing is between 2 and 1",
        ),
        (
            "session:\n  client_may_set:\n    audio.output.speed: [1]\n",
            "line 3, session.client_may_set.audio.output.speed: Input should be a valid boolean or a "
            "valid dictionary",
        ),
        (
            "session:\n  client_may_set: nothing\n",
            "line 2, session.client_may_set: Input should be 'anything' or a valid ",
        ),
        ("limits:\n  sessions: many\n", "line 2, limits.sessions: Input should be a valid integer"),
        ("items: {images: 1\n", "line 2: "),
        ("beta: true\nbeta: false\n", "line 2: 'beta' is given twice"),
        ("session:\n  instructions_file: gone.txt\n", "gone.txt cannot be read: No such file"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_place(tmp_path, text, said):
    path = write(tmp_path / "relay.yaml", text)

    with pytest.raises(ConfigurationError) as refused:
        policy_file.load(path)

    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)


def test_instructions_may_stand_in_a_file_of_their_own(tmp_path):
    write(tmp_path / "words.txt", "Speak of trains alone.")
    text = "session: {instructions_file: words.txt}\n"

    found = policy_file.load(write(tmp_path / "relay.yaml", text))

    assert found.session.keep == {"instructions": "Speak of trains alone."}
    assert found.session.hidden == ("instructions",)


def test_instructions_are_given_once(tmp_path):
    write(tmp_path / "words.txt", "x")
    text = "session: {instructions_file: words.txt, keep: {instructions: y}}\n"

    with pytest.raises(ConfigurationError, match="leave one away"):
        policy_file.load(write(tmp_path / "relay.yaml", text))


@pytest.mark.parametrize(
    ("data", "said"), [(b"\xff", "is not UTF-8"), (b"x" * 300_000, "is larger than")]
)
def test_instructions_that_are_no_text_are_refused(tmp_path, data, said):
    (tmp_path / "words.txt").write_bytes(data)
    text = "session: {instructions_file: words.txt}\n"

    with pytest.raises(ConfigurationError, match=said):
        policy_file.load(write(tmp_path / "relay.yaml", text))


async def test_a_change_counts_from_then_on_and_a_bad_one_does_not(tmp_path, caplog):
    path = write(tmp_path / "relay.yaml", GOOD)
    file, clock = PolicyFile.open(path), ManualClock()
    told: list[Policy] = []
    file.changed.connect(told.append)
    watching = tasks.spawn(file.watch(clock), name="watch")
    before = file.policy
    await clock.advance(LOOK_EVERY_S)
    assert file.policy is before

    write(path, "sesion: {}\n")
    await clock.advance(LOOK_EVERY_S)
    assert file.policy is before
    assert "the old one still counts" in caplog.text
    assert "did you mean session?" in caplog.text

    path.unlink()
    await clock.advance(LOOK_EVERY_S)
    assert file.policy is before

    write(path, GOOD + "beta: false\n")
    await clock.advance(LOOK_EVERY_S)
    await tasks.cancel(watching)

    assert not file.policy.beta
    assert told == [file.policy]


def test_a_tool_that_cannot_run_here_is_no_policy_at_the_start_or_later(tmp_path, caplog):
    path = write(tmp_path / "relay.yaml", "beta: true\nrelay_tools:\n  - find\n  - launch\n")
    with pytest.raises(ConfigurationError, match=r"line 4, relay_tools\[1\]: there is no tool"):
        PolicyFile.open(path, ["find"])
    with pytest.raises(ConfigurationError, match="there is none"):
        PolicyFile.open(path)
    file = PolicyFile.open(path, ["find", "launch"])

    write(path, "relay_tools: [find, vanish]\n")
    file.look()

    assert file.policy.relay_tools == ("find", "launch")
    assert "no tool 'vanish' on this relay; there is find, launch" in caplog.text


def test_a_change_of_the_instructions_counts_too(tmp_path):
    words = write(tmp_path / "words.txt", "old")
    file = PolicyFile.open(
        write(tmp_path / "relay.yaml", "session: {instructions_file: words.txt}\n")
    )
    write(words, "newer")
    os.utime(words, (1, 1))

    file.look()

    assert file.policy.session.keep == {"instructions": "newer"}


async def test_a_policy_without_a_file_never_changes():
    file = PolicyFile(Policy())

    file.look()
    await file.watch(ManualClock())

    assert file.policy == Policy()
