"""A real nginx with the configuration of one site."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tests.system_packages import find_nginx

START_S = 10
MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""
"""What a system's own configuration has around the one of a site."""


def write_config(folder: Path, site: str) -> Path:
    """Write the whole configuration into a folder of its own; return its path."""
    folder.mkdir()
    # Started by root it would work as somebody who cannot reach the folder.
    user = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(user + MAIN.format(folder=folder, site=site))
    return config


@contextlib.asynccontextmanager
async def open_nginx(folder: Path, site: str, host: str, port: int) -> AsyncIterator[None]:
    """Run nginx with the configuration of a site, which listens there, until the block ends."""
    config, log = write_config(folder, site), folder / "error.log"
    program = find_nginx()
    assert program is not None, "not installed: nginx; run tests/check.py"
    process = await asyncio.create_subprocess_exec(
        *(program, "-p", str(folder), "-e", str(log), "-c", str(config))
    )
    try:
        if not await is_listening(host, port):
            raise RuntimeError(f"nginx does not listen:\n{read(log)}")
        yield
    finally:
        process.terminate()
        await process.wait()


async def is_listening(host: str, port: int) -> bool:
    """Wait until somebody listens there; return whether it came to that."""
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)  # another process's socket tells nobody
        else:
            writer.close()
            return True
    return False


def read(log: Path) -> str:
    return log.read_text() if log.exists() else ""
