import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from edge.cli.main import app
from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock
from edge.config.settings import AgentSettings
from edge.site import self_check
from tests.support.edge_sending import a_problem

SECRETS = ("s3cret-community", "auth-s3cret", "priv-s3cret", "proxy-s3cret")
CONFIG = """
server = "https://agents.example.test"
state_dir = "state"
proxy = "http://user:proxy-s3cret@192.0.2.3:3128"
[network]
allow = ["10.1.0.0/16"]
[privacy]
mask_locations = true
[[snmp.credentials]]
name = "floor 3"
version = "3"
user = "platen"
auth_protocol = "SHA-256"
auth_password = "auth-s3cret"
priv_protocol = "AES-128"
priv_password = "priv-s3cret"
targets = ["10.1.3.0/24"]
[[snmp.credentials]]
name = "rest"
version = "2c"
community = "s3cret-community"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "agent.toml"
    file.write_text(CONFIG)
    file.chmod(0o640)
    (tmp_path / "state").mkdir(mode=0o700)
    return file


def check(config: Path, *arguments: str) -> tuple[int, dict[str, dict[str, str]], str]:
    """The exit code, the checks by what was looked at, and all that was printed."""
    result = CliRunner().invoke(app, ["check-config", "--config", str(config), "--json", *arguments])
    told: dict[str, Any] = json.loads(result.stdout) if result.stdout else {"checks": []}
    return result.exit_code, {each["what"]: each for each in told["checks"]}, result.output


def answering(monkeypatch: pytest.MonkeyPatch, answer: httpx.Response | Exception) -> None:
    def handle(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(settings: AgentSettings, clock: ServerClock) -> CloudClient:
        return CloudClient(settings, clock, httpx.MockTransport(handle))

    monkeypatch.setattr(self_check, "CloudClient", client)


def test_what_the_agent_would_do_is_told_without_a_secret(config: Path) -> None:
    code, checks, printed = check(config)

    assert code == 0
    assert checks["credentials 'floor 3'"]["said"] == (
        "SNMP v3, signed with SHA-256, encrypted with AES-128, for 10.1.3.0/24 only"
    )
    assert "clear text" in checks["credentials 'rest'"]["said"]
    assert "10.1.0.0/16" in checks["network.allow"]["said"]
    assert checks["privacy"]["said"] == "hides locations"
    assert checks["identity"]["verdict"] == "noted"
    assert not [secret for secret in SECRETS if secret in printed]
    for_people = CliRunner().invoke(app, ["check-config", "--config", str(config)]).output
    assert not [secret for secret in SECRETS if secret in for_people]


def test_nothing_is_made_or_changed(config: Path) -> None:
    (config.parent / "state").rmdir()

    code, checks, _ = check(config)

    assert code == 0
    assert checks["state_dir"]["verdict"] == "noted"
    assert sorted(path.name for path in config.parent.iterdir()) == ["agent.toml"]


def test_a_state_folder_that_is_no_folder_is_bad(config: Path) -> None:
    (config.parent / "state").rmdir()
    (config.parent / "state").write_text("")

    code, checks, _ = check(config)

    assert code == 2
    assert checks["state_dir"]["verdict"] == "bad"


def test_files_open_to_others_are_noted(config: Path) -> None:
    config.chmod(0o644)
    (config.parent / "state").chmod(0o755)

    code, checks, _ = check(config)

    assert code == 0
    assert "chmod 0640" in checks["configuration file"]["said"]
    assert "chmod 0700" in checks["state_dir"]["said"]


@pytest.mark.parametrize(
    ("line", "what"),
    [('ca_file = "none.pem"', "ca_file"), ('[profiles]\nfolder = "none"', "profiles.folder")],
)
def test_a_file_that_cannot_be_used_is_bad(config: Path, line: str, what: str) -> None:
    text = f"{CONFIG}\n{line}\n" if line.startswith("[") else f"{line}\n{CONFIG}"
    config.write_text(text)

    code, checks, _ = check(config)

    assert code == 2
    assert checks[what]["verdict"] == "bad"


def test_online_tells_the_time_and_that_the_agent_is_not_known_yet(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, a_problem(401, headers={"date": "Fri, 01 Jan 2100 00:00:00 GMT"}))

    code, checks, _ = check(config, "--online")

    assert code == 0
    assert "by the proxy" in checks["server"]["said"]
    assert "behind the server's" in checks["clock"]["said"]
    assert checks["identity at the server"]["verdict"] == "noted"


@pytest.mark.parametrize(
    ("fault", "fix"),
    [
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "ca_file"),
        (httpx.ProxyError("407 Proxy Authentication Required"), "check proxy"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "resolve names"),
        (httpx.ConnectTimeout(""), "firewall"),
    ],
)
def test_online_says_what_failed_and_the_fix(
    config: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, fix: str
) -> None:
    answering(monkeypatch, fault)

    code, checks, _ = check(config, "--online")

    assert code == 1
    assert checks["server"]["verdict"] == "bad"
    assert fix in checks["server"]["said"]


def test_online_an_answer_that_is_not_our_servers_is_bad(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, httpx.Response(404, text="<html>"))

    code, checks, _ = check(config, "--online")

    assert code == 1
    assert "not our server" in checks["identity at the server"]["said"]
