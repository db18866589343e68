from pathlib import Path
from types import SimpleNamespace
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner, Result

from edge.cli import credentials as cli_credentials
from edge.cli import credentials as credentials_room
from edge.cli.credentials import Access, with_access
from edge.snmp.credentials import AuthProtocol, PrivProtocol, SnmpVersion
from edge.snmp.fence import Fence

SIGNING, HIDING = "signing-secret", "hiding-secret"
V3 = ("--user", "reader", "--auth", "sha256", "--priv", "AES")
PASSWORDS = {"PLATEN_SNMP_AUTH_PASSWORD": SIGNING, "PLATEN_SNMP_PRIV_PASSWORD": HIDING}
FILE = """
server = "https://platen.example.com"
[network]
allow = ["10.0.0.0/8"]
[snmp]
port = 1161
[[snmp.credentials]]
name = "old"
version = "1"
community = "s3cret"
[[snmp.credentials]]
name = "lab"
version = "3"
user = "reader"
targets = ["10.1.0.0/16"]
"""


def run(
    *arguments: str | Path, env: dict[str, str] | None = None, typed: str | None = None
) -> tuple[Access | None, Result]:
    taken: list[Access] = []
    app = typer.Typer()

    @app.command()
    @with_access
    def ask(host: Annotated[str, typer.Argument()], access: Access) -> None:
        assert host == "10.1.0.5"
        taken.append(access)

    variables = {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1", **(env or {})}
    result = CliRunner().invoke(app, ["10.1.0.5", *map(str, arguments)], env=variables, input=typed)
    return (taken[0] if taken else None), result


def test_the_usual_community_is_public_over_v2c_and_no_fence_stands_in_a_persons_way() -> None:
    access, _ = run()

    assert access is not None
    [only] = access.sets
    assert (only.version, only.community, access.fence, access.port) == (SnmpVersion.V2C, "public", None, 161)


def test_a_community_comes_from_the_option_or_the_environment_and_v1_is_asked_for_by_name() -> None:
    by_option, _ = run("--community", "s3cret", "--snmp-version", "1")
    by_variable, _ = run(env={"PLATEN_SNMP_COMMUNITY": "s3cret"})

    assert by_option is not None
    assert by_variable is not None
    assert (by_option.sets[0].version, by_option.sets[0].community) == (SnmpVersion.V1, "s3cret")
    assert (by_variable.sets[0].version, by_variable.sets[0].community) == (SnmpVersion.V2C, "s3cret")


def test_a_user_is_asked_for_over_v3_with_passwords_from_the_environment() -> None:
    access, _ = run(*V3, env=PASSWORDS)

    assert access is not None
    [only] = access.sets
    assert (only.version, only.user) == (SnmpVersion.V3, "reader")
    assert (only.auth, only.auth_password) == (AuthProtocol.SHA256, SIGNING)
    assert (only.priv, only.priv_password) == (PrivProtocol.AES128, HIDING)


def test_a_user_alone_is_asked_without_signature() -> None:
    access, _ = run("--user", "reader")

    assert access is not None
    assert access.sets[0].level == "noAuthNoPriv"


def test_a_password_is_asked_for_in_a_terminal_and_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_credentials, "sys", SimpleNamespace(stdin=Terminal()))

    access, result = run("--user", "reader", "--auth", "SHA-512", typed=f"{SIGNING}\n")

    assert access is not None
    assert access.sets[0].auth_password == SIGNING
    assert "password of --auth" in result.output
    assert SIGNING not in result.output


class Terminal:
    @staticmethod
    def isatty() -> bool:
        return True


@pytest.mark.parametrize(
    ("arguments", "env", "complaint"),
    [
        (V3, {}, "no password for --auth: set PLATEN_SNMP_AUTH_PASSWORD"),
        (V3, {"PLATEN_SNMP_AUTH_PASSWORD": SIGNING}, "no password for --priv: set PLATEN_SNMP_PRIV_PASSWORD"),
        (V3, {**PASSWORDS, "PLATEN_SNMP_AUTH_PASSWORD": "short"}, "--auth-password has not 8 to 255 characters"),
        (("--user", "reader", "--priv", "DES"), PASSWORDS, "--priv needs --auth"),
        (("--auth", "MD5"), PASSWORDS, "--auth belongs to SNMP v3: add --user"),
        ((*V3, "--snmp-version", "2c"), PASSWORDS, "--user belongs to SNMP v3"),
        ((*V3, "-c", "private"), PASSWORDS, "SNMP v3 has users, no community"),
        (("--snmp-version", "3"), {}, "version 3 needs a user"),
        (("--snmp-version", "4"), {}, "'4'"),
        (("--user", "reader", "--auth", "sha5"), PASSWORDS, "'sha5' is none of MD5, SHA"),
        (("--user", "x" * 33), {}, "--user"),
        (("--config", "/none/agent.toml"), {}, "agent.toml"),
        (("--config", "/none/agent.toml", "-c", "x"), {}, "leave out --community"),
    ],
)
def test_options_that_do_not_go_together_are_refused_with_the_fix(
    arguments: tuple[str, ...], env: dict[str, str], complaint: str
) -> None:
    access, result = run(*arguments, env=env)

    assert access is None
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())
    assert not any(secret in result.output for secret in (SIGNING, HIDING, "short"))


def test_a_configuration_file_brings_its_sets_its_port_and_its_fence(tmp_path: Path) -> None:
    file = tmp_path / "agent.toml"
    file.write_text(FILE, "utf-8")

    access, _ = run("--config", file, env={"PLATEN_SNMP_COMMUNITY": "a variable is no reason to refuse the file"})

    assert access is not None
    assert [each.name for each in access.sets] == ["lab", "old"]
    [inside] = access.targets(["10.1.0.5"])
    [outside, at_port] = access.targets(["10.2.0.5", "10.2.0.6:9"])
    assert (str(inside), [each.name for each in inside.credentials]) == ("10.1.0.5:1161", ["lab", "old"])
    assert (str(outside), [each.name for each in outside.credentials]) == ("10.2.0.5:1161", ["old"])
    assert str(at_port) == "10.2.0.6:9"
    assert isinstance(access.fence, Fence)
    assert not access.fence.allows("192.168.0.1")


def test_a_host_name_gets_the_sets_for_the_address_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "agent.toml"
    file.write_text(FILE, "utf-8")
    access, _ = run("--config", file)

    async def inside(_host: str, port: int, **_: object) -> tuple[str, int]:
        return "10.1.0.5", port

    monkeypatch.setattr(credentials_room, "resolved", inside)

    assert access is not None
    [target] = access.targets(["printer.example"])
    assert [each.name for each in target.credentials] == ["lab", "old"]
    assert access.targets(["printer.example"], ["10.1.0.0/24"]) == []


def test_a_line_with_a_community_of_its_own_is_asked_with_that_over_v2c_or_v1() -> None:
    v1, _ = run("--snmp-version", "1")
    v3, _ = run("--user", "reader")

    assert v1 is not None
    assert v3 is not None
    [by_v1], [by_v3] = v1.targets(["10.0.0.1"], community="own"), v3.targets(["10.0.0.1"], community="own")
    assert [(each.version, each.community) for each in by_v1.credentials] == [(SnmpVersion.V1, "own")]
    assert [(each.version, each.community) for each in by_v3.credentials] == [(SnmpVersion.V2C, "own")]
