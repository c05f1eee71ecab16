import pytest

from console import pcm
from console.realtime.items import ContentPart, Item
from tests.ui.one_session import OneSession, guest_of

PIXEL = b"\x89PNG\r\n\x1a\nnot really"


@pytest.fixture
def session():
    return OneSession()


@pytest.fixture
def client(session):
    return guest_of(session)


def say(session, *parts, item_id="item_1"):
    session.conversation.update(
        Item(item_id, "message", "user", "completed", content=list(parts)), lambda: [item_id]
    )


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("md", "text/markdown"), ("txt", "text/plain"), ("srt", "application/x-subrip"), ("json", "application/json")],
)  # fmt: skip
def test_the_conversation_is_a_file_in_each_form(client, session, form, media_type):
    say(session, ContentPart("input_text", text="Grüße"))

    answer = client.get(f"/rt/right/conversation.{form}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="conversation.{form}"'
    assert answer.headers["cache-control"] == "no-store"
    if form != "srt":  # nothing is known of when it was
        assert "Grüße" in answer.content.decode()


def test_a_form_that_there_is_not_is_named_with_those_that_there_are(client):
    answer = client.get("/rt/right/conversation.pdf")

    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        "A conversation can be had as md, txt, srt, json, not as 'pdf'."
    )


@pytest.mark.parametrize("path", ["conversation.md", "items/item_1/images/0"])
def test_nobody_elses_conversation_can_be_had(client, path):
    assert client.get(f"/rt/wrong/{path}").status_code == 404


def test_a_picture_is_what_it_says_it_is_and_nothing_that_runs(client, session):
    say(session, ContentPart("input_image", image_url=f"data:image/png;base64,{pcm.encode(PIXEL)}"))

    answer = client.get("/rt/right/items/item_1/images/0")

    assert answer.content == PIXEL
    assert answer.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://example.org/a.png", "lies elsewhere, and is not loaded from there: https://example.org"),
        ("data:image/svg+xml;base64,AAAA", "of a kind that is not shown"),
        ("data:text/html;base64,AAAA", "of a kind that is not shown"),
        ("data:image/png;base64,A*A", "is damaged"),
    ],
)  # fmt: skip
def test_any_other_picture_is_named_and_not_given(client, session, address, words):
    say(session, ContentPart("input_image", image_url=address))

    answer = client.get("/rt/right/items/item_1/images/0")

    assert answer.status_code == 415
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("place", ["1", "-1"])
def test_a_picture_that_is_not_there_is_said_so(client, session, place):
    say(session, ContentPart("input_image", image_url="data:image/png;base64,AAAA"))

    assert client.get(f"/rt/right/items/item_1/images/{place}").status_code == 404
