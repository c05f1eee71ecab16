"""The command line: flags become `Settings`, and one of the programs runs."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import platform
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NoReturn, get_args, get_origin
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr, ValidationError

from console.env_file import check_env_file, env_file_remark, has_password, misspelt_remark
from console.errors import ConfigurationError
from console.scrubber import scrubber
from console.settings import (
    ENV_FILE,
    MAY_HOLD_PASSWORD,
    SECRETS,
    Settings,
    keep_toolkit_storage_in,
)
from console.state import check_toolkit_storage, open_state_directory

logger = logging.getLogger(__name__)

DEFAULT_SIMULATOR_PORT = 8082
DEFAULT_RELAY_PORT = 8081
_PORTS = {"simulator": DEFAULT_SIMULATOR_PORT, "relay": DEFAULT_RELAY_PORT}
_WITHOUT_FLAG = {*SECRETS, "azure_openai_endpoint"}
"""Keys; and what other programs know by the same variable."""
_SIMULATOR_FLAGS = (
    "host",
    "port",
    "faults",
    "beta",
    "brain",
    "brain_model",
    "scenario",
    "ears",
    "voices",
    "seed",
    "max_sessions",
    "tls_cert",
    "tls_key",
    "log_level",
)
_RELAY_FLAGS = (
    "host",
    "port",
    "upstream",
    "policy",
    "open",
    "model",
    "azure_deployment",
    "limits_storage",
    "prices",
    "drain_seconds",
    "tls_cert",
    "tls_key",
    "log_level",
)


class _Parser(argparse.ArgumentParser):
    """Refuses without showing a key that was given in a wrong place."""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End, with a message if there is one."""
        super().exit(status, message and scrubber.without_what_was_pasted(message))


def main(argv: Sequence[str] | None = None) -> None:
    """Run the program that `argv` (default: the process's arguments) asks for.

    Raises:
        SystemExit: 2 for a flag or setting that cannot be used, with one sentence on stderr.
    """
    parser = _parser()
    given = vars(parser.parse_args(argv))
    command = given.pop("command", None)
    as_json = given.pop("as_json", False)
    token_name = given.pop("token_name", None)
    if command in _PORTS:
        given.setdefault("port", _PORTS[command])
    try:
        check_env_file(ENV_FILE)
        _check_flags(given)
        settings = Settings(**given)
        _configure_logging(settings, as_json_lines=command == "relay")
        for remark in filter(None, (env_file_remark(ENV_FILE), misspelt_remark(ENV_FILE))):
            logger.warning("%s", remark)
        if command == "doctor":
            sys.exit(_run_doctor(settings, as_json=as_json))
        elif command == "simulator":
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(_run_simulator(settings))
        elif command == "relay" and token_name is not None:
            _make_relay_token(token_name)
        elif command == "relay":
            with contextlib.suppress(KeyboardInterrupt):
                asyncio.run(_run_relay(settings))
        else:
            _run_console(settings)
    except ValidationError as error:
        _refuse(parser, _sentence(error))
    except ConfigurationError as error:
        _refuse(parser, str(error))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="main.py",
        description="An inspector and interactive reference for realtime voice applications. "
        "Without a key it talks to a simulator of its own.",
        epilog="Every flag is also an environment variable (CONSOLE_PORT, ...) and may stand in "
        ".env; the key of the OpenAI API is OPENAI_API_KEY and has no flag, so that it is not "
        "seen in a list of processes; neither have the other keys.",
    )
    flags = [name for name in Settings.model_fields if name not in _WITHOUT_FLAG]
    _add_flags(parser, flags)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    simulator = commands.add_parser(
        "simulator",
        help="serve the protocol alone, for other programs",
        description="A server of the Realtime protocol that needs neither key nor network. With "
        "CONSOLE_SIMULATOR_KEY it accepts that key alone.",
    )
    _add_flags(simulator, _SIMULATOR_FLAGS, {"port": DEFAULT_SIMULATOR_PORT})
    _add_relay(commands)
    doctor = commands.add_parser(
        "doctor",
        help="say what works on this machine and what is missing",
        description="Looks at everything that the console can use, and names what is missing. With "
        "the flags of the console it looks at what these need.",
    )
    _add_flags(doctor, flags)
    doctor.add_argument(
        "--json", dest="as_json", action="store_true", help="answer as JSON, for other programs"
    )
    return parser


def _add_relay(commands: argparse._SubParsersAction[_Parser]) -> None:
    relay = commands.add_parser(
        "relay",
        help="hold the key, and let applications connect by a policy",
        description="Applications connect here instead of to the service; the key stays here. A "
        "policy says who may come, and what may pass. Clients show a token of the relay: that of "
        "CONSOLE_RELAY_TOKEN, one of the policy, or one that is made at the start and printed.",
    )
    _add_flags(relay, _RELAY_FLAGS, {"port": DEFAULT_RELAY_PORT})
    actions = relay.add_subparsers(metavar="ACTION")
    token = actions.add_parser(
        "token",
        help="make a token, and the lines of a policy that let it in",
        description="Prints a new token, which is stored nowhere, and its entry for a policy.",
    )
    token.add_argument("token_name", metavar="NAME", help="what its sessions are called")


def _add_flags(
    parser: argparse.ArgumentParser,
    names: Sequence[str],
    defaults: dict[str, Any] | None = None,
) -> None:
    for name in names:
        field = Settings.model_fields[name]
        default = (defaults or {}).get(name, field.default)
        if isinstance(default, SecretStr):  # nobody's secret yet
            default = default.get_secret_value()
        flag = f"--{name.replace('_', '-')}"
        # Absent flags stay absent, so that the environment and .env decide.
        if field.annotation is bool:
            parser.add_argument(
                flag,
                action=argparse.BooleanOptionalAction,
                default=argparse.SUPPRESS,
                help=f"{field.description} (default: {'yes' if default else 'no'})",
            )
        else:
            parser.add_argument(
                flag,
                metavar=_metavar(name),
                default=argparse.SUPPRESS,
                help=f"{field.description} (default: {'none' if default in {None, ''} else default})",
            )


def _check_flags(given: Mapping[str, Any]) -> None:
    """Refuse a password in the arguments, and a directory that has no name.

    Raises:
        ConfigurationError: There is one.
    """
    if given.get("state_dir") == "":
        # As a script gives it whose variable is not set: nothing shall be kept where nobody looks.
        raise ConfigurationError(
            "--state-dir: the name of a directory is needed; leave the flag out for the system's "
            "place."
        )
    if has_password(given.get(MAY_HOLD_PASSWORD, "")):
        name = MAY_HOLD_PASSWORD
        raise ConfigurationError(
            f"--{name.replace('_', '-')}: everybody on this machine can see flags. Put an address "
            f"with a password into CONSOLE_{name.upper()}, in the environment or in {ENV_FILE}."
        )


def _refuse(parser: argparse.ArgumentParser, sentence: str) -> NoReturn:
    parser.exit(2, f"{parser.prog}: {sentence}\n")


def _metavar(name: str) -> str:
    annotation = Settings.model_fields[name].annotation
    return "|".join(get_args(annotation)) if get_origin(annotation) is Literal else name.upper()


def _sentence(error: ValidationError) -> str:
    problems = []
    for each in error.errors(include_url=False, include_context=False):
        name = str(each["loc"][0]) if each["loc"] else "settings"
        what = each["msg"].removeprefix("Value error, ")
        if name.lower() in SECRETS:
            problems.append(what)
        elif name.lower() in _WITHOUT_FLAG:
            problems.append(f"{name}: {what}{_got(name, each['input'])}")
        else:
            flag = f"--{name.replace('_', '-')} (CONSOLE_{name.upper()})"
            problems.append(f"{flag}: {what}{_got(name, each['input'])}")
    return "; ".join(problems)


def _got(name: str, value: object) -> str:
    # Before the @ of an address there may be a password, however wrong the rest of it is.
    is_secret = name == MAY_HOLD_PASSWORD or "@" in str(value)
    return "" if is_secret else f"; got {value!r}"


def _configure_logging(settings: Settings, *, as_json_lines: bool) -> None:
    level = settings.log_level
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if as_json_lines:
        from console.relay import journal

        journal.begin(logging.getLogger())
    scrubber.install()
    for name in SECRETS:
        if (secret := getattr(settings, name)) is not None:
            scrubber.keep_secret(secret.get_secret_value())
    storage = settings.limits_storage.get_secret_value()
    if has_password(storage):
        scrubber.keep_secret(storage)
        scrubber.keep_secret(unquote(urlsplit(storage).password or ""))
    # At debug level these print request headers, and with them the key.
    for name in ("websockets.client", "websockets.server", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level.upper())))
    logger.debug("Python %s on %s", sys.version.split()[0], platform.platform())


def _run_console(settings: Settings) -> None:
    directory = open_state_directory(settings.state_dir)
    keep_toolkit_storage_in(check_toolkit_storage(directory / "pages"))
    # Imported here: NiceGUI takes a second to load, which --help and the simulator do not need.
    from console.ui import serve

    serve.run(settings, directory)


def _run_doctor(settings: Settings, *, as_json: bool) -> int:
    from console.doctor import run

    return run(settings, as_json=as_json)


def _make_relay_token(name: str) -> None:
    from console.relay.policy import Token
    from console.relay.tokens import hashed, new_token

    token = new_token()
    try:
        entry = Token(name=name, hash=hashed(token))
    except ValidationError as error:
        raise ConfigurationError(
            f"{name!r} cannot be a token's name: use at most 64 letters, digits, spaces and _.@-"
        ) from error
    sys.stdout.write(
        f"{token}\n\nIt is shown this once. For the policy:\n\n"
        f'tokens:\n  - name: "{entry.name}"\n    hash: {entry.hash}\n'
    )


async def _run_relay(settings: Settings) -> None:
    from console.app.garbage import spare_what_is_there
    from console.app.local_relay import open_relay

    stopped = _stop_asked()
    relay = await open_relay(settings, settings.host, settings.port)
    spare_what_is_there()  # or the collector holds up all sessions at once now and then
    try:
        sys.stdout.write(f"Relay ready at {relay.server.url}\n")
        if relay.new_token is not None:
            sys.stdout.write(f"Clients show this token as their key: {relay.new_token}\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await relay.stop(settings.drain_seconds)


def _stop_asked() -> asyncio.Event:
    """Return what is set when the process is told to end."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers here
            loop.add_signal_handler(each, stopped.set)
    return stopped


async def _run_simulator(settings: Settings) -> None:
    from console.app.local_simulator import open_simulator

    stopped = _stop_asked()
    simulator = await open_simulator(settings, settings.host, settings.port, with_tls=True)
    try:
        sys.stdout.write(f"Simulator ready at {simulator.url}\n")
        sys.stdout.flush()
        await stopped.wait()
    finally:
        await simulator.stop()
