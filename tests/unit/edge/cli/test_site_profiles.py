import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from edge.cli.main import app
from edge.profiles.makers import load_profiles, profile_for, profiles_in_use, use_site_profiles
from edge.reading.allow_list import allow_list
from edge.snmp.oids import dotted, parse_oid
from tests.support.recordings import ACME, CONFIRMED, acme, counter_of

SHIPPED = tuple(loaded.file for loaded in profiles_in_use())


@pytest.fixture(autouse=True)
def only_the_agents_own_afterwards() -> Iterator[None]:
    yield
    use_site_profiles(None)


def write(folder: Path, name: str, **changes: object) -> Path:
    file = folder / name
    file.write_text(yaml.safe_dump(acme(**changes)))
    return file


def test_a_sites_profile_is_used_before_the_agents_own(tmp_path: Path) -> None:
    write(tmp_path, "acme.yaml")

    assert use_site_profiles(tmp_path) == []

    assert load_profiles()[0].name == "Acme"
    assert [loaded.file for loaded in profiles_in_use()] == ["acme.yaml", *SHIPPED]
    assert profile_for(parse_oid(f"{ACME}.1.7"), "ACME Fast 500", None) is load_profiles()[0]


@pytest.mark.parametrize(("file", "manufacturer"), [("hp.yaml", "Hewlett"), ("ours.yml", "HP")])
def test_a_sites_profile_stands_in_for_the_one_of_its_file_or_name(
    tmp_path: Path, file: str, manufacturer: str
) -> None:
    write(tmp_path, file, manufacturer=manufacturer)

    assert use_site_profiles(tmp_path) == []

    in_use = profiles_in_use()
    assert (in_use[0].file, in_use[0].replaces) == (file, "hp.yaml")
    assert [loaded.file for loaded in in_use[1:]] == [name for name in SHIPPED if name != "hp.yaml"]


def test_a_family_wins_over_its_maker_for_its_models_only(tmp_path: Path) -> None:
    write(tmp_path, "acme.yaml")
    write(tmp_path, "acme_wide.yaml", family="Acme Wide", models=["\\bWide\\b"], claims={"models": CONFIRMED})
    use_site_profiles(tmp_path)

    wide, small = (profile_for(None, text, None) for text in ("ACME Wide 9", "ACME Fast 500"))

    assert wide is not None
    assert small is not None
    assert (wide.name, small.name) == ("Acme Wide", "Acme")


def test_a_broken_profile_is_told_and_skipped_and_the_others_are_used(tmp_path: Path) -> None:
    write(tmp_path, "acme.yaml")
    broken = write(tmp_path, "bad.yaml", colour="blue")
    twice = write(tmp_path, "twice.yaml")
    (tmp_path / "README.txt").write_text("not a profile")

    problems = use_site_profiles(tmp_path)

    assert problems == [
        f"{broken}: colour: there is no such key; did you mean 'colorant'?",
        f"{twice}: a profile called 'Acme' is there already; give this one a family",
    ]
    assert [loaded.file for loaded in profiles_in_use()] == ["acme.yaml", *SHIPPED]


def test_a_folder_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    [problem] = use_site_profiles(tmp_path / "none")

    assert "correct [profiles] folder" in problem
    assert [loaded.file for loaded in profiles_in_use()] == list(SHIPPED)


def test_no_site_profile_reads_print_jobs_or_a_standard_object(tmp_path: Path) -> None:
    write(tmp_path, "jobs.yaml", identify="1.3.6.1.4.1.1347.47.6.1.1.4.1")
    write(tmp_path, "contact.yaml", identify="1.3.6.1.2.1.1.4.0")

    problems = use_site_profiles(tmp_path)

    assert ["print jobs" in problem for problem in problems] == [False, True]
    assert "is not a private object" in problems[0]
    assert [loaded.file for loaded in profiles_in_use()] == list(SHIPPED)


def test_the_allow_list_holds_what_the_site_asks_for_and_says_so(tmp_path: Path) -> None:
    before = allow_list()
    write(tmp_path, "acme.yaml", counters=[counter_of("acme.c", "5.1")])
    use_site_profiles(tmp_path)

    added = [entry for entry in allow_list() if entry not in before]

    assert [(dotted(entry.name), entry.makers, entry.site) for entry in added] == [
        (f"{ACME}.2.1.0", ("Acme",), True),
        (f"{ACME}.5.1", ("Acme",), True),
    ]
    assert not any(entry.site for entry in before)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1"})
    return result.exit_code, result.stdout, result.stderr


def test_the_list_shows_where_each_profile_is_from_and_what_nobody_has_confirmed(tmp_path: Path) -> None:
    write(tmp_path, "hp.yaml", manufacturer="HP")
    write(tmp_path, "bad.yaml", colour="blue")

    code, shown, told = run("profile", "list", "--profiles", str(tmp_path))
    _, data, _ = run("profile", "list", "--profiles", str(tmp_path), "--json")

    assert code == 0
    assert "site, instead of hp.yaml" in shown
    assert "skipped: " in told
    entries = {entry["name"]: entry for entry in json.loads(data)}
    assert (entries["HP"]["origin"], entries["HP"]["replaces"], entries["HP"]["unconfirmed"]) == ("site", "hp.yaml", [])
    assert entries["Xerox"]["origin"] == "shipped"
    assert "counters: xerox.mono_impressions" in entries["Xerox"]["unconfirmed"]


def test_the_configuration_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    write(tmp_path / "mine", "acme.yaml")
    config = tmp_path / "agent.toml"
    config.write_text('server = "https://agents.example.com"\n[profiles]\nfolder = "mine"\n')

    code, data, _ = run("profile", "list", "--config", str(config), "--json")
    missing, _, told = run("profile", "list", "--config", str(tmp_path / "no.toml"))

    assert (code, json.loads(data)[0]["name"]) == (0, "Acme")
    assert (missing, "no.toml" in told) == (2, True)


def test_every_object_is_listed_once_a_line_with_its_name_and_why(tmp_path: Path) -> None:
    write(tmp_path, "acme.yaml", counters=[counter_of("acme.c", "5.1")])

    code, text, _ = run("oids", "--profiles", str(tmp_path))
    _, data, _ = run("oids", "--profiles", str(tmp_path), "--json")

    lines = [line.split("\t") for line in text.splitlines()]
    assert code == 0
    assert [line[0] for line in lines] == [dotted(entry.name) for entry in allow_list()]
    assert all(name and why for _, name, why in lines)
    assert [f"{ACME}.5.1", "Acme (site)", "`acme.c`"] in lines
    assert ["1.3.6.1.2.1.43.11.1.1.9", "prtMarkerSuppliesLevel", "toner, ink, drums, waste containers"] in lines
    assert [entry["oid"] for entry in json.loads(data)] == [line[0] for line in lines]
    assert {entry["site"] for entry in json.loads(data)} == {True, False}
