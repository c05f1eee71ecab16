import pytest
from websockets.datastructures import Headers

from console.serving import answers
from console.simulator.service import cors

PAGE = "http://localhost:3000"


def test_a_page_may_send_what_it_has_asked_for():
    asked = Headers(
        [
            ("Origin", PAGE),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type"),
        ]
    )
    answer = cors.preflight(asked)

    assert (answer.status_code, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert "Access-Control-Allow-Private-Network" not in answer.headers


def test_a_page_of_a_public_address_is_let_in_where_the_browser_asks():
    asked = Headers([("Origin", PAGE), ("Access-Control-Request-Private-Network", "true")])

    assert cors.preflight(asked).headers["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize(("headers", "origin"), [([("Origin", PAGE)], PAGE), ([], None)])
def test_only_pages_are_told_that_they_may_read(headers, origin):
    answer = answers.text(200, "Yes.")
    cors.allow(answer, Headers(headers))

    assert answer.headers.get("Access-Control-Allow-Origin") == origin
