import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from edge.cli.main import app
from edge.profiles.makers import brand_of, in_place, load_profiles
from edge.profiles.schema import Profile
from edge.recordings.profile_check import unconfirmed, yielded
from edge.recordings.recording import recording_text
from edge.snmp.oids import dotted
from shared.wire.reading import MissingReason
from tests.support.edge import NOON
from tests.support.recordings import ACME, UNCONFIRMED, acme, acme_profile, counter_of, rows_with

WALK: dict[str, int | str | bytes] = {
    "1.3.6.1.2.1.1.1.0": "ACME Printer",
    "1.3.6.1.2.1.1.2.0": "",
    f"{ACME}.2.1.0": "ACME Fast 500",
    "1.3.6.1.2.1.43.5.1.1.17.1": "A-77",
    "1.3.6.1.2.1.43.10.2.1.4.1.1": 100,
    f"{ACME}.5.1": 60,
    f"{ACME}.5.2": 40,
}
COUNTERS = [counter_of("mono_impressions", "5.1"), counter_of("color_impressions", "5.2"), counter_of("acme.c", "5.3")]


def check(folder: Path, profile: dict[str, Any], walk: dict[str, int | str | bytes] | None, *more: str) -> Result:
    file = folder / "acme.yaml"
    file.write_text(json.dumps(profile))
    arguments = ["profile", "check", str(file), *more]
    if walk is not None:
        recording = folder / "walk.snmprec"
        recording.write_text(recording_text(rows_with(walk)))
        arguments += ["--walk", str(recording)]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200", "TERMINAL_WIDTH": "200", "NO_COLOR": "1"})


def test_a_new_makers_profile_is_recognised_and_read_without_being_in_the_package() -> None:
    result = yielded(acme_profile(counters=COUNTERS), rows_with(WALK), now=NOON)

    assert result.recognised
    assert (result.reading.identity.manufacturer, result.reading.identity.model) == ("Acme", "Fast 500")
    assert result.reading.identity.serial_number == "A-77"
    assert [dotted(name) for name in result.unanswered] == [f"{ACME}.5.3"]
    assert result.sums == ("mono_impressions + color_impressions = 100, which is life_count (100)",)


def test_a_sum_that_does_not_add_up_is_told() -> None:
    result = yielded(acme_profile(counters=COUNTERS), rows_with(WALK | {f"{ACME}.5.2": 41}), now=NOON)

    assert result.sums == ("mono_impressions + color_impressions = 101, which is not life_count (100)",)


def test_a_profile_stands_in_only_while_it_is_tried() -> None:
    before = load_profiles()
    with in_place(acme_profile(manufacturer="HP")):
        assert [profile.manufacturer for profile in load_profiles()].count("HP") == 1
        assert brand_of("ACME Fast") is not None

    assert load_profiles() == before
    assert brand_of("ACME Fast") is None


def test_unconfirmed_claims_are_listed() -> None:
    profile = acme_profile(
        counters=[counter_of("acme.c", "5.3", claim=UNCONFIRMED)],
        serial_pattern="(A.*)",
        claims={"serial_pattern": UNCONFIRMED},
    )

    assert unconfirmed(profile) == ["counters: acme.c", "serial_pattern"]


def test_the_command_shows_what_a_profile_yields(tmp_path: Path) -> None:
    result = check(tmp_path, acme(counters=COUNTERS), WALK)

    assert result.exit_code == 0
    for shown in ("Fast 500", "A-77", "mono impressions", f"not in the recording: {ACME}.5.3", "asks for 4 objects"):
        assert shown in result.output


def test_the_command_tells_programs_the_same(tmp_path: Path) -> None:
    result = check(tmp_path, acme(counters=COUNTERS), WALK, "--json")

    found = json.loads(result.stdout)
    assert (found["recognised"], found["reading"]["identity"]["model"]) == (True, "Fast 500")
    assert found["unanswered"] == [f"{ACME}.5.3"]


def test_the_command_needs_no_recording_to_check_the_form(tmp_path: Path) -> None:
    result = check(tmp_path, acme(), None)

    assert result.exit_code == 0
    assert "well formed" in result.output


def test_a_recording_that_the_profile_does_not_recognise_is_a_failure(tmp_path: Path) -> None:
    result = check(tmp_path, acme(), WALK | {"1.3.6.1.2.1.1.1.0": "Lexmark MX711 version 1"})

    assert result.exit_code == 1
    assert "this recording is taken for Lexmark's, not Acme's" in result.output


def test_a_recording_without_a_model_is_a_failure(tmp_path: Path) -> None:
    walk = {name: value for name, value in WALK.items() if name != f"{ACME}.2.1.0"}
    result = check(tmp_path, acme(), walk)

    assert result.exit_code == 1
    assert "gives no model" in result.output


def test_a_wrong_profile_or_recording_is_misuse(tmp_path: Path) -> None:
    wrong = check(tmp_path, acme(colour=1), None)
    (tmp_path / "bad.snmprec").write_text("1.3\n")
    (tmp_path / "good.yaml").write_text(json.dumps(acme()))
    torn = CliRunner().invoke(
        app, ["profile", "check", str(tmp_path / "good.yaml"), "--walk", str(tmp_path / "bad.snmprec")]
    )

    assert (wrong.exit_code, torn.exit_code) == (2, 2)
    assert "acme.yaml: colour: there is no such key" in wrong.output
    assert "bad.snmprec:1:" in torn.output


@pytest.mark.parametrize("profile", load_profiles(), ids=lambda profile: profile.manufacturer)
def test_what_a_recording_does_not_have_is_invented_by_no_profile(profile: Profile) -> None:
    result = yielded(profile, rows_with({"1.3.6.1.2.1.1.1.0": "?"}), now=NOON)

    assert (result.reading.counters, result.reading.identity.serial_number) == (None, None)
    assert result.unanswered == (*profile.oids(), *profile.columns())


def test_what_recordings_leave_out_counts_as_hidden_not_as_unsupported() -> None:
    left_out = yielded(acme_profile(counters=COUNTERS), rows_with(WALK), now=NOON).reading
    empty = yielded(acme_profile(counters=COUNTERS), rows_with(WALK | {"1.3.6.1.2.1.1.6.0": ""}), now=NOON).reading

    assert left_out.missing["location"] is left_out.missing["host_name"] is MissingReason.HIDDEN
    assert empty.missing.get("location") is not MissingReason.HIDDEN
