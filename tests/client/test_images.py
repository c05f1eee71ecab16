"""Pictures on their way to the model."""

import os
from typing import Any

import pytest

from console.client import images
from console.client.images import MAX_IMAGE_BYTES
from console.errors import ConsoleError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
JPEG = b"\xff\xd8\xff" + bytes(8)


@pytest.mark.parametrize(("image", "kind"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
async def test_a_picture_becomes_a_data_uri(image, kind):
    part = await images.content_part(image, "high")

    assert part["type"] == "input_image"
    assert part["detail"] == "high"
    assert part["image_url"].startswith(f"data:{kind};base64,")


async def test_the_name_of_a_file_is_asked_for_as_a_path():
    name: Any = "picture.png"

    with pytest.raises(TypeError, match=r"put Path\(\.\.\.\) around its name"):
        await images.content_part(name)


async def test_a_file_is_the_same_as_its_bytes(tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(PNG)

    assert await images.content_part(path) == await images.content_part(PNG)


async def test_anything_else_is_refused():
    with pytest.raises(ValueError, match="PNG or JPEG"):
        await images.content_part(b"GIF89a")


async def test_a_picture_that_no_message_can_carry_is_refused(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(PNG + bytes(MAX_IMAGE_BYTES))

    for image in (path, path.read_bytes()):
        with pytest.raises(ValueError, match="10 MiB; this one has more"):
            await images.content_part(image)


async def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConsoleError, match=r"absent\.png cannot be read: No such file"):
        await images.content_part(tmp_path / "absent.png")


async def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "pipe.png"
    os.mkfifo(path)

    with pytest.raises(ConsoleError, match="it is no file"):
        await images.content_part(path)
