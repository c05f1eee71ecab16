from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
import sys
import time
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from console import doctor
from console.app import native_extra
from console.app.reach import find_reach
from console.audio import devices
from console.audio.sounddevice_library import SoundDevice, SoundDevices
from console.doctor import Finding
from console.errors import AudioDeviceError, SpeechEngineError
from console.lan.addresses import Reachable
from console.lan.certificate import ensure_certificate
from console.serving.shared_store import name_of
from console.settings import Settings
from console.simulator.engines import Engines
from console.simulator.senses import Transcript
from console.simulator.service import media
from tests.simulator.stub_packages import use

ROOT = Path(__file__).resolve().parent.parent
KEYS = {
    "OPENAI_API_KEY": "sk-planted-1",
    "AZURE_OPENAI_API_KEY": "planted-2",
    "CONSOLE_SIMULATOR_KEY": "planted-3",
    "CONSOLE_BRAIN_KEY": "planted-4",
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("CONSOLE_") or name in KEYS:
            monkeypatch.delenv(name)


async def found(subject: str, **settings) -> list[Finding]:
    """What is found about a subject, without the test of the engines unless that is asked for."""
    given = {"scenario": "", "port": 0, **settings}
    return [each async for each in doctor.examine(Settings(**given)) if each.subject == subject]


@pytest.fixture
def quick(monkeypatch):
    """Leaves out the test of the engines."""

    async def skip(engines: Engines) -> Finding:
        return Finding("ok", "simulator", "Left out.")

    monkeypatch.setattr(doctor, "_self_test", skip)


@pytest.fixture
def sound(monkeypatch):
    """Sets the machine's microphones and speakers."""

    def set_names(*names: list[str]) -> None:
        found = [tuple(SoundDevice(name, 48_000, False) for name in each) for each in names]
        monkeypatch.setattr(devices, "list_devices", lambda: SoundDevices(*found))

    set_names(["mic"], ["speaker"])
    return set_names


def test_a_machine_that_has_everything_is_told_so(capsys, sound):
    assert doctor.run(Settings(port=0)) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "No problem was found."
    assert any(each.startswith("ok       python       3.") for each in lines)
    (simulator,) = [each for each in lines if " simulator " in each and "sentences" in each]
    assert simulator.startswith("ok")
    assert "problem" not in "".join(each[:8] for each in lines)


def test_problems_are_counted_and_make_the_exit_status(capsys, quick, sound):
    assert doctor.run(Settings(port=0, ears="big", target="azure")) == 1

    out = capsys.readouterr().out
    assert "problem  target       --target azure needs AZURE_OPENAI_ENDPOINT" in out
    assert "problem  simulator    --ears big: use pocketsphinx" in out
    assert out.endswith("There are 2 problems.\n")


def test_programs_can_read_it_too(capsys, quick, sound):
    assert doctor.run(Settings(port=0, ears="big"), as_json=True) == 1

    findings = json.loads(capsys.readouterr().out)
    (problem,) = [each for each in findings if each["state"] == "problem"]
    assert set(problem) == {"state", "subject", "sentence", "advice"}


@pytest.mark.parametrize("as_json", [False, True])
def test_a_key_in_a_wrong_place_is_told_without_it(capsys, quick, sound, as_json):
    assert doctor.run(Settings(port=0, target="sk-planted-0123456789"), as_json=as_json) == 1

    assert "--target [secret] is none of" in capsys.readouterr().out


def test_every_package_that_the_console_needs_is_looked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {canonicalize_name(Requirement(each).name) for each in project["dependencies"]}
    providers = packages_distributions()

    looked_for = {canonicalize_name(providers[name][0]) for name in doctor.PACKAGES}

    assert looked_for == needed


async def test_keys_are_named_and_never_shown(monkeypatch, capsys, quick, sound):
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    lines = [each async for each in doctor.examine(Settings(port=0, target="simulator"))]

    assert {each.sentence for each in lines if each.subject == "keys"} == {
        f"{name} is set." for name in KEYS
    }
    assert not [each for each in lines if "planted" in doctor.line(each)]


async def test_the_redis_of_the_limits_is_asked_and_its_password_not_told(
    quick, sound, redis_server, tmp_path
):
    (there,) = await found("limits", limits_storage=redis_server.url)
    absent = f"unix://:planted-password@{tmp_path}/nobody.sock"
    (away,) = await found("limits", limits_storage=absent)

    assert there == Finding(
        "ok", "limits", f"{name_of(redis_server.url)} answers; limits are counted there."
    )
    assert away.state == "problem"
    assert "nobody.sock cannot be used" in away.sentence
    assert "planted" not in doctor.line(away)
    assert await found("limits") == []


async def test_a_key_that_is_not_there_is_no_problem(quick, sound):
    (finding,) = await found("keys")

    assert finding.state == "note"
    assert "OPENAI_API_KEY=sk-..." in finding.advice


async def test_extras_are_named_with_the_way_to_get_them(monkeypatch, quick, sound):
    monkeypatch.setenv("PATH", "")
    (ears,) = await found("ears")
    piper, flite = await found("voices")
    use(monkeypatch)
    (present, *_) = await found("ears")

    assert [each.state for each in (ears, piper, flite, present)] == ["note", "note", "note", "ok"]
    assert "[ears]" in ears.advice
    assert "[voices]" in piper.advice
    assert "apt-get install flite" in flite.advice


async def test_whether_calls_have_sound_is_told(monkeypatch, quick, sound):
    (present,) = await found("calls")
    monkeypatch.setattr(media, "PACKAGE", "not_there")
    (missing,) = await found("calls")

    assert (present.state, missing.state) == ("ok", "note")
    assert "carry no sound" in missing.sentence
    assert "[calls]" in missing.advice


async def test_whether_a_window_can_be_opened_is_told(monkeypatch, quick, sound):
    monkeypatch.setattr(native_extra, "PACKAGE", "json")
    (present,) = await found("window")
    monkeypatch.setattr(native_extra, "PACKAGE", "not_there")
    (missing,) = await found("window")

    assert (present.state, missing.state) == ("ok", "note")
    assert "--native" in present.sentence
    assert '".[native]"' in missing.advice


async def test_the_machines_devices_are_named(quick, sound):
    sound(["headset"], ["a", "b", "c", "d"])

    assert (await found("sound"))[0].sentence == (
        "1 microphone (headset) and 4 speakers (a, b, c and 1 more), for --audio local."
    )


async def test_a_package_that_is_missing_is_a_problem(monkeypatch, quick, sound):
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "not_there"))
    (finding,) = await found("packages")

    assert (finding.state, finding.sentence) == ("problem", "not_there cannot be found.")


async def test_a_python_that_is_too_old_is_a_problem(monkeypatch, quick, sound):
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (sys.version_info[0], 99))
    (finding,) = await found("python")

    assert finding.state == "problem"
    assert "3.99 or later" in finding.advice


@pytest.mark.parametrize(("audio", "state"), [("browser", "note"), ("local", "problem")])
async def test_sound_devices_matter_as_much_as_they_are_used(audio, state, quick, sound):
    assert (await found("sound", audio=audio))[0].state == "ok"
    sound([], ["speaker"])
    (finding,) = await found("sound", audio=audio)

    assert finding.state == state
    assert "no microphone;" in finding.sentence


async def test_without_portaudio_it_says_what_the_sound_system_says(monkeypatch, quick):
    def refuse() -> None:
        raise AudioDeviceError("PortAudio is not installed.")

    monkeypatch.setattr(devices, "list_devices", refuse)
    (finding,) = await found("sound")

    assert (finding.state, finding.sentence) == ("note", "PortAudio is not installed.")


async def test_a_target_that_answers_is_reachable(quick, sound):
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        (there,) = await found("target", target=f"ws://127.0.0.1:{port}/v1/realtime")
        (brain,) = await found("brain", brain=f"http://127.0.0.1:{port}/v1", brain_model="tiny")
    (gone,) = await found("target", target=f"ws://127.0.0.1:{port}/v1/realtime")

    assert (there.state, brain.state, gone.state) == ("ok", "ok", "problem")
    assert there.sentence == f"127.0.0.1 port {port} can be reached."
    assert "--target simulator" in gone.advice


async def test_a_target_that_says_nothing_is_not_waited_for(monkeypatch, quick, sound):
    monkeypatch.setattr(doctor, "REACH_TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        # It takes the connection, and never begins to encrypt it.
        (finding,) = await found("target", target=f"wss://127.0.0.1:{port}/v1/realtime")

    assert finding.state == "problem"
    assert "has not answered within 0.05 s" in finding.sentence


async def test_a_port_that_is_taken_is_told_with_another(quick, sound):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (taken,) = await found("port", port=port)
    (free,) = await found("port", port=port)

    assert (taken.state, free.state) == ("note", "ok")
    assert f"--port {port + 1}" in taken.advice


async def test_a_port_that_cannot_be_had_on_the_address_is_a_problem_with_its_own_advice(
    quick, sound, monkeypatch
):
    (elsewhere,) = await found("port", port=8080, host="192.0.2.77")

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    (forbidden,) = await found("port", port=80)

    assert (elsewhere.state, forbidden.state) == ("problem", "problem")
    assert "(192.0.2.77)" in elsewhere.sentence
    assert elsewhere.advice == "Name an address of this machine with --host"
    assert forbidden.advice == "Try --port 8080"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"lan": True, "behind_proxy": "https://c.example.org"}, "do not go together"),
        ({"lan": True, "native": True}, "--native is a window on this machine"),
        ({"tls_cert": "mine.pem"}, "--tls-cert and --tls-key go together"),
        ({"tls_key": "mine.key"}, "--tls-cert and --tls-key go together"),
    ],
)
async def test_what_keeps_the_console_from_its_start_is_a_problem(settings, says, quick, sound):
    assert await found("settings") == []
    (finding,) = await found("settings", **settings)

    assert finding.state == "problem"
    assert says in finding.sentence


async def test_a_certificate_with_the_key_of_another_is_a_problem(quick, sound, tmp_path):
    one, other = (
        ensure_certificate(tmp_path / each, ("c.example.org",), time.time()) for each in "ab"
    )
    certificate = str(one.certificate_file)

    assert await found("settings", tls_cert=certificate, tls_key=str(one.key_file)) == []
    (finding,) = await found("settings", tls_cert=certificate, tls_key=str(other.key_file))

    assert "are no certificate and its key" in finding.sentence


async def test_browsers_want_this_machine_or_https(quick, sound):
    (finding,) = await found("browser")

    assert "127.0.0.1 is this machine" in finding.sentence


@pytest.mark.parametrize(
    ("settings", "state", "words"),
    [
        ({"lan": True}, "ok", "served by https"),
        ({"behind_proxy": "https://console.example.org"}, "ok", "served by https"),
        ({"behind_proxy": "http://console.example.org"}, "note", "have the proxy serve https"),
        (
            {"behind_proxy": "http://console.example.org", "tls_cert": "mine.pem"},
            "note",
            "have the proxy serve https",
        ),
        ({"host": "0.0.0.0"}, "note", "no microphone"),
    ],
)
async def test_others_have_a_microphone_by_https_alone(settings, state, words, quick, sound):
    (finding,) = await found("browser", **settings)

    assert finding.state == state
    assert words in finding.sentence


@pytest.fixture
def network(monkeypatch):
    """Sets the machine's addresses and names, and what its firewall says."""

    def set_to(reachable: Reachable, hint: str = "") -> None:
        monkeypatch.setattr(doctor, "find_reachable", lambda: reachable)
        monkeypatch.setattr(doctor, "firewall_hint", lambda port: hint and f"{hint} {port}")

    set_to(Reachable(("192.168.1.5",), ("studio.local",)))
    return set_to


async def test_it_tells_where_others_would_come_and_how(quick, sound, network, tmp_path):
    (guests,) = await found("guests", port=8443)
    (lan,) = await found("guests", port=8443, lan=True)

    assert "https://192.168.1.5:8443, https://studio.local:8443" in guests.sentence
    assert (guests.advice, lan.advice) == ("Start with --lan to let them in", "")
    assert await found("firewall") == []

    (proxied,) = await found("guests", port=8443, behind_proxy="https://c.example.org")
    assert proxied.sentence == "Others come to https://c.example.org, through the proxy."
    assert await found("certificate", behind_proxy="https://c.example.org") == []


@pytest.mark.parametrize(
    ("settings", "comes_to", "has_certificate"),
    [
        ({"host": "192.168.1.5"}, "http://192.168.1.5:8080.", False),
        ({"host": "0.0.0.0"}, "http://192.168.1.5:8080, http://studio.local:8080.", False),
        ({"host": "192.168.1.5", "lan": True}, "https://192.168.1.5:8080.", True),
    ],
)
async def test_guests_come_to_what_the_start_would_serve(
    settings, comes_to, has_certificate, quick, sound, network
):
    (guests,) = await found("guests", port=8080, **settings)

    assert guests.sentence == f"Others on the network would come to {comes_to}"
    assert guests.advice == ""
    assert bool(await found("certificate", **settings)) == has_certificate


async def test_guests_come_to_the_names_of_a_certificate_of_ones_own_alone(
    quick, sound, network, tmp_path
):
    network(Reachable(("192.168.1.5",), ()))
    own = ensure_certificate(tmp_path / "own", ("console.example.org",), time.time())

    (guests,) = await found("guests", lan=True, port=8443, tls_cert=str(own.certificate_file))

    assert guests.sentence.endswith("come to https://console.example.org:8443.")


@pytest.mark.parametrize(("lan", "state"), [(False, "note"), (True, "problem")])
async def test_without_a_network_nobody_can_come(lan, state, quick, sound, network):
    network(Reachable())
    (guests,) = await found("guests", lan=lan)

    assert guests.state == state
    assert await found("certificate", lan=lan) == []


async def test_the_certificate_is_told_with_its_days_and_why_it_will_change(
    quick, sound, network, tmp_path
):
    state = str(tmp_path / "state")
    (none,) = await found("certificate", state_dir=state)
    assert not (tmp_path / "state").exists()
    hosts = ("192.168.1.5", "studio.local", "localhost", "127.0.0.1", "::1")
    ensure_certificate(tmp_path / "state" / "lan", hosts, time.time())
    (fit,) = await found("certificate", state_dir=state)
    network(Reachable(("10.0.0.9",), ()))
    (unfit,) = await found("certificate", state_dir=state)

    assert (none.state, fit.state, unfit.state) == ("note", "ok", "note")
    assert "--lan makes one" in none.sentence
    assert "396 days more" in fit.sentence
    assert "it does not hold for 10.0.0.9" in unfit.sentence
    assert all("browsers will warn" in each.sentence for each in (none, fit, unfit))


async def test_the_certificate_of_one_address_holds_for_what_is_served_there(
    quick, sound, network, tmp_path
):
    network(Reachable(("192.168.1.5", "10.0.0.9"), ("studio.local",)))
    settings = Settings(lan=True, host="10.0.0.9")
    find_reach(settings, 8080, tmp_path, time.time())

    (finding,) = await found("certificate", lan=True, host="10.0.0.9", state_dir=str(tmp_path))
    (everywhere,) = await found("certificate", lan=True, state_dir=str(tmp_path))

    assert (finding.state, everywhere.state) == ("ok", "note")
    assert "does not hold for 192.168.1.5, studio.local" in everywhere.sentence


@pytest.mark.parametrize(
    ("age_days", "state", "says"),
    [
        (-1.5, "problem", "is not valid until 2 days from now."),
        (-0.5, "problem", "is not valid until 1 day from now."),
        (0, "ok", "it ends in 396 days."),
        (380, "note", "it ends in 16 days."),
        (400, "problem", "has expired."),
    ],
)
async def test_a_certificate_of_ones_own_is_named_with_its_days(
    quick, sound, network, tmp_path, age_days, state, says
):
    made_at_s = time.time() - age_days * 86_400
    own = ensure_certificate(tmp_path / "own", ("console.example.org",), made_at_s)

    (finding,) = await found("certificate", lan=True, tls_cert=str(own.certificate_file))

    assert finding.state == state
    assert str(own.certificate_file) in finding.sentence
    assert finding.sentence.endswith(says)
    assert bool(finding.advice) == (state != "ok")


async def test_a_file_that_is_no_certificate_is_a_problem(quick, sound, network, tmp_path):
    (tmp_path / "mine.pem").write_text("no certificate")

    (finding,) = await found("certificate", lan=True, tls_cert=str(tmp_path / "mine.pem"))

    assert (finding.state, "cannot be read" in finding.sentence) == ("problem", True)


async def test_a_firewall_that_is_seen_is_told_with_the_port(quick, sound, network):
    network(Reachable(("10.0.0.9",), ()), "Open port")

    assert (await found("firewall", port=8443))[0].sentence == "Open port 8443"
    assert (await found("firewall", port=0))[0].sentence == "Open port 8080"


async def test_the_port_of_lan_is_looked_for_on_all_addresses(quick, sound):
    with socket.create_server(("127.0.0.2", 0)) as other:
        port = other.getsockname()[1]
        (here,) = await found("port", port=port)
        (everywhere,) = await found("port", port=port, lan=True)

    assert (here.state, everywhere.state) == ("ok", "note")


async def test_a_scenario_has_nothing_to_test(tmp_path, sound):
    path = tmp_path / "a.yaml"
    path.write_text("rules: []")
    (finding,) = await found("simulator", scenario=str(path))

    assert finding == Finding("ok", "simulator", "The scenario brings voice and ears of its own.")


class Mute:
    """A voice that fails, or says nothing."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def speak(self, text, voice, speed):
        if self._error is not None:
            raise self._error
        for nothing in list[bytes]():
            yield nothing


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SpeechEngineError("The voice has a cold."), "The voice has a cold."),
        (None, "The voice has made no sound."),
        (TimeoutError(), "have not answered within 60 s"),
    ],
)
async def test_engines_that_do_not_work_are_a_problem(error, sentence):
    finding = await doctor._self_test(Engines(voice=Mute(error)))

    assert finding.state == "problem"
    assert sentence in finding.sentence


async def test_a_voice_that_its_own_ears_do_not_understand_is_worth_a_note():
    class Deaf:
        async def transcribe(self, pcm24k, *, retry=False, hint=""):
            return Transcript("")

        async def draft(self, pcm24k):
            return None

    finding = await doctor._self_test(Engines(ears=Deaf()))

    assert finding.state == "note"
