import pytest

from console.app.sound_choice import SoundChoice
from console.app.sound_settings import Device, Microphone, SoundSettings, Speaker
from console.app.view_model import Target, ViewModel


@pytest.fixture
def view():
    return ViewModel(Target("simulator", "m", "v", "", True))


@pytest.fixture
def choice(view):
    return SoundChoice(view)


def test_what_is_chosen_is_shown_and_told(view, choice):
    told: list[SoundSettings] = []
    choice.changed.connect(told.append)
    choice.change(microphone=Microphone(is_muted=True))
    choice.change(speaker=Speaker(volume=0.5))

    both = SoundSettings(Microphone(is_muted=True), Speaker(volume=0.5))
    assert view.sound.settings == both
    assert told == [SoundSettings(Microphone(is_muted=True)), both]


def test_what_is_chosen_already_is_not_told_again(choice):
    told: list[SoundSettings] = []
    choice.changed.connect(told.append)
    choice.change(microphone=Microphone())

    assert told == []


def test_what_the_browser_remembers_counts_until_something_is_chosen(choice):
    remembered = SoundSettings(Microphone(chunk_ms=20))
    choice.restore(remembered)
    assert choice.settings == remembered

    choice.change(microphone=Microphone(chunk_ms=40))
    choice.restore(remembered)

    assert choice.settings.microphone.chunk_ms == 40


def test_only_devices_of_the_sound_that_is_used_are_listed(view):
    choice = SoundChoice(view, "local")
    desk, browsers = (Device("desk", "Desk"),), (Device("b", "Browser's"),)
    choice.list_devices("local", desk, (), can_choose_output=True)
    choice.list_devices("browser", browsers, browsers, can_choose_output=False)

    assert view.sound.inputs == desk
    assert view.sound.outputs == ()
    assert view.sound.can_choose_output


def test_remarks_of_one_do_not_take_away_those_of_another(view, choice):
    choice.remark("microphone", ["silent", "loud"])
    choice.remark("speaker", ["gone"])
    choice.remark("microphone", ["loud"])

    assert view.sound.remarks == ("loud", "gone")
