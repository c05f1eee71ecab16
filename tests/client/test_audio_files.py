"""The shelf in a file: what fails is told once and nothing is left behind."""

from __future__ import annotations

import gc
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console import pcm
from console.client.audio_files import BLOCK_BYTES, TemporaryAudioFile, new_conversation
from console.realtime.events import Event


def sound(n_bytes: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(n_bytes)


@pytest.fixture
def shelf(tmp_path):
    shelf = TemporaryAudioFile(directory=tmp_path)
    yield shelf
    shelf.close()


@pytest.mark.parametrize("size", [2, BLOCK_BYTES - 2, BLOCK_BYTES, 5 * BLOCK_BYTES + 6])
def test_what_was_put_is_there_piece_behind_piece(shelf, size):
    first, second = sound(size), sound(size, seed=2)

    assert shelf.put(1, first)
    assert shelf.put(2, second)
    assert shelf.put(1, second)

    assert (shelf.get(1), shelf.get(2), shelf.get(3)) == (first + second, second, None)


def test_the_file_has_no_name_and_is_nobody_elses(shelf, tmp_path):
    shelf.put(1, sound(100_000))

    assert list(tmp_path.iterdir()) == []
    assert os.fstat(shelf._descriptor).st_mode & 0o077 == 0


def test_without_audio_there_is_no_file(tmp_path):
    shelf = TemporaryAudioFile(directory=tmp_path / "missing")

    assert shelf.get(1) is None
    shelf.drop(1)
    shelf.clear()
    shelf.close()


def test_the_room_of_what_was_dropped_is_used_again(shelf):
    for n in range(50):
        shelf.put(n, sound(3 * BLOCK_BYTES, seed=n))
        shelf.drop(n - 2)

    assert shelf.file_bytes <= 9 * BLOCK_BYTES
    assert shelf.get(49) == sound(3 * BLOCK_BYTES, seed=49)
    assert shelf.get(47) is None


def test_beyond_its_size_the_file_takes_nothing_until_there_is_room(tmp_path):
    told: list[str] = []
    shelf = TemporaryAudioFile(directory=tmp_path, on_failed=told.append, max_bytes=4 * BLOCK_BYTES)
    assert shelf.put(1, sound(3 * BLOCK_BYTES))
    assert shelf.put(2, sound(10))

    assert not shelf.put(2, sound(BLOCK_BYTES))
    assert shelf.get(2) is None

    assert shelf.put(3, sound(BLOCK_BYTES, seed=3))
    assert (shelf.get(1), shelf.get(3)) == (sound(3 * BLOCK_BYTES), sound(BLOCK_BYTES, seed=3))
    assert shelf.file_bytes == 4 * BLOCK_BYTES
    assert told == []
    shelf.close()


@pytest.mark.parametrize("place", ["missing", "file"])
def test_a_place_that_cannot_be_written_is_told_once_and_audio_is_refused(tmp_path, place):
    told: list[str] = []
    (tmp_path / "file").write_text("not a directory")
    shelf = TemporaryAudioFile(directory=tmp_path / place, on_failed=told.append)

    assert not shelf.put(1, b"12")
    assert not shelf.put(2, b"34")
    shelf.clear()
    assert not shelf.put(3, b"56")

    assert len(told) == 1
    assert told[0].startswith("The sound of older items cannot be kept on disk (N")
    assert (shelf.get(1), shelf.get(3)) == (None, None)


def test_a_failure_without_a_listener_is_only_logged(tmp_path, caplog):
    assert not TemporaryAudioFile(directory=tmp_path / "missing").put(1, b"12")
    assert "cannot be kept on disk" in caplog.text


def test_a_full_disk_loses_what_it_refused_and_keeps_the_rest():
    told: list[str] = []
    shelf = TemporaryAudioFile(on_failed=told.append)
    assert shelf.put(1, sound(100_000))
    assert shelf._descriptor is not None
    # Every write to this device says that no space is left.
    with Path("/dev/full").open("r+b", buffering=0) as full:
        os.dup2(full.fileno(), shelf._descriptor)

    assert not shelf.put(2, sound(10))
    assert not shelf.put(1, sound(10))

    assert told == [
        "The sound of older items cannot be kept on disk (No space left on device); it is dropped "
        "instead. Make room, or choose to keep sound in memory."
    ]
    assert shelf.get(2) is None
    shelf.close()


def test_what_cannot_be_read_is_none(shelf, caplog):
    shelf.put(1, sound(10))
    os.truncate(shelf._descriptor, 0)
    assert shelf.get(1) is None

    os.close(shelf._descriptor)
    assert shelf.get(1) is None
    assert "could not be read" in caplog.text
    assert os.open(os.devnull, os.O_RDWR) == shelf._descriptor


def test_clearing_gives_the_room_back_and_goes_on(shelf):
    shelf.put(1, sound(3 * BLOCK_BYTES))

    shelf.clear()
    assert (shelf.get(1), shelf.file_bytes) == (None, 0)

    assert shelf.put(2, sound(10))
    assert shelf.get(2) == sound(10)


def test_the_file_is_closed_with_the_shelf_and_without_it(tmp_path):
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    closed, forgotten = TemporaryAudioFile(), TemporaryAudioFile()
    closed.put(1, b"12")
    forgotten.put(1, b"12")
    assert descriptors() == before + 2

    closed.close()
    closed.close()
    del forgotten
    gc.collect()

    assert descriptors() == before


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 3 * BLOCK_BYTES), st.integers(0, 3)),
        max_size=20,
    )
)
def test_like_a_dictionary_whatever_is_put_and_dropped(steps):
    shelf = TemporaryAudioFile(max_bytes=10 * BLOCK_BYTES)
    held: dict[int, bytes] = {}

    for key, size, action in steps:
        if action == 0:
            shelf.drop(key)
            held.pop(key, None)
        elif shelf.put(key, sound(size, seed=size)):
            held[key] = held.get(key, b"") + sound(size, seed=size)
        else:
            held.pop(key, None)
        assert {n: shelf.get(n) for n in range(4)} == {n: held.get(n) for n in range(4)}
        assert shelf.file_bytes <= 10 * BLOCK_BYTES
    shelf.close()


# The policies


def speak(conversation, item_id: str, seconds: int) -> bytes:
    """Let the model say something; returns the audio."""
    item = {"id": item_id, "type": "message", "role": "assistant", "status": "in_progress"}
    conversation.receive(Event("conversation.item.added", None, {"item": item}))
    audio = sound(seconds * 48_000, seed=seconds)
    for at in range(0, len(audio), 48_000):
        fields = {"item_id": item_id, "delta": pcm.encode(audio[at : at + 48_000])}
        conversation.receive(Event("response.output_audio.delta", None, fields))
    return audio


def test_with_disk_minutes_are_in_memory_and_everything_of_the_hour_is_playable():
    conversation = new_conversation("disk")

    said = {f"item_{n}": speak(conversation, f"item_{n}", 100 + n) for n in range(6)}

    assert conversation.audio_bytes_in_memory <= 5 * 60 * 48_000 + 256 * 1024
    assert conversation.kept_audio_bytes == sum(map(len, said.values()))
    assert all(conversation.audio_of(item_id) == audio for item_id, audio in said.items())


def test_with_memory_everything_of_the_hour_is_in_memory():
    conversation = new_conversation("memory")

    said = speak(conversation, "a", 400)

    assert conversation.audio_bytes_in_memory == conversation.kept_audio_bytes == len(said)
    assert conversation.audio_of("a") == said


def test_with_none_sound_is_told_and_not_kept():
    conversation = new_conversation("none")

    said = speak(conversation, "a", 2)

    item = conversation.get("a")
    assert item is not None
    assert conversation.kept_audio_bytes == 0
    assert (item.has_audio, item.audio_ms) == (False, len(said) / 48)
