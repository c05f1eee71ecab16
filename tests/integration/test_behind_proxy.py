"""A real nginx before the console, set up as the README says: what it passes on is believed."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio
import websockets
from websockets.typing import Origin

from console import wav
from console.lan.certificate import OwnCertificate, ensure_certificate
from tests.live_console import ROOT, Program, Site, free_port, open_console
from tests.nginx import open_nginx
from tests.nuisance import PAGE_SOCKET
from tests.simulator.fake_senses import tone
from tests.speech import silence
from tests.talker import Talker

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUBLIC = "127.0.0.50"
"""Where people open the console: not one of the addresses that it serves in any case."""
OWNER, GUEST, GUESSER, ANOTHER, AROUND = (f"127.0.0.{n}" for n in range(61, 66))
FOREIGN = "https://evil.example"
WRONG_LINKS = 10
SCENARIO = {"ms_per_character": 20, "else": [{"say": "So it is."}]}


def site_of_readme() -> str:
    """Return the one configuration of nginx that the README shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (site,) = re.findall(r"^```nginx\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return str(site)


def set_up(site: str, **places: str) -> str:
    """Return the README's configuration for other places, each of which stands in it once."""
    shown = {
        "listen": "listen 443 ssl;",
        "name": "server_name console.example.org;",
        "certificate": "ssl_certificate /etc/ssl/console.example.org.pem;",
        "key": "ssl_certificate_key /etc/ssl/console.example.org.key;",
        "console": "proxy_pass http://127.0.0.1:8080;",
    }
    for name, line in shown.items():
        assert site.count(line) == 1, line
        directive = line.partition(" ")[0]
        site = site.replace(line, f"{directive} {places[name]};")
    return site


@dataclass(frozen=True, slots=True)
class Proxied:
    """The console, by the proxy and around it."""

    site: Site
    """As people see it."""
    direct: str
    """Scheme, host and port of the console itself."""

    def client(self, address: str) -> httpx.AsyncClient:
        """Return what asks from an address of this machine."""
        transport = httpx.AsyncHTTPTransport(local_address=address, verify=self.site.trust)
        return httpx.AsyncClient(transport=transport)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> OwnCertificate:
    return ensure_certificate(tmp_path_factory.mktemp("tls"), [PUBLIC], time.time())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proxied(
    tmp_path_factory: pytest.TempPathFactory, certificate: OwnCertificate
) -> AsyncIterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxied")
    scenario = folder / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO))
    public_port, port = free_port(PUBLIC), free_port()
    direct = f"http://127.0.0.1:{port}"
    site = set_up(
        site_of_readme(),
        listen=f"{PUBLIC}:{public_port} ssl",
        name=PUBLIC,
        certificate=str(certificate.certificate_file),
        key=str(certificate.key_file),
        console=direct,
    )
    arguments = (
        *("--behind-proxy", f"https://{PUBLIC}:{public_port}", "--proxy-network", "127.0.0.1"),
        *("--port", str(port), "--target", "simulator", "--scenario", str(scenario)),
    )
    async with (
        open_nginx(folder / "nginx", site, PUBLIC, public_port),
        open_console(folder, *arguments, environment={}) as console,
    ):
        yield Proxied(Site(console.url, trusting(certificate)), direct)
        assert_quiet(console)


def trusting(certificate: OwnCertificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate.authority_file)


def assert_quiet(console: Program) -> None:
    assert "Traceback" not in console.errors


async def test_the_page_opens_talks_and_is_answered_and_the_host_sees_who_it_is(
    proxied: Proxied,
) -> None:
    site = proxied.site
    async with Talker(site, OWNER) as host, Talker(site, GUEST) as guest:
        await guest.connect()
        await guest.say(tone(500))
        account = await guest.account()
        await host.page.click("People")
        await host.page.until(lambda: host.page.says(GUEST) and host.page.says(OWNER))

        assert account.said_ms == 500
        assert account.is_whole
        assert account.heard_ms > 0
        assert not host.page.says("127.0.0.1,"), "nobody is taken for the proxy"


async def test_the_cookie_goes_by_https_alone(proxied: Proxied) -> None:
    async with proxied.client(OWNER) as client:
        came = await client.get(proxied.site.url)

    assert came.status_code == 303
    assert came.headers["location"] == "/"
    flags = {each.strip().lower() for each in came.headers["set-cookie"].split(";")}
    assert flags >= {"secure", "httponly", "samesite=strict"}


async def test_a_socket_opens_for_the_public_origin_and_for_no_other(proxied: Proxied) -> None:
    site = proxied.site
    url = site.origin.replace("https", "wss", 1) + PAGE_SOCKET

    def opened(origin: str) -> websockets.connect:
        return websockets.connect(
            url, origin=Origin(origin), additional_headers=cookie, ssl=site.trust
        )

    cookie = await site.cookie()
    async with opened(site.origin) as socket:
        assert str(await socket.recv()).startswith("0{")
    for foreign in (FOREIGN, proxied.direct, site.origin.replace("https", "http", 1)):
        with pytest.raises(websockets.InvalidStatus) as caught:
            async with opened(foreign):
                pass
        assert caught.value.response.status_code == 403


async def test_a_file_that_is_larger_than_a_message_comes_through(proxied: Proxied) -> None:
    async with Talker(proxied.site, GUEST) as guest, proxied.client(GUEST) as client:
        answer = await client.post(
            f"{proxied.site.origin}/rt/{guest.page.session_id}/microphone?name=long.wav",
            content=wav.pack(silence(60_000)),
            headers={**guest.headers, "origin": proxied.site.origin},
        )

        assert answer.status_code == 204, answer.text
        await guest.page.until(lambda: guest.page.says("long.wav"))


async def test_wrong_links_are_counted_by_the_address_that_the_proxy_has_seen(
    proxied: Proxied,
) -> None:
    through = await guess(proxied, proxied.site.origin, GUESSER)

    assert through == [403] * WRONG_LINKS + [429]
    assert await guess(proxied, proxied.site.origin, ANOTHER, 1) == [403]


async def test_a_claim_that_comes_around_the_proxy_is_not_believed(proxied: Proxied) -> None:
    assert await guess(proxied, proxied.direct, AROUND) == [403] * WRONG_LINKS + [429]


async def guess(
    proxied: Proxied, base: str, address: str, n_times: int = WRONG_LINKS + 1
) -> list[int]:
    """Try wrong links, each time in the name of somebody else; return what was answered."""
    async with proxied.client(address) as client:
        return [
            (
                await client.get(
                    f"{base}/?token=wrong", headers={"x-forwarded-for": f"203.0.113.{number}"}
                )
            ).status_code
            for number in range(n_times)
        ]
