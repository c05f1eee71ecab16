import asyncio
import contextlib
import importlib
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from console import cli
from console.relay import policy as policies
from console.relay import policy_file

ROOT = Path(__file__).parent.parent
SIGNAL_GAP_S = 0.03
"""As a key that is held repeats; the system makes one of signals that come at once."""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("CONSOLE_", "AZURE_OPENAI_")) or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)


def refusal(capsys, *argv):
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    assert caught.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--port", "70000"], "--port (CONSOLE_PORT)"),
        (["--port", "abc"], "'abc'"),
        (["--audio", "cassette"], "--audio"),
        (["--target", "openai"], "needs a key"),
        (["--target", "http://example.org"], "WebSocket URL"),
        (["--target", "nonsense"], "nonsense"),
        (["--target", "wss://user:secret@example.org/v1/realtime"], "user names"),
        (["--host", "no host"], "--host (CONSOLE_HOST): an address or name"),
        (["--lan", "--behind-proxy", "https://console.example.org"], "do not go together"),
        (["--behind-proxy", "console.example.org"], "an origin such as"),
        (["--proxy-network", "0.0.0.0/0"], "is everybody"),
        (["--proxy-network", "10.0.0.1/24"], "did you mean 10.0.0.0/24, or 10.0.0.1 alone?"),
        (["--tls-cert", "absent.pem"], "go together"),
        (["simulator", "--host", "203.0.113.7"], "--host 203.0.113.7: others could use"),
        (["--unknown"], "--unknown"),
        (["simulator", "--faults", "explode"], "--faults: There is no fault 'explode'"),
        (["simulator", "--max-sessions", "0"], "--max-sessions (CONSOLE_MAX_SESSIONS)"),
        (["simulator", "--brain", "nonsense"], "--brain (CONSOLE_BRAIN): a web address"),
        (["simulator", "--brain-model", "m"], "--brain"),
        (["simulator", "--scenario", "absent.yaml"], "absent.yaml"),
        (["simulator", "--ears", "trumpet"], "--ears trumpet"),
        (["simulator", "--voices", "choir"], "--voices choir"),
        (["simulator", "--require-key", "k"], "--require-key"),
        (["--keep-audio", "attic"], "--keep-audio"),
        (["--state-dir", ""], "--state-dir: the name of a directory is needed"),
        (["--tools", "absent.py"], "--tools: absent.py cannot be read: No such file or directory"),
        (["relay", "--upstream", "nonsense"], "--upstream nonsense"),
        (["relay", "--policy", "absent.yaml"], "absent.yaml cannot be read"),
        (["relay", "--open", "--host", "203.0.113.7"], "--open is for this machine alone"),
        (["relay", "token", "a/b"], "'a/b' cannot be a token's name"),
        (["--limits-storage", "disk"], "--limits-storage (CONSOLE_LIMITS_STORAGE): memory, or the"),
        (["--limits-storage", "redis://127.0.0.1:1"], "Redis at 127.0.0.1:1 cannot be used"),
        (["--door-pages", "many"], "--door-pages (CONSOLE_DOOR_PAGES)"),
        (["--door-sockets", "50", "--door-sockets-in-all", "9"], "--door-sockets 50"),
    ],
)
def test_a_flag_that_cannot_be_used_ends_in_one_sentence(capsys, argv, words):
    assert words in refusal(capsys, *argv)


def test_a_key_is_not_sent_unencrypted(capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key")

    sentence = refusal(capsys, "--target", "ws://example.org/v1/realtime")

    assert "unencrypted" in sentence
    assert "planted" not in sentence


def test_an_address_with_a_password_is_no_flag_and_is_never_shown(capsys, monkeypatch):
    flag = refusal(capsys, "--limits-storage", "redis://:planted-pw@127.0.0.1:1")
    monkeypatch.setenv("CONSOLE_LIMITS_STORAGE", "redis://:planted-pw@127.0.0.1:1")
    absent = refusal(capsys)
    monkeypatch.setenv("CONSOLE_LIMITS_STORAGE", "redis://:planted-pw@127.0.0.1:x")
    wrong = refusal(capsys)

    assert "Put an address with a password into CONSOLE_LIMITS_STORAGE" in flag
    assert "Redis at 127.0.0.1:1 cannot be used" in absent
    assert "is needed" in wrong
    assert "planted" not in flag + absent + wrong


@pytest.mark.parametrize("scheme", ["https", "ftp"])
def test_a_service_with_a_password_in_its_address_is_refused_without_showing_it(
    capsys, monkeypatch, scheme
):
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", f"{scheme}://me:planted-pw@example.org")

    assert "planted" not in refusal(capsys)


def test_a_wrong_key_is_refused_without_being_shown(capsys, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted key")

    sentence = refusal(capsys)

    assert "OPENAI_API_KEY" in sentence
    assert "planted" not in sentence


@pytest.mark.parametrize(
    "pasted",
    [
        "sk-proj-PLANTED0123456789abcdefXYZ",
        "OPENAI_API_KEY=sk-PLANTED0123456789",
        "9f86PLANTED84c7d659a2feaa0c55ad015",
        "eyJPLANTED0123-_.eyJPLANTED0123.PLANTED",
    ],
)
@pytest.mark.parametrize(
    "argv",
    [
        ["--target"],
        ["--port"],
        ["--audio"],
        ["--behind-proxy"],
        ["--proxy-network"],
        ["--unknown"],
        ["--microphone"],
        ["simulator", "--brain"],
        ["simulator", "--ears"],
        ["simulator", "--scenario"],
        ["relay", "--upstream"],
        ["relay", "--policy"],
        ["relay", "token", "/"],
        ["relay", "frob"],
        [],
    ],
)
def test_a_key_in_a_wrong_place_is_refused_without_being_shown(capsys, argv, pasted):
    with pytest.raises(SystemExit) as caught:
        cli.main([*argv, pasted])

    said = capsys.readouterr()
    assert caught.value.code == 2
    assert "PLANTED" not in said.err + said.out


def test_a_key_in_a_wrong_variable_is_refused_without_being_shown(capsys, monkeypatch):
    monkeypatch.setenv("CONSOLE_TARGET", "sk-proj-planted-0123456789")
    assert "--target [secret] is none of simulator, openai and azure" in refusal(capsys)
    monkeypatch.delenv("CONSOLE_TARGET")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "planted" + "0a" * 40)
    assert "got '[secret]'" in refusal(capsys)


@pytest.mark.parametrize("command", [[], ["simulator"], ["relay"]])
def test_a_port_in_use_is_named_with_the_next_one(capsys, command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        sentence = refusal(capsys, *command, "--port", str(port))

    assert f"Port {port} is in use. Try --port {port + 1}." in sentence


def test_an_azure_endpoint_that_cannot_be_used_is_named_by_its_variable(capsys, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "my-resource")

    assert "AZURE_OPENAI_ENDPOINT: a web address such as" in refusal(capsys)


def test_help_of_the_simulator_names_what_it_can_be_told(capsys):
    with pytest.raises(SystemExit):
        cli.main(["simulator", "--help"])

    shown = capsys.readouterr().out
    for flag in ("--faults", "--no-beta", "--brain", "--brain-model", "--scenario", "--seed"):
        assert flag in shown
    for flag in ("--max-sessions", "--ears", "--voices", "CONSOLE_SIMULATOR_KEY"):
        assert flag in shown
    assert "--simulator-key" not in shown


@pytest.mark.parametrize(
    ("argv", "as_json"),
    [
        (["--port", "1234", "doctor"], False),
        (["--port", "1234", "doctor", "--json"], True),
        (["doctor", "--port", "1234"], False),
        (["--port", "8", "doctor", "--port", "1234"], False),
    ],
)
def test_the_doctor_is_asked_and_its_answer_is_the_exit_status(monkeypatch, argv, as_json):
    asked = []

    def run(settings, *, as_json):
        asked.append((settings.port, as_json))
        return 3

    monkeypatch.setattr(importlib.import_module("console.doctor"), "run", run)

    with pytest.raises(SystemExit) as caught:
        cli.main(argv)

    assert (caught.value.code, asked) == (3, [(1234, as_json)])


def test_a_token_is_made_with_the_lines_of_a_policy_that_let_it_in(capsys, tmp_path):
    cli.main(["relay", "token", "shop"])

    token, _, rest = capsys.readouterr().out.partition("\n")
    path = tmp_path / "relay.yaml"
    path.write_text(rest[rest.index("tokens:") :])
    policy = policy_file.load(path)
    assert policies.find(policy.tokens, token, 0.0) == policy.tokens[0]
    assert policy.tokens[0].name == "shop"


def test_help_names_every_flag(capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])

    assert caught.value.code == 0
    shown = capsys.readouterr().out
    for flag in ("--host", "--port", "--no-show", "--target", "--model", "--voice", "--audio"):
        assert flag in shown
    assert "OPENAI_API_KEY" in shown


@pytest.mark.parametrize(
    "ending",
    [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGINT,) * 3],
    ids=["TERM", "INT", "3 INT"],
)
@pytest.mark.parametrize(
    ("argv", "ready"),
    [
        (["simulator", "--port", "0"], "Simulator ready at ws://127.0.0.1:"),
        (
            ["relay", "--port", "0", "--upstream", "ws://127.0.0.1:9/"],
            "Relay ready at ws://127.0.0.1:",
        ),
        (
            ["--port", "0", "--no-show", "--target", "simulator"],
            "Console ready at http://127.0.0.1:",
        ),
    ],
)
async def test_a_program_says_where_it_is_and_ends_in_time(argv, ready, ending, tmp_path):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "NICEGUI_"))}
    env["CONSOLE_STATE_DIR"] = str(tmp_path)
    program = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "main.py", *argv, stdout=PIPE, stderr=PIPE, env=env, cwd=ROOT
    )
    assert program.stdout is not None
    # A shell expects 130 of a program that was interrupted; the servers end by themselves.
    quiet_interrupt = signal.SIGINT in ending and argv[0] not in ("simulator", "relay")
    try:
        async with asyncio.timeout(60):
            line = (await program.stdout.readline()).decode()
        assert line.startswith(ready)
        for each in ending:
            with contextlib.suppress(ProcessLookupError):  # it was quicker than the next key
                program.send_signal(each)
            await asyncio.sleep(SIGNAL_GAP_S)
        async with asyncio.timeout(6):
            _, errors = await program.communicate()
        assert errors.decode() == ""
        assert program.returncode == (130 if quiet_interrupt else 0)
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()


async def test_without_its_packages_it_says_how_they_are_installed():
    program = await asyncio.create_subprocess_exec(
        # Without the folder that packages are installed in.
        *(sys.executable, "-S", "-E", ROOT / "main.py", "doctor"),
        stdout=PIPE,
        stderr=PIPE,
        cwd=ROOT,
    )
    async with asyncio.timeout(60):
        said, errors = await program.communicate()

    assert (program.returncode, said) == (2, b"")
    (line,) = errors.decode().splitlines()
    assert "is not installed. Install the console with all that it needs: " in line
    assert line.endswith("-m pip install -e .")


@pytest.mark.parametrize(
    "argv",
    [
        ["relay", "--policy"],
        ["relay", "--prices"],
        ["simulator", "--scenario"],
        ["simulator", "--tls-key", __file__, "--tls-cert"],
        ["--no-show", "--port", "0", "--tools"],
        ["--no-show", "--port", "0", "--microphone"],
        ["--no-show", "--port", "0", "--target", "simulator", "--scenario"],
    ],
    ids=" ".join,
)
async def test_a_pipe_in_place_of_a_file_keeps_no_start_waiting(tmp_path, argv):
    os.mkfifo(tmp_path / "pipe")
    process = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "main.py", *argv, tmp_path / "pipe",
        stdout=PIPE, stderr=PIPE, env=os.environ | {"CONSOLE_STATE_DIR": str(tmp_path / "state")},
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()

    assert process.returncode == 2
    assert f"{tmp_path / 'pipe'}" in errors.decode()
    assert "it is a pipe, and a file is needed" in errors.decode()
    assert len(errors.decode().splitlines()) == 1


def test_a_misspelt_name_is_warned_of_at_the_start(capsys, caplog, tmp_path):
    (tmp_path / ".env").write_text("CONSOLE_TARGT=openai\n")

    refusal(capsys, "relay", "--policy", "absent.yaml")

    (said,) = [each.getMessage() for each in caplog.records if "TARGT" in each.getMessage()]
    assert (
        said
        == ".env: CONSOLE_TARGT is no setting and changes nothing; did you mean CONSOLE_TARGET?"
    )


def test_a_pipe_as_settings_file_is_refused(capsys, tmp_path):
    os.mkfifo(tmp_path / ".env")

    assert ".env cannot be read: it is a pipe, and a file is needed" in refusal(capsys, "relay")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "is none of device, tone, noise, silence, text, and as a file it cannot be opened"),
        (b"no sound", "cannot be the microphone: it is no sound file"),
    ],
)
async def test_a_file_that_cannot_be_the_microphone_is_named(tmp_path, content, sentence):
    path = tmp_path / "question.wav"
    if content is not None:
        path.write_bytes(content)

    process = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "main.py", "--no-show", "--port", "0", "--microphone", path,
        stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        _, errors = await process.communicate()

    assert process.returncode == 2
    assert sentence in errors.decode()
    assert len(errors.decode().splitlines()) == 1
