from pathlib import Path

import pytest

from edge.config.settings import AgentSettings, ConfigError
from edge.site.criteria import criteria_of
from shared.wire.activation import DiscoveryCriteria


def settings(folder: Path, text: str = "") -> AgentSettings:
    file = folder / "agent.toml"
    file.write_text(f'server = "https://agents.example.test"\n{text}')
    return AgentSettings.from_file(file)


def test_the_cloud_can_name_no_port_but_snmps_own(tmp_path: Path) -> None:
    asked = DiscoveryCriteria(include=["10.0.0.5", "10.0.0.6:161", "10.0.0.7:53", "10.0.0.1-3:123", "printer.test:69"])

    criteria = criteria_of(asked, settings(tmp_path))

    assert list(criteria.targets) == ["10.0.0.5", "10.0.0.6"]
    assert criteria.outside == "not asked, UDP ports that [network] ports in agent.toml does not allow: 53, 69, 123"


@pytest.mark.parametrize(
    "text",
    [
        "[network]\nports = [1161]",
        '[network]\nports = [161, "1160-1162"]',
        "[snmp]\nport = 1161",
        '[[snmp.credentials]]\nname = "a"\nversion = "1"\ncommunity = "b"\ntargets = ["10.0.0.0/24:1161"]',
    ],
)
def test_a_port_that_the_sites_own_file_names_is_asked(tmp_path: Path, text: str) -> None:
    criteria = criteria_of(DiscoveryCriteria(include=["10.0.0.5:1161", "10.0.0.5:1163"]), settings(tmp_path, text))

    assert list(criteria.targets) == ["10.0.0.5:1161"]
    assert str(criteria.outside).endswith("1163")


def test_outside_of_the_networks_and_of_the_ports_are_both_said(tmp_path: Path) -> None:
    criteria = criteria_of(DiscoveryCriteria(include=["203.0.113.5", "10.0.0.5:53"]), settings(tmp_path))

    assert criteria.targets == {}
    assert criteria.outside == (
        "not asked, outside of [network] allow in agent.toml: 203.0.113.5; "
        "not asked, UDP ports that [network] ports in agent.toml does not allow: 53"
    )


@pytest.mark.parametrize("entry", ["0", "65536", '"a"', '"5-4"', '"1-"', '"1-70000"', '""', "-1", "true", "1.5"])
def test_a_port_that_is_none_is_refused_by_name(tmp_path: Path, entry: str) -> None:
    with pytest.raises(ConfigError, match=r"network\.ports"):
        settings(tmp_path, f"[network]\nports = [{entry}]")
