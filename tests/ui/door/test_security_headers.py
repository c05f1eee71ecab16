import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from console.ui.door.security_headers import SecurityHeaders


@pytest.fixture
def client():
    async def page(_request):
        return PlainTextResponse("page")

    async def own(_request):
        return PlainTextResponse("own", headers={"referrer-policy": "no-referrer"})

    app = Starlette(routes=[Route("/", page), Route("/own", own)])
    app.add_middleware(SecurityHeaders)
    return TestClient(app)


def directives(client):
    policy = client.get("/").headers["content-security-policy"]
    return {name: rest for name, _, rest in (each.partition(" ") for each in policy.split("; "))}


def test_no_page_may_be_framed_and_none_frames(client):
    assert client.get("/").headers["x-frame-options"] == "DENY"
    assert directives(client)["frame-ancestors"] == "'none'"
    assert directives(client)["frame-src"] == "'none'"


def test_nothing_comes_from_or_goes_elsewhere_but_the_maps_tiles(client):
    foreign = {
        name: [each for each in sources.split() if "." in each]
        for name, sources in directives(client).items()
        if "." in sources
    }

    assert foreign == {"img-src": ["https://tile.openstreetmap.org"]}
    assert directives(client)["connect-src"] == "'self'"
    assert directives(client)["form-action"] == "'self'"
    assert directives(client)["default-src"] == "'self'"
    assert directives(client)["object-src"] == "'none'"


def test_only_our_own_page_has_the_microphone_and_nobody_the_rest(client):
    policy = client.get("/").headers["permissions-policy"]

    assert "microphone=(self)" in policy
    for denied in ("camera", "geolocation", "display-capture", "usb"):
        assert f"{denied}=()" in policy


def test_every_answer_has_them_not_found_too(client):
    for path in ("/", "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("https://192.168.1.5:8080", "same-origin"),
        ("https://console.example.org", "same-origin"),
        ("http://127.0.0.1:8080", "same-origin"),
        ("http://localhost:8080", "same-origin"),
        ("http://[::1]:8080", "same-origin"),
        ("http://192.168.1.5:8080", None),
        ("http://machine.local", None),
        ("http://[fd00::5]:8080", None),
    ],
)
def test_openers_are_parted_where_browsers_can_and_not_mentioned_elsewhere(client, origin, told):
    assert client.get(f"{origin}/").headers.get("cross-origin-opener-policy") == told


def test_what_an_answer_says_itself_stays(client):
    assert client.get("/own").headers["referrer-policy"] == "no-referrer"
