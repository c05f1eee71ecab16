import subprocess
import sys

from console.simulator.service import media


def test_it_is_there_when_its_package_is_installed(monkeypatch):
    there = media.is_available()
    monkeypatch.setattr(media, "PACKAGE", "not_there")

    assert (there, media.is_available()) == (True, False)


def test_a_server_without_calls_has_nothing_of_it():
    program = "import sys, console.simulator.server; print({'aiortc', 'av'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "set()\n"


async def test_what_makes_streams_is_loaded_when_it_is_needed():
    module = await media.load()

    assert module is not None
    assert module.WebRtcCall


async def test_a_package_that_cannot_be_used_is_told_and_does_without(monkeypatch, caplog):
    monkeypatch.delitem(sys.modules, media._MODULE, raising=False)
    monkeypatch.setitem(sys.modules, "aiortc", None)

    assert await media.load() is None
    assert "calls have no sound: aiortc cannot be used" in caplog.text
