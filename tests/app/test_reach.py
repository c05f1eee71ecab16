import pytest

from console.app.reach import EVERYWHERE, Proxy, find_reach
from console.errors import ConfigurationError
from console.lan.addresses import Reachable
from console.lan.certificate import ensure_certificate
from console.settings import Settings

NOW_S = 1_800_000_000.0
HERE = Reachable(("192.168.1.5", "fd00::5"), ("studio.local", "studio"))


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def reach(tmp_path, reachable=HERE, **settings):
    return find_reach(Settings(**settings), 8080, tmp_path, NOW_S, reachable)


def test_by_default_nobody_else_can_come(tmp_path):
    found = reach(tmp_path)

    assert found.listens_on == ("127.0.0.1",)
    assert found.owner_base == "http://127.0.0.1:8080"
    assert found.hosts == ("127.0.0.1", "localhost", "[::1]")
    assert (found.is_for_others, found.is_secure, found.remark) == (False, False, "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("host", "base"), [("localhost", "http://localhost:8080"), ("::1", "http://[::1]:8080")]
)
def test_every_address_of_this_machine_alone_is_private(tmp_path, host, base):
    found = reach(tmp_path, host=host)

    assert (found.owner_base, found.is_for_others) == (base, False)


def test_lan_is_https_everywhere_with_a_certificate_for_all_that_is_told(tmp_path):
    found = reach(tmp_path, lan=True)

    assert found.listens_on == EVERYWHERE
    assert found.owner_base == "https://localhost:8080"
    assert found.guest_bases == (
        "https://192.168.1.5:8080",
        "https://[fd00::5]:8080",
        "https://studio.local:8080",
        "https://studio:8080",
    )
    assert set(found.hosts) == {
        "127.0.0.1", "localhost", "[::1]", "192.168.1.5", "[fd00::5]", "studio.local", "studio"
    }  # fmt: skip
    assert found.own_certificate is not None
    assert set(found.own_certificate.hosts) == {
        "127.0.0.1", "localhost", "::1", "192.168.1.5", "fd00::5", "studio.local", "studio"
    }  # fmt: skip
    assert found.certificate_file.startswith(str(tmp_path))
    assert (found.is_secure, found.remark) == (True, "")


def test_lan_at_one_address_is_there_only(tmp_path):
    found = reach(tmp_path, lan=True, host="192.168.1.5")

    assert found.listens_on == ("192.168.1.5",)
    assert found.owner_base == "https://192.168.1.5:8080"
    assert found.guest_bases == ("https://192.168.1.5:8080",)
    assert found.hosts == ("192.168.1.5",)


def test_lan_without_a_network_says_so(tmp_path):
    with pytest.raises(ConfigurationError, match="finds no network"):
        reach(tmp_path, Reachable(), lan=True)


def test_http_for_others_says_what_will_not_work(tmp_path):
    found = reach(tmp_path, host="192.168.1.5")

    assert found.owner_base == "http://192.168.1.5:8080"
    assert found.guest_bases == ("http://192.168.1.5:8080",)
    assert found.hosts == ("192.168.1.5",)
    assert "no microphone" in found.remark
    assert "--lan" in found.remark


@pytest.mark.parametrize(
    ("host", "base"), [("0.0.0.0", "http://127.0.0.1:8080"), ("::", "http://[::1]:8080")]
)
def test_http_everywhere_is_opened_here_by_loopback(tmp_path, host, base):
    found = reach(tmp_path, host=host)

    assert found.owner_base == base
    assert found.guest_bases[0] == "http://192.168.1.5:8080"
    assert "studio.local" in found.hosts
    assert "0.0.0.0" not in found.hosts


def test_behind_a_proxy_the_public_origin_is_what_everybody_opens(tmp_path):
    found = reach(
        tmp_path, behind_proxy="https://console.example.org:8443", proxy_network="10.0.0.0/24"
    )

    assert found.listens_on == ("127.0.0.1",)
    assert found.owner_base == "https://console.example.org:8443"
    assert found.guest_bases == ("https://console.example.org:8443",)
    assert found.hosts == ("127.0.0.1", "localhost", "[::1]", "console.example.org")
    assert found.proxy == Proxy("https://console.example.org:8443", ("10.0.0.0/24",))
    assert (found.is_secure, found.certificate_file) == (True, "")


def test_behind_a_proxy_of_http_the_way_to_speech_is_the_proxys_https(tmp_path):
    proxied = reach(tmp_path, behind_proxy="http://console.example.org")
    plain = reach(tmp_path, host="0.0.0.0")

    assert "have the proxy serve https" in proxied.remark
    assert "--lan" not in proxied.remark
    assert "start with --lan" in plain.remark


def test_a_certificate_of_ones_own_is_shown_instead(tmp_path):
    ours = reach(tmp_path / "ours", lan=True)
    files = {"tls_cert": ours.certificate_file, "tls_key": ours.key_file}

    lan = reach(tmp_path / "new", lan=True, **files)
    here = reach(tmp_path / "new", **files)
    there = reach(tmp_path / "new", host="0.0.0.0", **files)

    assert lan.own_certificate is None
    assert lan.certificate_file == ours.certificate_file
    assert here.owner_base == "https://127.0.0.1:8080"
    assert there.owner_base == "https://localhost:8080"
    assert there.remark == ""
    assert not (tmp_path / "new").exists()


def test_links_are_told_for_which_a_certificate_of_ones_own_holds_and_others_are_served_too(
    tmp_path,
):
    made = ensure_certificate(tmp_path / "made", ("console.example.org", "192.0.2.7"), NOW_S)
    files = {"tls_cert": str(made.certificate_file), "tls_key": str(made.key_file)}

    lan = reach(tmp_path / "new", lan=True, **files)
    there = reach(tmp_path / "new", host="192.168.1.5", **files)
    here = reach(tmp_path / "new", **files)

    told = ("https://console.example.org:8080", "https://192.0.2.7:8080")
    assert lan.guest_bases == told
    assert "192.168.1.5" in lan.hosts
    assert there.guest_bases == (*told, "https://192.168.1.5:8080")
    assert here.guest_bases == ()
    for each in (lan, there, here):
        assert {"console.example.org", "192.0.2.7"} <= set(each.hosts)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lan": True, "behind_proxy": "https://a.example"}, "do not go together"),
        ({"lan": True, "native": True}, "--native is a window on this machine"),
        ({"behind_proxy": "https://a.example", "native": True}, "--native"),
        ({"host": "0.0.0.0", "native": True}, "leave --host 0.0.0.0 out"),
        ({"tls_cert": "a.pem"}, "go together"),
        ({"lan": True, "tls_cert": "a.pem", "tls_key": "a.key"}, "cannot be read"),
    ],
)
def test_settings_that_contradict_each_other_end_in_a_sentence(tmp_path, settings, words):
    with pytest.raises(ConfigurationError, match=words):
        reach(tmp_path, **settings)
