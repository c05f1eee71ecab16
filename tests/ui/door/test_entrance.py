"""The whole application behind its door: every route of it, the order of the guards, the hosts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from nicegui import app, core, ui
from nicegui.client import Client
from nicegui.middlewares import RedirectWithPrefixMiddleware, SetCacheControlMiddleware
from nicegui.storage import RequestTrackingMiddleware, set_storage_secret
from nicegui.testing.general import nicegui_reset_globals, prepare_simulation
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from console.app.backend import Backend
from console.settings import Settings
from console.ui import serve, trust_route
from console.ui.door import entrance
from console.ui.door.door import Door
from console.ui.door.entrance import Entrance
from console.ui.door.known_hosts import KnownHosts
from console.ui.door.origin_guard import OriginGuard
from console.ui.door.rates import DoorLimits
from console.ui.door.token_guard import TokenGuard
from console.ui.sessions import SessionRegistry
from tests.ui.door.knock import HTML, ORIGIN, PORT, browser

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BESIDES = (
    "/favicon.ico",
    "/_nicegui_ws/socket.io/?EIO=4&transport=polling",
    "/nowhere",
    "//",
    "/%00",
)
"""What is served without being in the table at this time."""
SECRET = "0" * 64


SETTINGS = Settings(_env_file=None, target="ws://127.0.0.1:9/v1/realtime")


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """The door of NiceGUI's application with all our routes, put together as at a start."""
    with nicegui_reset_globals():
        yield put_together(monkeypatch)
        Client.page_routes.clear()  # else the reset would have our modules imported a second time


def put_together(monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(core.sio.eio, "transports", core.sio.eio.transports)
    monkeypatch.setattr(app, "build_middleware_stack", app.build_middleware_stack)
    prepare_simulation()
    door = Door()
    serve.install(SessionRegistry(Backend(SETTINGS), SETTINGS))
    public = {trust_route.PATH: trust_route.answer(b"the authority's certificate")}
    entrance.install(app, door, Entrance(PORT, public=public), secret=SECRET)
    core.root = lambda: ui.label("the page")
    # As `ui.run` does: around ours, and the last inside.
    app.add_middleware(RedirectWithPrefixMiddleware)
    app.add_middleware(SetCacheControlMiddleware)
    set_storage_secret(SECRET)
    return door


@pytest.fixture
def stranger(door: Door) -> TestClient:
    return browser(app)


@pytest.fixture
def owner(door: Door) -> TestClient:
    client = browser(app)
    assert client.get(door.owner.at("")).status_code == 303
    return client


def every_path(routes: list[BaseRoute], prefix: str = "") -> Iterator[str]:
    """All paths that the table names, mounts and routers included, with parameters filled in."""
    for route in routes:
        inner: Any = getattr(route, "original_router", None) or getattr(route, "app", None)
        path = prefix + str(getattr(route, "path", ""))
        if isinstance(route, Mount) or hasattr(route, "original_router"):
            yield re.sub(r"{[^}]*}", "x", path) + "/x"
            yield from every_path(getattr(inner, "routes", []), path)
        else:
            yield re.sub(r"{[^}]*}", "x", path)


def test_the_table_that_is_walked_has_what_it_must_have(door: Door) -> None:
    paths = set(every_path(app.routes))

    assert {"/rt/x", "/rt/x/rows/x", "/rt/x/items/x.wav", "/rt/x/microphone", "/door"} <= paths
    assert any(path.startswith("/_nicegui_ws") for path in paths)
    assert any(re.match(r"/_nicegui/[\d.]+/static", path) for path in paths)
    assert any(path.startswith("/assets") for path in paths)


def test_no_route_mount_or_file_answers_without_the_cookie(stranger: TestClient) -> None:
    for path in (*every_path(app.routes), *BESIDES):
        for method in METHODS:
            answer = stranger.request(method, ORIGIN + path)
            assert answer.status_code == 403, (method, path)
            assert "set-cookie" not in answer.headers
            assert answer.headers["cache-control"] == "no-store", path


def test_the_certificate_to_trust_is_all_that_a_stranger_may_read(stranger: TestClient) -> None:
    n_people = len(app.storage._users)
    answer = stranger.get(trust_route.PATH)
    assert answer.content == b"the authority's certificate"
    assert "set-cookie" not in answer.headers
    assert len(app.storage._users) == n_people

    assert stranger.post(trust_route.PATH).status_code == 403
    for near in (f"{trust_route.PATH}/", f"{trust_route.PATH}x", "/trust", "/trust/", "//trust"):
        assert stranger.get(ORIGIN + near).status_code == 403, near


def test_no_socket_opens_without_the_cookie(stranger: TestClient) -> None:
    for path in (*every_path(app.routes), "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"):
        url = f"ws://127.0.0.1:{PORT}{path}"
        with pytest.raises(WebSocketDisconnect) as caught, stranger.websocket_connect(url):
            pass
        assert caught.value.code == 1008, path


def test_a_stranger_leaves_nothing_behind(stranger: TestClient) -> None:
    for n in range(300):
        assert stranger.get(f"/{n}", headers=HTML).status_code == 403

    assert Client.instances == {}
    assert app.storage._users == {}
    assert stranger.cookies == {}


def test_who_has_the_cookie_is_served_all_of_it(owner: TestClient) -> None:
    page = owner.get("/", headers=HTML)

    assert page.status_code == 200
    assert "the page" in page.text
    assert owner.get("/assets/style.css").status_code == 200
    assert owner.get("/door").status_code == 204
    assert owner.get("/rt/x/rows/0").status_code == 404
    assert len(Client.instances) == 1
    assert f"rtc-s-{PORT}" in owner.cookies


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_nobody_has_more_pages_built_than_there_may_be(owner: TestClient, method: str) -> None:
    for _ in range(40):
        owner.request(method, "/", headers=HTML)

    assert len(Client.instances) <= DoorLimits().pages


@pytest.mark.parametrize(
    "path",
    ["/nonsense", "/foo.php", "/rt/x", "/rt/x/y", "/doorx", "/door/", "//", "/_nicegui/x", "/docs"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_who_is_inside_finds_nothing_where_there_is_nothing(
    owner: TestClient, method: str, path: str
) -> None:
    users = set(app.storage._users)

    answer = owner.request(method, ORIGIN + path, headers=HTML)

    assert answer.status_code == 404
    assert method == "HEAD" or "Open the console" in answer.text
    assert "set-cookie" not in answer.headers
    assert Client.instances == {}
    assert set(app.storage._users) == users


@pytest.mark.parametrize(
    "way",
    ["..%2fmain.py", "%2e%2e/main.py", "%2e%2e%2fmain.py", "..\\main.py",
     "..%5cmain.py", "/etc/passwd", "%2fetc%2fpasswd", "%00", "style.css%00"],
)  # fmt: skip
def test_no_path_leads_out_of_what_is_served(owner: TestClient, way: str) -> None:
    mounts = [each.path for each in app.routes if isinstance(each, Mount) and each.path]
    assert any(path.endswith("/static") for path in mounts)

    for mount in ("/assets", *mounts):
        # As bytes, since a client that means well would encode the path once more.
        request = owner.build_request("GET", ORIGIN)
        request.url = request.url.copy_with(raw_path=f"{mount}/{way}".encode())
        answer = owner.send(request)
        assert answer.status_code in (400, 404, 405), mount
        assert "console.cli" not in answer.text
        assert "root:" not in answer.text


def test_niceguis_channel_has_its_websocket_only(owner: TestClient) -> None:
    answer = owner.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling")

    assert answer.status_code == 400
    assert "transport" in answer.text


def test_the_session_cookie_is_the_ports_own_and_strict(owner: TestClient) -> None:
    cookies = owner.get("/", headers=HTML).headers.get_list("set-cookie")

    (session,) = [each for each in cookies if each.startswith(f"rtc-s-{PORT}=")]
    assert "samesite=strict" in session
    assert "httponly" in session


def test_a_session_cookie_that_was_changed_is_not_believed(owner: TestClient) -> None:
    owner.get("/", headers=HTML)
    name = f"rtc-s-{PORT}"
    signed = owner.cookies[name].strip('"')
    owner.cookies.set(name, ("A" if signed[0] != "A" else "B") + signed[1:], domain="127.0.0.1")
    users = set(app.storage._users)

    owner.get("/", headers=HTML)

    assert len(set(app.storage._users) - users) == 1


def test_a_failure_while_the_page_is_built_shows_a_number_only(owner: TestClient) -> None:
    def broken() -> None:
        raise RuntimeError("sk-planted-0123456789")

    core.root = broken

    answer = owner.get("/", headers=HTML)

    assert answer.status_code == 500
    assert "under number" in answer.text
    assert "planted" not in answer.text
    assert "RuntimeError" not in answer.text


FOREIGN_HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "127.0.0.1:8080@evil",
    "localhost.",
    "0.0.0.0",
    "127.0.0.1/evil",
    "127.0.0.1?evil",
    "127.0.0.1#evil",
    "127.0.0.1:99999x",
    "[::1",
    "",
]


def test_a_host_that_is_not_ours_is_refused_though_the_cookie_is_right(owner: TestClient) -> None:
    for host in FOREIGN_HOSTS:
        headers = {"host": host}
        assert owner.get("/door", headers=headers).status_code == 400, host
        with (
            pytest.raises(WebSocketDisconnect),
            owner.websocket_connect(f"ws://127.0.0.1:{PORT}/rt/x", headers=headers),
        ):
            pass


def test_every_name_of_this_machine_is_served(owner: TestClient) -> None:
    for host in ("127.0.0.1:8080", "localhost:9999", "LocalHost", "[::1]:8080", "127.0.0.1:99999"):
        assert owner.get("/door", headers={"host": host}).status_code == 204, host


FOREIGN_ORIGINS = [
    "https://evil.example",
    "null",
    "http://127.0.0.1:8080.evil.example",
    "http://localhost:8080@evil.example",
    "http://127.0.0.1:8899",
    "http://LOCALHOST:8080",
    "https://127.0.0.1:8080",
]


def test_no_socket_of_another_origin_opens_though_the_cookie_is_right(owner: TestClient) -> None:
    for path, origin in itertools.product(every_path(app.routes), FOREIGN_ORIGINS):
        url = f"ws://127.0.0.1:{PORT}{path}"
        with (
            pytest.raises(WebSocketDisconnect) as caught,
            owner.websocket_connect(url, headers={"origin": origin}),
        ):
            pass
        assert caught.value.code == 1008, (path, origin)


def test_nothing_is_changed_for_another_origin_though_the_cookie_is_right(
    owner: TestClient,
) -> None:
    for path, origin in itertools.product(every_path(app.routes), FOREIGN_ORIGINS):
        every = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        for method in every if origin == FOREIGN_ORIGINS[0] else ("POST",):
            answer = owner.request(method, ORIGIN + path, headers={"origin": origin})
            assert answer.status_code == 403, (method, path, origin)
            assert "access-control-allow-origin" not in answer.headers


def test_the_guards_stand_outside_of_all_that_nicegui_adds(owner: TestClient) -> None:
    found: list[Any] = [each.cls for each in app.user_middleware]

    wanted = [KnownHosts, OriginGuard, TokenGuard, SessionMiddleware]
    places = [found.index(each) for each in (*wanted, RequestTrackingMiddleware)]
    assert places == sorted(places)
    assert found.index(SessionMiddleware) < found.index(SetCacheControlMiddleware)
    assert found[-1] is RequestTrackingMiddleware


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.reverse(),
        lambda found: found.pop(2),
        lambda found: found.insert(0, found[-2]),
        lambda found: found.append(found.pop(-2)),
    ],
    ids=["reversed", "one missing", "another outside", "storage not inside"],
)
def test_an_order_that_is_not_as_meant_ends_the_start(owner: TestClient, change: Any) -> None:
    entrance.check_order(app)
    change(app.user_middleware)

    with pytest.raises(RuntimeError, match=r"wrong order|storage is asked"):
        entrance.check_order(app)
