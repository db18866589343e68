import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from edge.cli.command import MISUSED
from edge.config.settings import AgentSettings
from edge.config.snmp import SnmpSettings

FOLDER = Path(__file__).parents[4] / "edge" / "packaging"
EXAMPLE = FOLDER / "agent.toml"
EXAMPLES_ONLY = {"server", "state_dir", "ca_file", "proxy", "profiles"}
"""What has no default, or one that depends on the system."""
SETS = "snmp.credentials"


def settings_of(model: type[BaseModel], at: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings_of(field.annotation, f"{at}{name}.")
        else:
            yield at + name


def plain(settings: BaseModel) -> dict[str, Any]:
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    if isinstance(settings, SnmpSettings):
        values["community"] = settings.credential_sets()[0].community  # "public" when it is not set
    return {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()}


@pytest.fixture
def everything(tmp_path: Path) -> Path:
    """The example with every setting that is commented out in force."""
    text = re.sub(r"^# (?=[a-z_]+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file = tmp_path / "agent.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_configuration_is_valid_as_it_stands() -> None:
    settings = AgentSettings.from_file(EXAMPLE)

    assert settings.server == "https://agents.example.com"
    assert settings.state_dir == Path("/var/lib/platen-agent")


def test_the_example_configuration_names_every_setting_and_no_other(everything: Path) -> None:
    values = tomllib.loads(everything.read_text(encoding="utf-8"))
    named = {
        f"{key}.{inner}" if inner else key
        for key, value in values.items()
        for inner in (value if isinstance(value, dict) else [""])
    }

    assert named | {SETS} == set(settings_of(AgentSettings))


def test_the_credential_sets_of_the_example_are_valid_and_show_both_kinds(tmp_path: Path) -> None:
    text = re.sub(r"^#(?= \[\[snmp|     [a-z_]+ = )", "", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    file = tmp_path / "agent.toml"
    file.write_text(text, encoding="utf-8")

    sets = AgentSettings.from_file(file).snmp.credential_sets()

    assert [(each.name, each.version) for each in sets] == [("floor 3", "3"), ("old printers", "1")]
    assert sets[0].targets == ("10.1.3.0/24",)


def test_what_the_example_comments_out_is_the_default(everything: Path) -> None:
    settings = AgentSettings.from_file(everything)
    defaults = AgentSettings(server=settings.server)

    for name in set(AgentSettings.model_fields) - EXAMPLES_ONLY:
        value, default = getattr(settings, name), getattr(defaults, name)
        assert (plain(value), name) == (plain(default), name) if isinstance(value, BaseModel) else value == default


def test_every_setting_of_the_example_is_explained_or_speaks_for_itself() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    speaking = {"timeout_seconds", "retries"}

    for before, line in pairwise(lines):
        setting = re.match(r"(?:# )?([a-z_]+) = ", line)
        if setting is not None and setting[1] not in speaking:
            assert before.startswith("# "), line


def unit_settings() -> dict[str, str]:
    lines = (FOLDER / "platen-agent.service").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def test_the_service_has_no_privileges_and_may_write_only_its_state() -> None:
    unit = unit_settings()

    assert (unit["User"], unit["CapabilityBoundingSet"], unit["NoNewPrivileges"]) == ("platen-agent", "", "yes")
    assert (unit["ProtectSystem"], unit["ProtectHome"], unit["StateDirectory"]) == ("strict", "yes", "platen-agent")
    assert "ReadWritePaths" not in unit
    assert set(unit["RestrictAddressFamilies"].split()) == {"AF_INET", "AF_INET6", "AF_UNIX"}
    assert unit["SocketBindDeny"] == "tcp"


def test_the_service_does_not_start_again_and_again_when_it_is_misconfigured() -> None:
    assert unit_settings()["RestartPreventExitStatus"] == str(MISUSED)


def test_the_service_and_the_container_run_the_agent_on_the_documented_file_and_folder() -> None:
    container = (FOLDER / "Containerfile").read_text(encoding="utf-8")
    command = unit_settings()["ExecStart"].split()

    assert command == ["/opt/platen-agent/bin/platen-agent", "run", "--config", "/etc/platen-agent/agent.toml"]
    assert f'ENTRYPOINT ["{command[0]}"]' in container
    assert 'CMD ["run", "--config", "/etc/platen-agent/agent.toml"]' in container
    assert str(AgentSettings.from_file(EXAMPLE).state_dir) in container


def test_the_container_runs_unprivileged_and_installs_only_what_is_pinned() -> None:
    instructions = (FOLDER / "Containerfile").read_text(encoding="utf-8").split("\nFROM ")

    last = instructions[-1]
    assert re.search(r"^USER 10161:10161$", last, flags=re.MULTILINE)
    assert "EXPOSE" not in "".join(instructions)
    for install in re.findall(r"pip install[^\n]*", "".join(instructions)):
        assert "--require-hashes" in install or "--no-index --no-deps" in install
