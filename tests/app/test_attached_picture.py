import pytest

from console.app.attached_picture import AttachedPicture
from console.app.view_model import Picture, Target, ViewModel
from console.client.images import MAX_IMAGE_BYTES
from console.errors import ConsoleError

PNG = b"\x89PNG\r\n\x1a\nrest"
JPEG = b"\xff\xd8\xffrest"


@pytest.fixture
def view():
    return ViewModel(target=Target("", "", "", "", is_simulator=True))


def test_a_picture_is_kept_until_it_is_taken_away(view):
    changed: list[str] = []
    view.on_change = changed.append
    picture = AttachedPicture(view)

    picture.attach("cat.png", PNG)

    assert (picture.content, view.picture) == (PNG, Picture("cat.png", 1))
    picture.take_away()
    picture.take_away()
    assert (picture.content, view.picture) == (None, None)
    assert changed == ["picture", "picture"]


def test_the_next_picture_takes_the_place_of_the_one_before(view):
    picture = AttachedPicture(view)

    picture.attach("cat.png", PNG)
    picture.attach("dog.jpg", JPEG)

    assert (picture.content, view.picture) == (JPEG, Picture("dog.jpg", 2))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("cat.gif", b"GIF89a", "cat.gif is neither PNG nor JPEG: save it as one of these."),
        ("none.png", b"", "none.png is neither PNG nor JPEG: save it as one of these."),
        (
            "wall.png",
            PNG + bytes(MAX_IMAGE_BYTES),
            "wall.png is too large: a picture may have 10 MiB. Scale it down.",
        ),
    ],
)
def test_what_cannot_be_shown_is_told_and_the_picture_before_stays(view, name, content, told):
    picture = AttachedPicture(view)
    picture.attach("cat.png", PNG)

    with pytest.raises(ConsoleError, match=told):
        picture.attach(name, content)

    assert picture.content == PNG
    assert [each.sentence for each in view.notices] == [told]
    picture.attach("dog.jpg", JPEG)
    assert view.notices == []
