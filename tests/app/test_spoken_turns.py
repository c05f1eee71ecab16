"""What the user says, with a real client and the simulator's protocol; sound is a fake."""

import pytest

from console.app.dead_silence import PRESSED_MS
from console.app.microphone_lease import (
    FREE,
    TAKEN,
    TAKEN_AWAY,
    MicrophoneLease,
    MicrophoneTakenError,
)
from console.app.sound_settings import Microphone, SoundSettings
from console.app.spoken_turns import TOO_SHORT
from console.app.view_model import MicrophoneState, Phase
from console.errors import AudioDeviceError
from tests.app.session_rig import Session
from tests.simulator.fake_senses import silence, tone


async def test_push_to_talk_commits_all_that_was_said_before_it_asks_for_an_answer(session, senses):
    senses.ears.says.append("hello")
    await session.controller.connect()

    await session.controller.spoken.talk(True, 0)
    session.source.speak(tone(1_000))
    await session.controller.spoken.talk(False, 1_000)
    await session.until(lambda: session.n_answers() == 1)

    types = session.types("client")
    assert types[-27:] == [
        *["input_audio_buffer.append"] * 25,
        "input_audio_buffer.commit",
        "response.create",
    ]
    assert senses.ears.asked[0][0] == 1_000
    assert session.assistant()[0].text == "You said hello. What else?"


async def test_a_tap_is_dropped_with_a_hint_and_without_an_error(session):
    await session.controller.connect()

    await session.controller.spoken.talk(True, 0)
    session.source.speak(tone(80))
    await session.controller.spoken.talk(False, 80)
    await session.until(lambda: "input_audio_buffer.cleared" in session.types("server"))

    assert [each.sentence for each in session.view.notices] == [TOO_SHORT]
    assert "error" not in session.types()
    assert "response.create" not in session.types()


@pytest.mark.parametrize("is_gated", [True, False])
async def test_losing_the_line_ends_the_press_and_nothing_of_it_is_sent_later(
    server, senses, is_gated
):
    session = Session(server.url, is_source_gated=is_gated)
    spoken = session.controller.spoken
    senses.ears.says.append("hello")
    await session.controller.connect()
    await spoken.talk(True, 0)
    session.source.speak(tone(1_000))
    await session.source.wait_until_read()

    server.inject("drop_after=0")
    await session.until(lambda: session.phase() is Phase.RECONNECTING)
    assert not session.view.is_talking
    assert session.n_let_go == 1
    lost = [each.sentence for each in session.view.notices if "speech was lost" in each.sentence]
    assert lost == ["1.0 s of speech was lost. Say it again when the line is back."]
    session.source.speak(tone(200))
    await session.until(lambda: session.phase() is Phase.CONNECTED)
    (notice,) = await session.until(lambda: _moved(session))
    assert " s of speech was lost. Say it again." in notice.sentence
    n_sent = len(session.sent("input_audio_buffer.append"))
    await spoken.talk(False, 4_000)
    assert len(session.sent("input_audio_buffer.append")) == n_sent
    assert session.sent("input_audio_buffer.commit") == []

    await spoken.talk(True, 0)
    session.source.speak(tone(600))
    await spoken.talk(False, 600)
    await session.until(lambda: session.n_answers() == 1)

    assert [each[0] for each in senses.ears.asked] == [600]
    await session.controller.close()


def _moved(session):
    """Return what is told of a line that is back; empty while the loss of it is told."""
    notices = session.view.notices
    return [] if any("when the line is back" in each.sentence for each in notices) else notices


async def test_losing_the_line_while_the_server_finds_the_turns_leaves_the_microphone_open(
    session, server, senses
):
    senses.ears.says.append("hello")
    await session.controller.set_turn("vad")
    await session.controller.connect()
    server.inject("drop_after=0")
    await session.until(lambda: session.phase() is Phase.RECONNECTING)
    await session.until(lambda: session.phase() is Phase.CONNECTED)

    session.source.speak(tone(600) + silence(900))
    await session.until(lambda: session.n_answers() == 1)

    assert session.n_let_go == 0


async def test_a_microphone_that_is_always_open_is_heard_only_while_the_button_is_held(
    server, senses
):
    session = Session(server.url, is_source_gated=False)
    senses.ears.says.append("hello")
    await session.controller.connect()
    session.source.speak(tone(400))
    await session.source.wait_until_read()

    await session.controller.spoken.talk(True, 0)
    session.source.speak(tone(600))
    await session.controller.spoken.talk(False, 600)
    await session.until(lambda: session.n_answers() == 1)

    assert senses.ears.asked[0][0] == 600
    await session.controller.close()


async def test_speech_in_vad_mode_is_a_turn_without_a_button(session, senses):
    senses.ears.says.append("hello")
    await session.controller.set_turn("vad")
    await session.controller.connect()

    session.source.speak(tone(600) + silence(900))
    await session.until(lambda: session.n_answers() == 1)

    assert session.capture[-1] == "vad"
    assert session.assistant()[0].text == "You said hello. What else?"
    assert not session.view.is_talking


async def test_a_microphone_that_goes_away_is_told_and_typing_goes_on(session):
    await session.controller.connect()

    session.source.break_down("The microphone stopped delivering sound.")
    await session.until(lambda: session.view.notices)

    assert session.phase() is Phase.CONNECTED
    assert session.capture[-1] == "off"
    (notice,) = session.view.notices
    assert notice.sentence.startswith("The microphone stopped delivering sound.")
    await session.controller.send_text("Ada")
    await session.until(lambda: session.n_answers() == 1)


async def test_a_microphone_that_came_back_is_heard_again_by_one_click(session, senses):
    senses.ears.says.append("hello")
    await session.controller.connect()
    session.source.break_down("The microphone stopped delivering sound.")
    (notice,) = await session.until(lambda: session.view.notices)
    assert notice.action == "use_microphone"

    n_told = len(session.capture)
    await session.controller.spoken.use_microphone()
    assert session.view.notices == []
    # A browser has opened it within the click, and would close it again at an "off".
    assert session.capture[n_told:] == ["manual"]
    await session.controller.spoken.talk(True, 0)
    session.source.speak(tone(600))
    await session.controller.spoken.talk(False, 600)
    await session.until(lambda: session.n_answers() == 1)

    assert senses.ears.asked[0][0] == 600


async def test_a_session_that_began_without_a_microphone_takes_one_up(session):
    await session.controller.connect(with_microphone=False)
    session.source.error = AudioDeviceError("There is no microphone.")
    await session.controller.spoken.use_microphone()
    assert session.view.notices[0].sentence == "There is no microphone. You can go on typing."
    assert session.capture[-1] == "off"

    session.source.error = None
    await session.controller.spoken.use_microphone()

    assert session.view.notices == []
    assert session.capture[-1] == "manual"


@pytest.mark.parametrize("is_gated", [True, False])
async def test_a_microphone_without_any_sound_is_told_and_used_anew_by_one_click(
    server, senses, is_gated
):
    session = Session(server.url, is_source_gated=is_gated)
    senses.ears.says.append("hello")
    await session.controller.connect()
    session.view.set_microphone(MicrophoneState.ON)
    await session.controller.spoken.talk(True, 0)
    session.source.speak(bytes(48 * PRESSED_MS))
    (notice,) = await session.until(lambda: session.view.notices)
    assert notice.sentence.startswith("The microphone has given no sound at all for 3 s")
    assert session.view.is_talking
    await session.source.wait_until_read()
    await session.controller.spoken.talk(False, PRESSED_MS)
    await session.until(lambda: session.n_answers() == 1)

    n_opened = session.source.n_opened
    await session.controller.spoken.use_microphone()
    assert session.view.notices == []
    # The browser does it within the click.
    assert session.source.n_opened - n_opened == (0 if is_gated else 1)
    assert session.capture[-1] == "manual"
    await session.controller.close()


async def test_a_microphone_is_not_taken_up_without_a_session(session):
    session.source.error = AudioDeviceError("Nobody should ask.")
    await session.controller.spoken.use_microphone()

    assert session.view.notices == []


async def test_nothing_of_a_muted_microphone_is_sent(session):
    await session.controller.set_turn("vad")
    await session.controller.connect()
    session.view.set_sound(settings=SoundSettings(Microphone(is_muted=True)))
    session.source.speak(tone(600))
    await session.source.wait_until_read()
    assert session.sent("input_audio_buffer.append") == []

    session.view.set_sound(settings=SoundSettings())
    session.source.speak(tone(80))
    await session.source.wait_until_read()
    assert len(session.sent("input_audio_buffer.append")) == 2


async def test_muting_in_mid_sentence_ends_the_turn_that_the_server_hears(session, senses):
    senses.ears.says.append("hello")
    await session.controller.set_turn("vad")
    await session.controller.connect()
    session.source.speak(tone(600))
    await session.until(lambda: session.view.is_talking)

    muted = SoundSettings(Microphone(is_muted=True))
    session.view.set_sound(settings=muted)
    await session.controller.spoken.sound_changed(muted)
    await session.until(lambda: session.n_answers() == 1)

    assert not session.view.is_talking
    assert session.assistant()[0].text == "You said hello. What else?"


async def test_muting_while_nobody_speaks_sends_nothing(session):
    await session.controller.set_turn("vad")
    await session.controller.connect()
    await session.controller.spoken.sound_changed(SoundSettings(Microphone(is_muted=True)))

    assert session.sent("input_audio_buffer.append") == []


async def test_a_microphone_that_another_tab_gives_back_can_be_used_here_by_one_click(session):
    await session.controller.connect()
    session.source.break_down(TAKEN_AWAY, MicrophoneTakenError)
    (notice,) = await session.until(lambda: session.view.notices)
    assert (notice.sentence, notice.action) == (
        f"{TAKEN_AWAY} You can go on typing.",
        "take_microphone",
    )

    session.controller.spoken.microphone_freed()
    (notice,) = session.view.notices
    assert (notice.kind, notice.sentence, notice.action) == ("info", FREE, "use_microphone")

    await session.controller.spoken.use_microphone()
    assert session.view.notices == []
    assert session.capture[-1] == "manual"
    session.controller.spoken.microphone_freed()
    assert session.view.notices == []


async def test_a_microphone_that_is_given_back_before_its_loss_is_told_can_be_used_here(session):
    await session.controller.connect()
    session.source.break_down(
        TAKEN_AWAY, lambda sentence: MicrophoneTakenError(sentence, MicrophoneLease())
    )

    (notice,) = await session.until(lambda: session.view.notices)

    assert (notice.kind, notice.sentence, notice.action) == ("info", FREE, "use_microphone")


async def test_a_session_that_could_not_begin_beside_a_tab_that_has_done_may_try_again(session):
    session.source.error = MicrophoneTakenError(TAKEN, MicrophoneLease())
    await session.controller.connect()

    (notice,) = session.view.notices
    assert (notice.kind, notice.sentence, notice.action) == ("info", FREE, "retry")


async def test_a_session_that_could_not_begin_beside_another_tab_says_no_more_of_it(session):
    session.source.error = MicrophoneTakenError(TAKEN)
    await session.controller.connect()
    assert [each.sentence for each in session.view.notices] == [TAKEN]

    session.controller.spoken.microphone_freed()

    assert session.view.notices == []


async def test_a_session_that_is_over_says_nothing_of_who_took_its_microphone(session):
    await session.controller.connect()
    session.source.break_down(TAKEN_AWAY, MicrophoneTakenError)
    await session.until(lambda: session.view.notices)

    await session.controller.disconnect()

    assert session.view.notices == []
