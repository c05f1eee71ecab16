import pytest

from console.lan import firewall
from console.lan.firewall import firewall_hint

NFT = (
    "table inet filter {\n chain input {\n  type filter hook input priority 0; policy drop;\n }\n}"
)
NFT_OPEN = NFT.replace("drop", "accept")


def nothing(_command):
    return None


def test_ufw_says_in_its_settings_whether_it_is_on(tmp_path):
    settings = tmp_path / "ufw.conf"
    settings.write_text("# ENABLED=yes\nENABLED=no\n")
    assert firewall_hint(8080, ufw_settings=settings, run=nothing) == ""
    settings.write_text("LOGLEVEL=low\nENABLED=yes\n")

    assert "ufw allow 8080/tcp" in firewall_hint(8080, ufw_settings=settings, run=nothing)


@pytest.mark.parametrize(
    ("program", "rules", "is_told"),
    [
        ("nft", NFT, True),
        ("nft", NFT_OPEN, False),
        ("iptables", "-P INPUT DROP\n-A INPUT -i lo -j ACCEPT\n", True),
        ("iptables", "-P INPUT ACCEPT\n", False),
    ],
)
def test_rules_that_refuse_are_told_with_the_port(tmp_path, program, rules, is_told):
    def run(command):
        return rules if command[0] == program else None

    hint = firewall_hint(8443, ufw_settings=tmp_path / "absent", run=run)

    assert hint.startswith(f"{program} refuses") is is_told
    assert ("8443" in hint) is is_told


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 60"])
def test_a_program_that_may_not_or_does_not_answer_says_nothing(tmp_path, monkeypatch, script):
    for name in ("nft", "iptables"):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(firewall, "TIMEOUT_S", 0.2)

    assert firewall_hint(8080, ufw_settings=tmp_path / "absent") == ""


def test_a_program_is_asked_and_its_rules_are_read(tmp_path, monkeypatch):
    program = tmp_path / "nft"
    program.write_text("#!/bin/sh\necho 'type filter hook input priority 0; policy drop;'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert firewall_hint(8080, ufw_settings=tmp_path / "absent").startswith("nft refuses")
