"""What the server has not heard, counted and told."""

import pytest

from console import pcm
from console.client.configuration import Configuration
from console.client.lost_sound import LostSound
from console.tools.registry import ToolRegistry
from tests.client.conftest import restore, told
from tests.fakes import settle

MS = pcm.BYTES_PER_MS


async def test_speech_of_an_unfinished_turn_that_goes_with_its_line_is_told(lasting, lines, clock):
    errors, moves = told(lasting, "error"), told(lasting, "session.moved")
    await lasting.update_session(turn_detection=None)
    await lines.last.expect("session.update")
    for _ in range(10):
        await lasting.append_input_audio(bytes(100 * MS))
        await lines.last.expect("input_audio_buffer.append")

    lines.last.hang_up(1006)
    await restore(lines, clock)

    assert [(each.code, each.message) for each in errors] == [
        ("sound_lost", "1.0 s of speech was lost. Say it again when the line is back.")
    ]
    assert moves[0].sentence.endswith(" 1.0 s of speech was lost.")
    await clock.advance(10)
    lines.last.hang_up(1006)
    await restore(lines, clock)
    assert "lost" not in moves[1].sentence


async def test_speech_that_the_server_listens_to_by_itself_is_not_told_as_lost(
    lasting, lines, clock
):
    errors = told(lasting, "error")
    await lasting.update_session(turn_detection={"type": "server_vad"})
    await lines.last.expect("session.update")
    await lasting.append_input_audio(bytes(1000 * MS))
    await lines.last.expect("input_audio_buffer.append")

    lines.last.hang_up(1006)
    await restore(lines, clock)

    assert errors == []


async def test_speech_while_there_is_no_line_is_counted_with_what_went_with_the_line(
    lasting, lines, clock
):
    errors, moves = told(lasting, "error"), told(lasting, "session.moved")
    await lasting.update_session(turn_detection=None)
    await lines.last.expect("session.update")
    await lasting.append_input_audio(bytes(700 * MS))
    await lines.last.expect("input_audio_buffer.append")

    lines.last.hang_up(1006)
    await settle(5)
    for _ in range(3):
        await lasting.append_input_audio(bytes(100 * MS))
    await restore(lines, clock)

    assert [(each.code, each.message) for each in errors] == [
        ("sound_lost", "0.7 s of speech was lost. Say it again when the line is back."),
        ("sound_lost", "1.0 s of speech was lost. Say it again."),
    ]
    assert moves[0].sentence.endswith(" 1.0 s of speech was lost.")
    await clock.advance(10)
    lines.last.hang_up(1006)
    await restore(lines, clock)
    assert "lost" not in moves[1].sentence


async def test_where_the_server_finds_turns_it_is_told_how_long_it_could_not_hear(
    lasting, lines, clock
):
    errors, moves = told(lasting, "error"), told(lasting, "session.moved")
    await lasting.update_session(turn_detection={"type": "server_vad"})
    await lines.last.expect("session.update")

    lines.last.hang_up(1006)
    await settle(5)
    await lasting.append_input_audio(bytes(1500 * MS))
    await restore(lines, clock)

    assert moves[0].sentence.endswith(" 1.5 s of sound was not heard.")
    assert errors == []


# Counted by itself


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def configuration() -> Configuration:
    """One where the user ends each turn."""
    return Configuration(ToolRegistry())


@pytest.fixture
def lost(configuration, reports) -> LostSound:
    return LostSound(configuration, reports.append)


def test_less_than_a_turn_is_not_worth_a_word(lost, reports):
    lost.went_with_line(99)
    lost.dropped(99)

    assert lost.told() == ""
    assert reports == []


def test_little_by_little_it_becomes_worth_a_word(lost, reports):
    lost.dropped(60)
    lost.dropped(60)

    assert lost.told() == "0.1 s of speech was lost."
    assert reports == ["0.1 s of speech was lost. Say it again."]


def test_what_has_been_told_is_not_told_again(lost, reports):
    lost.went_with_line(700)
    assert lost.told() == "0.7 s of speech was lost."

    assert lost.told() == ""
    assert reports == ["0.7 s of speech was lost. Say it again when the line is back."]


def test_a_first_session_begins_with_nothing_lost(lost):
    lost.went_with_line(700)
    lost.dropped(700)

    lost.clear()

    assert lost.told() == ""


def test_where_the_server_finds_turns_nobody_is_asked_to_say_it_again(lost, configuration, reports):
    configuration.merge({"audio": {"input": {"turn_detection": {"type": "server_vad"}}}})
    lost.dropped(1500)

    assert lost.told() == "1.5 s of sound was not heard."
    assert reports == []
