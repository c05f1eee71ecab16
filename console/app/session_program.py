"""A session as a program that begins it: by the client of this project, or by the `openai` package.

A program types a line to the model and prints what is answered; one for transcription sends a
sound file and prints its words. The key is never part of it.
"""

from __future__ import annotations

import pprint
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from console import pcm
from console.audio_format import AudioFormat
from console.client.input_audio import format_of
from console.client.targets import OPENAI_URL, Target
from console.realtime import session as sessions

_WIDTH: Final = 88
_END_OF_SPEECH_MS: Final = 1500
"""Of silence behind a sound file, by which a server finds the end of a turn."""

_OURS: Final = '''\
"""A session of the Realtime API by the client of Realtime Console."""

{imports}

from console.client import RealtimeClient
from console.client.targets import Target

TARGET = Target(
{target}
)
SESSION = {session}


async def main({argument}: str) -> None:
    client = RealtimeClient(target=TARGET)
    await client.update_session(SESSION)
    done = asyncio.Event()
{handlers}
    client.on("error", lambda report: (print(report.message, file=sys.stderr), done.set()))
    client.on("close", lambda closed: done.set())
    async with client:
{body}
        await done.wait()
    print()


asyncio.run(main(sys.argv[1]{default}))
'''

_OUR_ANSWER: Final = """
    def show(update):
        if update.delta is not None and update.item.role == "assistant":
            print(update.delta.text or update.delta.transcript or "", end="", flush=True)

    client.on("conversation.updated", show)
    client.on("response.updated", lambda response: done.set() if response.is_done else None)"""

_OUR_WORDS: Final = """
    def show(update):
        if update.delta is not None:
            print(update.delta.transcript or "", end="", flush=True)
        part = update.item.audio_part
        if part is not None and part.transcription in ("completed", "failed"):
            done.set()

    client.on("conversation.updated", show)"""

_SDK: Final = '''\
"""A session of the Realtime API by the openai package: pip install "openai[realtime]"."""

{imports}

from openai import AsyncOpenAI

SESSION = {session}


async def main({argument}: str) -> None:
    client = AsyncOpenAI({client})
    async with client.realtime.connect({connect}) as connection:
        await connection.session.update(session=SESSION)
{body}
        async for event in connection:
            if event.type in {deltas}:
                print(event.delta, end="", flush=True)
            elif event.type == "error":
                sys.exit(event.error.message)
            elif event.type in {ends}:
                break
    print()


asyncio.run(main(sys.argv[1]{default}))
'''

_SDK_ANSWER: Final = """\
        content = [{"type": "input_text", "text": line}]
        item = {"type": "message", "role": "user", "content": content}
        await connection.conversation.item.create(item=item)
        await connection.response.create()"""

_READ_WAV: Final = """\
        with wave.open(path) as file:  # {rate} Hz, 16 bits, one channel
            sound = file.readframes(file.getnframes()){silence}"""
_READ_RAW: Final = """\
        sound = pathlib.Path(path).read_bytes()  # raw sound, as the session's format says"""


def client_program(target: Target, session: Mapping[str, Any]) -> str:
    """Return a program by the client of this project.

    Args:
        target: Whom it calls.
        session: What it asks for, as the wire has it; its model is the target's.
    """
    is_heard = _is_transcription(session)
    waits = _is_manual(session)
    read = _read_wav(waits)
    send = "        await client.append_input_audio(sound)"
    commit = "\n        await client.commit_input_audio()" if waits else ""
    return _OURS.format(
        imports=_imports("wave" if is_heard else ""),
        target=_target(target, session),
        session=_literal(session),
        argument="path" if is_heard else "line",
        handlers=_OUR_WORDS if is_heard else _OUR_ANSWER,
        body=f"{read}\n{send}{commit}"
        if is_heard
        else "        await client.send_user_message_content(line)",
        default=_default(is_heard),
    )


def sdk_program(target: Target, session: Mapping[str, Any]) -> str:
    """Return a program by the `openai` package; arguments as of `client_program`."""
    is_heard = _is_transcription(session)
    is_pcm = format_of(session, "input") is AudioFormat.PCM
    return _SDK.format(
        imports=_imports(*(("base64", "wave" if is_pcm else "pathlib") if is_heard else ())),
        session=_literal(session),
        argument="path" if is_heard else "line",
        client=", ".join(_sdk_client(target)),
        connect=", ".join(_sdk_connect(target, session)),
        body=_sdk_sound(session, is_pcm) if is_heard else _SDK_ANSWER,
        deltas=_SDK_WORDS if is_heard else _SDK_DELTAS,
        ends=_SDK_WORDS_END if is_heard else '("response.done",)',
        default=_default(is_heard),
    )


_SDK_DELTAS: Final = '("response.output_text.delta", "response.output_audio_transcript.delta")'
_SDK_WORDS: Final = '("conversation.item.input_audio_transcription.delta",)'
_SDK_WORDS_END: Final = (
    "(\n"
    '                "conversation.item.input_audio_transcription.completed",\n'
    '                "conversation.item.input_audio_transcription.failed",\n'
    "            )"
)


def _default(is_heard: bool) -> str:
    return "" if is_heard else ' if len(sys.argv) > 1 else "Hello!"'


def _is_transcription(session: Mapping[str, Any]) -> bool:
    return sessions.session_type(session) == "transcription"


def _is_manual(session: Mapping[str, Any]) -> bool:
    return sessions.turn_detection(session) is None


def _read_wav(waits: bool) -> str:
    silence = "" if waits else f" + bytes({_END_OF_SPEECH_MS * pcm.BYTES_PER_MS})"
    return _READ_WAV.format(rate=pcm.SAMPLE_RATE_HZ, silence=silence)


def _literal(session: Mapping[str, Any]) -> str:
    fields = {name: value for name, value in session.items() if name != "model"}
    return pprint.pformat(fields, sort_dicts=False, width=_WIDTH)


def _target(target: Target, session: Mapping[str, Any]) -> str:
    arguments: dict[str, Any] = {"url": _url(target)}
    if target.call_id is not None:
        arguments["call_id"] = target.call_id
    elif _is_transcription(session):
        arguments["session_type"] = "transcription"
    else:
        arguments["model"] = _model(target, session)
    if target.key_header != "Authorization":
        arguments["key_header"] = target.key_header
    if target.dialect == "beta":
        arguments["dialect"] = "beta"
    lines = [f"    {name}={value!r}," for name, value in arguments.items()]
    return "\n".join([*lines, f'    api_key=environ.get("{_key_name(target)}"),'])


def _key_name(target: Target) -> str:
    return "OPENAI_API_KEY" if target.key_header == "Authorization" else "AZURE_OPENAI_API_KEY"


def _model(target: Target, session: Mapping[str, Any]) -> str:
    return str(session.get("model") or target.model or "")


def _url(target: Target) -> str:
    """Return the address without what would name the session's subject a second time."""
    parts = urlsplit(target.url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _imports(*more: str) -> str:
    names = sorted({"asyncio", "sys", *more} - {""})
    return "\n".join([*(f"import {name}" for name in names), "from os import environ"])


def _sdk_client(target: Target) -> list[str]:
    arguments = [f'api_key=environ.get("{_key_name(target)}", "none")']
    url = _url(target)
    if url != OPENAI_URL:
        arguments.append(f"websocket_base_url={url.removesuffix('/realtime')!r}")
    return arguments


def _sdk_connect(target: Target, session: Mapping[str, Any]) -> list[str]:
    query = dict(parse_qsl(urlsplit(target.url).query))
    if target.call_id is not None:
        query.pop("call_id", None)
        arguments = [f"call_id={target.call_id!r}"]
    elif _is_transcription(session):
        query["intent"] = "transcription"
        arguments = []
    else:
        query.pop("model", None)
        arguments = [f"model={_model(target, session)!r}"]
    if query:
        arguments.append(f"extra_query={query!r}")
    if target.key_header != "Authorization":
        arguments.append(f'extra_headers={{"api-key": environ["{_key_name(target)}"]}}')
    return arguments


def _sdk_sound(session: Mapping[str, Any], is_pcm: bool) -> str:
    waits = _is_manual(session)
    read = _read_wav(waits) if is_pcm else _READ_RAW
    send = (
        "        for at in range(0, len(sound), 48_000):\n"
        "            audio = base64.b64encode(sound[at : at + 48_000]).decode()\n"
        "            await connection.input_audio_buffer.append(audio=audio)"
    )
    commit = "\n        await connection.input_audio_buffer.commit()" if waits else ""
    return f"{read}\n{send}{commit}"
