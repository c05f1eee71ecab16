import pytest

from console.ui.door.plain_http import MAX_HEAD_BYTES, answer


def request(line, *headers):
    return b"\r\n".join((line, *headers)) + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("host", "path", "address"),
    [
        (b"192.0.2.7:8080", b"/", b"https://192.0.2.7:8080/"),
        (b"[2001:db8::7]:8080", b"/watch-x?a=b", b"https://[2001:db8::7]:8080/watch-x?a=b"),
    ],
)
def test_who_speaks_http_is_sent_to_the_same_address_by_https(host, path, address):
    told = answer(request(b"GET " + path + b" HTTP/1.1", b"Accept: */*", b"Host: " + host))

    assert told is not None
    head, _, body = told.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"HTTP/1.1 307 Temporary Redirect"
    assert b"location: " + address in lines
    assert b"connection: close" in lines
    assert b"content-length: %d" % len(body) in lines
    assert b"Write https:// before its address." in body


def test_a_head_alone_is_answered_by_one():
    told = answer(request(b"HEAD / HTTP/1.1", b"host: a"))

    assert told is not None
    assert b"location: https://a/" in told
    assert told.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "sent",
    [
        request(b"GET / HTTP/1.1"),
        request(b"POST / HTTP/1.1", b"Host: a"),
        request(b"GET http://b/ HTTP/1.1", b"Host: a"),
        request(b"GET / HTTP/1.1", b"Host: a/../b"),
        request(b"GET / HTTP/1.1", b"Host: a\rset-cookie: b=c"),
        request("GET /é HTTP/1.1".encode(), b"Host: a"),
        b"GET /" + bytes(MAX_HEAD_BYTES),
        b"\x00\x01 nonsense",
    ],
)
def test_who_says_no_address_is_told_in_words_alone(sent):
    told = answer(sent)

    assert told is not None
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"location" not in told.partition(b"\r\n\r\n")[0]
    assert b"set-cookie" not in told


@pytest.mark.parametrize("sent", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_head_that_is_not_whole_is_waited_for(sent):
    assert answer(sent) is None
