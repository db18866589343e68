from pathlib import Path

import pytest

from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock
from edge.config.settings import AgentSettings, ConfigError

SECRET = "s3cret-community"


def load(folder: Path, text: str) -> AgentSettings:
    file = folder / "agent.toml"
    file.write_text(text)
    return AgentSettings.from_file(file)


def test_a_full_file_is_understood_and_its_paths_are_relative_to_it(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        f"""
        server = "https://agents.example.com/base/"
        state_dir = "state"
        ca_file = "ca.pem"
        proxy = "http://user:pass@proxy.example.com:3128"
        log_level = "debug"
        [snmp]
        community = "{SECRET}"
        port = 1161
        timeout_seconds = 0.5
        retries = 0
        rate_limit_pps = 500
        [spool]
        max_megabytes = 8
        """,
    )

    assert settings.server == "https://agents.example.com/base"
    assert settings.state_dir == tmp_path / "state"
    assert settings.ca_file == tmp_path / "ca.pem"
    assert [each.community for each in settings.snmp.credential_sets()] == [SECRET]
    assert settings.spool.max_megabytes == 8


def test_secrets_never_print(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        f'server = "https://a.example"\nproxy = "http://user:{SECRET}@p.example:1"\n[snmp]\ncommunity = "{SECRET}"',
    )

    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "server: is required"),
        ('server = "http://agents.example.com"', "server: must begin with https://"),
        ('server = "ftp://127.0.0.1"', "server: must begin with https://"),
        ('server = "https://user:pw@agents.example.com"', "server: must be a plain address"),
        ('server = "agents.example.com"', "server: must be a plain address"),
        ('server = "https://a.example"\nverify_tls = false', "verify_tls: unknown key"),
        ('server = "https://a.example"\n[snmp]\ncomunity = "x"', "snmp.comunity: unknown key"),
        ('server = "https://a.example"\n[snmp]\nport = 0', "snmp.port: Input should be greater than"),
        ('server = "https://a.example"\n[spool]\nmax_megabytes = 1', "spool.max_megabytes: Input should be greater"),
        ('server = "https://a.example"\nproxy = "proxy:3128"', "proxy: must be an address such as"),
        ('server = "https://a.example:99999"', "server: has a port"),
        ('server = "https://a.example"\nproxy = "http://p.example:0"', "proxy: must be an address such as"),
        ("server = ", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_naming_the_field_and_the_fix(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(tmp_path, text)

    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "proxy", [SECRET, f"http://user:{SECRET}/2@proxy:3128", f"http://u:{SECRET}#2@p:1", f"http://u:{SECRET}℀@p:1"]
)
def test_a_wrong_secret_is_refused_without_showing_it(tmp_path: Path, proxy: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load(tmp_path, f'server = "https://a.example"\nproxy = "{proxy}"')

    assert SECRET not in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist: write it, or name another file with --config"):
        AgentSettings.from_file(tmp_path / "agent.toml")


@pytest.mark.parametrize("server", ["http://127.0.0.1:9000", "http://localhost", "http://[::1]:80"])
def test_plain_http_is_for_this_computer_only(tmp_path: Path, server: str) -> None:
    assert load(tmp_path, f'server = "{server}"').server == server


def test_a_ca_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    settings = load(tmp_path, 'server = "https://a.example"\nca_file = "ca.pem"')

    with pytest.raises(ConfigError, match=r"ca_file .*ca\.pem holds no usable PEM certificates"):
        CloudClient(settings, ServerClock())
