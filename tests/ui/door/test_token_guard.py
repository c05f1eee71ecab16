import logging

import pytest
from pydantic import SecretStr
from starlette.websockets import WebSocketDisconnect

from console.ui.door.door import Door
from console.ui.door.rates import DoorLimits, Rates
from console.ui.door.token_guard import TokenGuard
from tests.ui.door.knock import COOKIE, HTML, LimitsClock, application, browser

FIXED = "a-token-of-our-own-1234"
FROM_A_MAIL = {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document", **HTML}
PATHS = ("/", "/assets/style.css", "/rt/x/rows/1", "/_nicegui_ws/socket.io/", "/favicon.ico")


@pytest.fixture
def clock(monkeypatch):
    return LimitsClock(monkeypatch)


@pytest.fixture
def door(clock):
    return Door(SecretStr(FIXED))


@pytest.fixture
def app(door):
    app = application()
    app.add_middleware(
        TokenGuard,
        door=door,
        rates=Rates(),
        cookie=COOKIE,
        is_tls=False,
        public_paths=["/trust/ca.crt"],
    )
    return app


@pytest.fixture
def client(app):
    return browser(app)


def let_in(client, link):
    answer = client.get(link.at(""))
    assert answer.status_code == 303
    return client


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_served_without_the_cookie(client, method, path):
    answer = client.request(method, path)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "page for" not in answer.text


def test_a_refused_browser_is_told_what_to_do(client):
    answer = client.get("/", headers=HTML)

    assert "open the link that it has printed" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "cookie", "title", "why"),
    [
        ("/", "", "This console needs its link", "allow this address to set cookies"),
        ("/", f"{COOKIE}=old", "This console needs a new link", "its host has ended this visit"),
        ("/?token=wrong", "", "This link does not work", "of an earlier start of the console"),
        ("/?token=" + "x" * 9000, "", "That address is too long", ""),
    ],
    ids=["no link", "an old cookie", "a wrong link", "a long link"],
)
def test_each_refusal_says_why_and_whom_to_ask(client, path, cookie, title, why):
    answer = client.get(path, headers={**HTML, "cookie": cookie} if cookie else HTML)

    assert f"<h1>{title}</h1>" in answer.text
    assert why in answer.text
    assert "ask whoever runs it for the present link" in answer.text


def test_a_ban_says_how_long_it_is_and_whom_to_ask(door):
    app = application()
    rates = Rates(DoorLimits(wrong_links=1, ban_minutes=1))
    app.add_middleware(TokenGuard, door=door, rates=rates, cookie=COOKIE, is_tls=False)
    client = browser(app)
    client.get("/?token=wrong")

    refused = client.get("/?token=wrong", headers=HTML)

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert "Wait a minute, then" in refused.text
    assert "ask whoever runs it" in refused.text


def test_a_socket_without_the_cookie_is_refused_in_its_handshake(client):
    for path in ("/rt/x", f"/rt/x?token={FIXED}"):
        url = f"ws://127.0.0.1:8080{path}"
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(url):
            pass


def test_the_link_becomes_a_cookie_and_leaves_the_address(client, door):
    answer = client.get(door.owner.at(""))

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert cookie.endswith("; HttpOnly; SameSite=Strict; Path=/")
    assert FIXED not in cookie


def test_over_tls_the_cookie_is_for_tls_alone(door):
    app = application()
    app.add_middleware(TokenGuard, door=door, rates=Rates(), cookie=COOKIE, is_tls=True)

    assert browser(app).get(door.owner.at("")).headers["set-cookie"].endswith("; Secure")


def test_whoever_has_the_cookie_is_inside_and_known(client, door):
    let_in(client, door.owner)

    first, second = client.get("/").text, client.get("/other").text

    assert first == second
    assert first.startswith("page for owner ")
    with client.websocket_connect("ws://127.0.0.1:8080/rt/x") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"


def test_the_rest_of_the_address_stays(client, door):
    link = door.issue("watcher", session_id="one").at("", "/watch/a b")

    answer = client.get(f"{link}&pane=events&x=1%262")

    assert answer.headers["location"] == "/watch/a%20b?pane=events&x=1%262"


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example", "///evil.example"])
def test_a_link_leads_nowhere_else(client, path):
    answer = client.get(f"http://127.0.0.1:8080{path}?token={FIXED}")

    assert answer.headers["location"].startswith("/evil.example")


@pytest.mark.parametrize(
    "token",
    [
        "",
        FIXED[:-1],
        FIXED.upper(),
        "%00",
        "%ff%fe",
        "%F0%9F%98%80" * 9,
        "x" * 300,
        "%0d%0aSet-Cookie:a=b",
    ],
)
def test_a_wrong_token_opens_nothing_and_is_told_so(client, token):
    answer = client.get(f"/?token={token}", headers=HTML)

    assert answer.status_code == 403
    assert "This link does not work" in answer.text
    assert "set-cookie" not in answer.headers


def test_an_endless_address_is_refused_before_it_is_read(client):
    assert client.get("/?token=" + "x" * 60_000).status_code == 414


@pytest.mark.parametrize(
    "cookie",
    ["", "x", FIXED, '"', "a=b; ;; =;", "\x00", "é", "x" * 65536, f"{COOKIE}=; {COOKIE}"],
    ids=lambda cookie: ascii(cookie[:20]),
)
def test_a_cookie_that_we_have_not_given_opens_nothing(client, cookie):
    headers = {"cookie": f"{COOKIE}={cookie}".encode("latin-1")}

    assert client.get("/", headers=headers).status_code == 403


def test_the_cookie_of_another_port_opens_nothing(client, door):
    let_in(client, door.owner)
    value = client.cookies[COOKIE]
    client.cookies.clear()

    assert client.get("/", headers={"cookie": f"rtc-8081={value}"}).status_code == 403
    assert client.get("/", headers={"cookie": f"{COOKIE}={value}"}).status_code == 200


def test_a_cookie_of_an_earlier_start_is_told_from_none(client):
    old = client.get("/", headers={**HTML, "cookie": f"{COOKIE}=of-yesterday"})
    none = client.get("/", headers=HTML)

    assert old.status_code == none.status_code == 403
    assert "started anew" in old.text
    assert "started anew" not in none.text


def test_who_was_sent_away_is_outside_at_the_next_request(client, door):
    let_in(client, door.issue("guest"))
    door.revoke(door.people()[0])

    assert client.get("/").status_code == 403


def test_an_old_link_of_somebody_inside_leads_to_the_page(client, door):
    let_in(client, door.owner)

    answer = client.get("/?token=of-yesterday")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_eleventh_wrong_token_is_too_many_and_so_is_the_right_one_then(client, door, caplog):
    caplog.set_level(logging.WARNING)
    for _ in range(10):
        assert client.get("/?token=wrong").status_code == 403

    refused = client.get("/?token=wrong", headers=HTML)

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "300"
    assert "Wait 5 minutes" in refused.text
    assert client.get(door.owner.at("")).status_code == 429
    assert len(caplog.records) == 1


def test_others_and_those_inside_notice_nothing_of_a_ban(app, door):
    inside = let_in(browser(app), door.owner)
    for _ in range(11):
        browser(app).get("/?token=wrong")

    assert inside.get("/").status_code == 200
    assert inside.get(door.owner.at("")).status_code == 303
    assert browser(app, client=("192.0.2.9", 1)).get(door.owner.at("")).status_code == 303


def test_a_ban_ends(client, door, clock):
    for _ in range(11):
        client.get("/?token=wrong")

    clock.advance(301)

    let_in(client, door.owner)


@pytest.mark.parametrize(("role", "session_id"), [("guest", None), ("watcher", "one")])
def test_one_address_brings_so_many_browsers_in_a_minute(app, door, clock, role, session_id):
    link = door.issue(role, session_id=session_id).at("")
    for _ in range(30):
        assert browser(app).get(link).status_code == 303

    refused = browser(app).get(link, headers=HTML)

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert "More than 30 have come in from your address" in refused.text
    assert len(door.people()) == 30
    assert browser(app, client=("192.0.2.9", 1)).get(link).status_code == 303
    assert browser(app).get(door.owner.at("")).status_code == 303
    clock.advance(61)
    assert browser(app).get(link).status_code == 303


def test_who_is_inside_is_not_counted_as_one_more(app, door):
    link = door.issue("guest")
    inside = let_in(browser(app), link)

    answers = {inside.get(link.at("")).status_code for _ in range(40)}

    assert answers == {303}


def test_claims_about_the_peer_do_not_part_the_tries(client):
    tries = [
        client.get("/?token=wrong", headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code
        for n in range(11)
    ]

    assert tries == [403] * 10 + [429]


@pytest.mark.parametrize("destination", ["image", "iframe", "empty", "script", "object"])
def test_pages_of_others_cannot_have_our_user_counted_as_a_guesser(client, door, destination):
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-dest": destination}

    for _ in range(20):
        assert client.get("/?token=wrong", headers=headers).status_code == 403

    let_in(client, door.owner)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"sec-purpose": "prefetch"}),
        ("GET", {"sec-purpose": "prefetch;prerender"}),
        ("GET", {"purpose": "prefetch"}),
        ("GET", {"sec-fetch-dest": "image"}),
    ],
)
def test_a_look_ahead_does_not_use_a_link_up(client, door, method, headers):
    link = door.issue("owner", one_time=True)

    assert client.request(method, link.at(""), headers=headers).status_code == 403

    let_in(client, link)
    assert client.get("/").status_code == 200


def test_a_link_for_once_lets_nobody_else_in(app, door):
    link = door.issue("owner", one_time=True)
    let_in(browser(app), link)

    assert browser(app).get(link.at("")).status_code == 403


def test_a_link_in_a_mail_leads_in_by_a_page_of_our_own(client, door):
    answer = client.get(door.owner.at(""), headers=FROM_A_MAIL)

    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/">' in answer.text
    assert FIXED not in answer.text
    assert client.get("/").status_code == 200


def test_who_comes_from_elsewhere_without_the_cookie_asks_once_more_and_only_once(client):
    first = client.get("/x?a=1", headers=FROM_A_MAIL)
    second = client.get("/x?a=1", headers={**FROM_A_MAIL, "sec-fetch-site": "same-origin"})

    assert first.status_code == second.status_code == 403
    assert 'content="0;url=/x?a=1"' in first.text
    assert "http-equiv" not in second.text


def test_public_is_what_was_named_and_to_be_read_only(client):
    app_has_no_visitor_there = "nobody was let in"

    with pytest.raises(RuntimeError, match=app_has_no_visitor_there):  # it has passed the guard
        client.get("/trust/ca.crt")
    assert client.post("/trust/ca.crt").status_code == 403
    assert client.get("/trust/ca.crt/..").status_code == 403
    assert client.get("/trust/").status_code == 403
