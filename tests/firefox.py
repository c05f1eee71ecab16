"""A real Firefox for tests, driven by WebDriver BiDi over its own socket; nothing else is needed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from console import tasks

PROGRAMS = ("firefox-esr", "firefox")
START_S = 60
COMMAND_S = 30
_PREFERENCES: dict[str, bool | int | str] = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.aboutwelcome.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "toolkit.telemetry.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "services.settings.server": "data:,",
    # What people answer to the question for the microphone.
    "media.navigator.permission.disabled": True,
}
_LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")


def find_firefox() -> str | None:
    """Return the path of the installed Firefox, or None."""
    return next((path for each in PROGRAMS if (path := shutil.which(each))), None)


class FirefoxError(Exception):
    """Firefox refused a command, or a script of the page threw."""


class Tab:
    """One tab of Firefox."""

    def __init__(self, line: _Line, context: str) -> None:
        self._line = line
        self._context = context

    async def open(self, url: str) -> None:
        """Load a page and wait until it is complete."""
        await self._line.send(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    async def close(self) -> None:
        """Close the tab."""
        await self._line.send("browsingContext.close", context=self._context)

    async def evaluate(self, expression: str, *, as_user: bool = False) -> Any:
        """Return what an expression of the page gives, once it is settled; values of JSON only.

        Args:
            expression: JavaScript; a promise is awaited.
            as_user: Whether it counts as something that the user did.
        """
        answer = await self._line.send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify({{ value: await ({expression}) }}))()",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=as_user,
        )
        if answer["type"] == "exception":
            raise FirefoxError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"]).get("value")

    async def wait_for(self, expression: str, timeout_s: float = 15.0) -> Any:
        """Wait until an expression of the page is true; return what it gives."""
        async with asyncio.timeout(timeout_s):
            while not (value := await self.evaluate(expression)):
                await self.evaluate("new Promise(requestAnimationFrame)")
        return value

    async def click(self, selector: str) -> None:
        """Click the middle of the first element of a CSS selector with a real mouse."""
        await self.wait_for(f"document.querySelector({json.dumps(selector)}) !== null")
        x, y = await self._middle(selector)
        await self._mouse(
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        )

    async def press(self, selector: str) -> None:
        """Put the mouse on an element and hold its button down."""
        x, y = await self._middle(selector)
        await self._mouse(
            {"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0}
        )

    async def release(self) -> None:
        """Let the mouse's button go."""
        await self._mouse({"type": "pointerUp", "button": 0})

    async def _middle(self, selector: str) -> tuple[int, int]:
        found = await self.evaluate(
            f"""(() => {{
              const element = document.querySelector({json.dumps(selector)});
              element.scrollIntoView({{ block: "center" }});
              const {{ left, top, width, height }} = element.getBoundingClientRect();
              return [Math.round(left + width / 2), Math.round(top + height / 2)];
            }})()"""
        )
        return found[0], found[1]

    async def _mouse(self, *steps: dict[str, Any]) -> None:
        source = {
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": list(steps),
        }  # fmt: skip
        await self._line.send("input.performActions", context=self._context, actions=[source])


class _Line:
    """Commands to Firefox and their answers."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def read(self) -> None:
        """Hand out answers until the line ends."""
        async for text in self._socket:
            message = json.loads(text)
            waiting = self._answers.pop(message.get("id"), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        number = next(self._ids)
        waiting = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(COMMAND_S):
            message = await waiting
        if message["type"] == "error":
            raise FirefoxError(f"{method}: {message['error']}: {message['message']}")
        result: dict[str, Any] = message["result"]
        return result


class Firefox:
    """A running Firefox."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    async def new_tab(self) -> Tab:
        """Open an empty tab."""
        made = await self._line.send("browsingContext.create", type="tab")
        return Tab(self._line, made["context"])


@contextlib.asynccontextmanager
async def open_firefox(
    environment: Mapping[str, str], preferences: Mapping[str, bool | int | str] | None = None
) -> AsyncIterator[Firefox]:
    """Start a headless Firefox with a profile of its own, and end it with the block.

    Args:
        environment: Added to its environment, such as that of a `VirtualSoundCard`.
        preferences: Set in its profile, as on its page about:config.

    Raises:
        RuntimeError: No Firefox is installed, or it does not start; says what it printed.
    """
    program = find_firefox()
    if program is None:
        raise RuntimeError("not installed: firefox; run tests/check.py")
    with tempfile.TemporaryDirectory(prefix="firefox", ignore_cleanup_errors=True) as folder:
        profile = Path(folder)
        wanted = {**_PREFERENCES, **(preferences or {})}
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in wanted.items()]
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            program, "--headless", "--no-remote", "--profile", folder,
            "--remote-debugging-port", "0", "about:blank",
            env={**os.environ, "HOME": folder, "MOZ_CRASHREPORTER_DISABLE": "1", **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            address = await _address(process)
            async with connect(f"{address}/session", max_size=None, proxy=None) as socket:
                line = _Line(socket)
                reading = tasks.spawn(line.read(), name="firefox answers")
                await line.send("session.new", capabilities={})
                yield Firefox(line)
                await tasks.cancel(reading)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Return where Firefox listens; it says so itself. What it prints later is thrown away."""
    assert process.stderr is not None
    printed = b""
    async with asyncio.timeout(START_S):
        while line := await process.stderr.readline():
            printed += line
            if found := _LISTENING.search(line):
                tasks.spawn(_drain(process.stderr), name="firefox messages")
                return found[1].decode()
    raise RuntimeError(f"Firefox did not start:\n{printed.decode(errors='replace')}")


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass
