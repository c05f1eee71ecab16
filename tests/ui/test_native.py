"""The native window from the console's side; stand-in programs speak as the window does."""

import sys
from pathlib import Path

import pytest

from console.app import native_extra
from console.audio.sounddevice_library import PORTAUDIO, SoundDevice, SoundDevices
from console.errors import AudioDeviceError, ConfigurationError
from console.settings import Settings
from console.ui import native
from console.ui.native import NativeWindow

READY = 'import sys; print(\'{"renderer": "%s"}\', flush=True); '
SHOWS = "sys.stdin.readline(); print('{\"shown\": true}', flush=True); "

DEVICE = SoundDevice("pulse", 48_000, is_default=True)
BOTH = SoundDevices((DEVICE,), (DEVICE,))


def open_program(code):
    return NativeWindow([sys.executable, "-c", code])


def refusal(window):
    with pytest.raises(ConfigurationError) as caught:
        window.wait_until_ready()
    return str(caught.value)


def ready_window(renderer):
    window = open_program(READY % renderer + "sys.stdin.read()")
    window.wait_until_ready()
    return window


async def test_the_window_is_closed_by_its_user():
    window = open_program(READY % "qtwebengine" + SHOWS)
    window.wait_until_ready()

    window.show("http://127.0.0.1:1/", title="Title", icon=Path("icon.svg"))
    await window.wait_closed()

    window.check_shown()
    await window.close()


async def test_the_window_is_closed_by_the_console():
    window = open_program(READY % "qtwebengine" + SHOWS + "sys.stdin.read()")
    window.wait_until_ready()
    window.show("http://127.0.0.1:1/", title="Title", icon=Path("icon.svg"))

    await window.close()
    await window.wait_closed()


def test_a_window_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(native, "CLOSE_TIMEOUT_S", 0.2)
    window = open_program(READY % "qtwebengine" + "import threading; threading.Event().wait()")
    window.wait_until_ready()

    window.end()

    window.end()  # again is fine


async def test_a_window_that_never_came_is_told_in_a_sentence():
    window = open_program(READY % "gtkwebkit2" + "sys.exit('No room for a window.')")
    window.wait_until_ready()
    await window.wait_closed()
    window.end()

    with pytest.raises(ConfigurationError, match="could not be opened: No room for a window"):
        window.check_shown()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('print(\'{"missing": "view"}\')', native_extra.INSTALL),
        ("import sys; sys.exit('qt.qpa.xcb: could not connect to display :7')", "needs a display"),
        ("import sys; print('chatter'); sys.exit('libxcb-icccm is absent')", "libxcb-icccm"),
        ("pass", "has said nothing"),
        (READY % "mshtml" + "sys.stdin.read()", "WebView2"),
    ],
)
def test_what_keeps_the_window_away_is_one_sentence(code, words):
    assert words in refusal(open_program(code))


def test_without_pywebview_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setattr(native_extra, "PACKAGE", "a_package_that_is_absent")

    with pytest.raises(ConfigurationError) as caught:
        native.open_window()

    assert native_extra.INSTALL in str(caught.value)


@pytest.mark.parametrize(
    ("renderer", "given", "devices", "audio", "port", "remark"),
    [
        ("qtwebengine", {}, BOTH, "local", 0, native.OWN_SOUND),
        ("qtwebengine", {"audio": "browser"}, BOTH, "browser", 0, ""),
        ("qtwebengine", {}, SoundDevices((DEVICE,), ()), "browser", 0, ""),
        ("edgechromium", {"port": 8090}, SoundDevices((), (DEVICE,)), "browser", 8090, ""),
        ("qtwebengine", {"audio": "local"}, SoundDevices(), "local", 0, ""),
        ("gtkwebkit2", {}, SoundDevices(), "local", 0, native.NO_MICROPHONE),
        ("wkwebview", {"audio": "browser"}, BOTH, "browser", 0, ""),
    ],
)
def test_sound_and_port_follow_the_window_unless_they_were_chosen(
    monkeypatch, tmp_path, renderer, given, devices, audio, port, remark
):
    monkeypatch.setattr(PORTAUDIO, "devices", lambda: devices)
    monkeypatch.chdir(tmp_path)
    for name in ("CONSOLE_AUDIO", "CONSOLE_PORT"):
        monkeypatch.delenv(name, raising=False)
    window = ready_window(renderer)

    settings, said = native.settings_for(Settings(native=True, **given), window)
    window.end()

    assert (settings.audio, settings.port, settings.show, said) == (audio, port, False, remark)


def test_without_portaudio_the_window_keeps_the_sound_of_its_web_view(monkeypatch, tmp_path):
    def refuse():
        raise AudioDeviceError("PortAudio is not installed.")

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONSOLE_AUDIO", raising=False)
    monkeypatch.setattr(PORTAUDIO, "devices", refuse)
    window = ready_window("qtwebengine")

    settings, said = native.settings_for(Settings(native=True), window)
    window.end()

    assert (settings.audio, said) == ("browser", "")
