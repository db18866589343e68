import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from edge.profiles.counter_names import COUNTER_NAMES
from edge.profiles.file import MODELS, profile_in
from edge.profiles.makers import load_profiles
from edge.profiles.schema import MAX_PROFILE_OIDS
from edge.profiles.supplies import Source
from edge.profiles.terms import JOB_LISTS, lists_jobs
from edge.snmp.oids import parse_oid
from tests.support.recordings import ACME, CONFIRMED, UNCONFIRMED, acme_profile, counter_of, supply_of, table_of

SCHEMAS = Path(__file__).resolve().parents[4] / "docs" / "schemas"
DOCUMENT = (Path(__file__).resolve().parents[4] / "docs" / "profiles.md").read_text("utf-8")


def supply_table(**changes: object) -> dict[str, Any]:
    columns = {"colorant_column": f"{ACME}.8.1", "level_column": f"{ACME}.8.2"}
    return {"part": "toner", "types": ["toner"], "claim": CONFIRMED} | columns | changes


def two_columns(label: str) -> dict[str, Any]:
    counter = {"name": "acme.c", "labels": [label], "claim": CONFIRMED}
    return table_of(counter) | {"label_columns": [f"{ACME}.9.4", f"{ACME}.9.5"]}


def refusal(**changes: object) -> str:
    with pytest.raises(ValidationError) as refused:
        acme_profile(**changes)
    return str(refused.value)


def test_a_profile_names_each_object_once() -> None:
    profile = acme_profile(
        counters=[counter_of("mono_impressions", "5.1", add=[f"{ACME}.5.2"]), counter_of("fax_impressions", "5.2")],
        counter_tables=[table_of({"name": "scan_count", "labels": ["Scans"], "claim": CONFIRMED})],
    )

    assert [name[7:] for name in profile.oids()] == [(2, 1, 0), (5, 1), (5, 2)]
    assert [name[7:] for name in profile.columns()] == [(9, 4), (9, 3)]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"model": [{"oid": f"{ACME}.2.1.0"}]}, "claim"),
        ({"model": [{"oid": "1.3.6.1.4.x", "claim": CONFIRMED}]}, "is no object identifier"),
        ({"model": [{"oid": "1.3.6.1.2.1.1.4.0", "claim": CONFIRMED}]}, "is not a private object"),
        ({"identify": "1.3.6.1.4.1.1347.47.6.1.1.4.1"}, "print jobs"),
        ({"descr_model": "ACME (", "claims": {"descr_model": CONFIRMED}}, "no regular expression"),
        ({"descr_model": "ACME", "claims": {"descr_model": CONFIRMED}}, "needs a group"),
        ({"descr_model": "ACME (.*)"}, "claims: says nothing about descr_model"),
        ({"counters": [counter_of("pages", "5.1")]}, "not in the dictionary"),
        ({"counters": [counter_of("scan_count", "5.1", claim=UNCONFIRMED)]}, "'<maker>.scan_count'"),
        ({"counters": [counter_of("scan_count", "5.1", parse="text")]}, "parse: must be number"),
        ({"counters": [counter_of("scan_count", "5.1", parse="record")]}, "record: goes with"),
        ({"counters": [counter_of("scan_count", "5.1", record=3)]}, "record: goes with"),
        (
            {"counters": [counter_of("scan_count", "5", parse="record", record=3, add=[f"{ACME}.6"])]},
            "add: goes with",
        ),
        ({"counters": [counter_of("scan_count", "5", parse="record", record=3)]}, "record_layout: is missing"),
        ({"counters": [counter_of("scan_count", "5", parse="number_in_text")]}, "pattern: goes with"),
        ({"counters": [counter_of("acme.c", f"5.{n}") for n in range(MAX_PROFILE_OIDS)]}, f"most {MAX_PROFILE_OIDS}"),
        ({"counters": [counter_of("acme.c", "5")] * 65}, "at most 64"),
        ({"descr_model": "(a+)+$", "claims": {"descr_model": CONFIRMED}}, "can take forever"),
        ({"identify": "1.3.6.1.4.1.99999"}, "whole subtree"),
        ({"supplies": [supply_of("drum", "percent", "6", parse="text")]}, "parse: must be number or record"),
        ({"supplies": [supply_of("drum", "fraction", "6")]}, "a fraction is in a record"),
        ({"supplies": [supply_of("drum", "percent", "6", types=["drums"])]}, "no supply type of the standard"),
        ({"supply_tables": [supply_table(types=[])]}, "types: either all rows"),
        ({"supply_tables": [supply_table(type_column=f"{ACME}.8.9")]}, "types: either all rows"),
        ({"supply_tables": [supply_table(level_column=None, capacity_column=f"{ACME}.8.9")]}, "needs a level_column"),
        ({"counter_tables": [two_columns("1")]}, "needs 2 parts joined by '/'"),
        ({"counter_tables": [table_of({"name": "pages", "labels": ["P"], "claim": CONFIRMED})]}, "not in the dict"),
        ({"levels": {}}, "Extra inputs"),
    ],
)
def test_what_is_wrong_with_a_profile_is_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    assert complaint in refusal(**changes)


def test_an_unconfirmed_counter_may_have_a_name_of_its_makers_or_of_the_makers_own_mib() -> None:
    own = {**UNCONFIRMED, "makers_own": True}
    counters = [counter_of("acme.scan_count", "5.1", claim=UNCONFIRMED), counter_of("scan_count", "5.2", claim=own)]

    assert [counter.name for counter in acme_profile(counters=counters).counters] == ["acme.scan_count", "scan_count"]


@pytest.mark.parametrize("jobs", JOB_LISTS)
def test_a_subtree_lists_jobs_when_it_lies_in_a_list_or_holds_one(jobs: tuple[int, ...]) -> None:
    assert lists_jobs(jobs)
    assert lists_jobs((*jobs, 1, 1, 4, 9))
    assert lists_jobs(jobs[:-1])
    assert not lists_jobs((*jobs[:-1], jobs[-1] + 1))


def test_no_profile_of_the_package_reaches_into_a_list_of_jobs() -> None:
    for profile in load_profiles():
        assert not any(map(lists_jobs, (*profile.oids(), *profile.columns())))


def test_a_source_needs_no_more_than_its_object_and_its_claim() -> None:
    source = Source.model_validate({"oid": f"{ACME}.1.0", "claim": CONFIRMED})

    assert (source.oid, source.parse) == (parse_oid(f"{ACME}.1.0"), "text")


def test_every_key_and_every_counters_name_is_documented() -> None:
    keys = {key for model in MODELS for key in model.model_fields}

    assert [key for key in sorted(keys | set(COUNTER_NAMES)) if f"`{key}`" not in DOCUMENT] == []


def test_the_documented_example_is_a_profile() -> None:
    example = DOCUMENT.split("```yaml\n")[1].split("```")[0]

    assert profile_in(example.encode(), "acme.yaml").manufacturer == "Acme"


def test_the_files_of_the_package_stay_readable_for_people() -> None:
    folder = files("edge") / "profiles" / "makers"
    texts = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir()}

    assert [name for name, text in texts.items() if max(map(len, text.splitlines())) > 160] == []


def test_every_profile_of_the_package_fits_the_published_schema() -> None:
    published = json.loads((SCHEMAS / "printer-profile.v1.json").read_text("utf-8"))
    folder = files("edge") / "profiles" / "makers"
    contents = {entry.name: yaml.safe_load(entry.read_text("utf-8")) for entry in folder.iterdir()}

    validator = jsonschema.Draft202012Validator(published)
    wrong = {name for name, content in contents.items() if list(validator.iter_errors(json.loads(json.dumps(content))))}

    assert (len(contents) >= 20, wrong) == (True, set())
    assert not validator.is_valid({"manufacturer": "Acme", "colour": 1})
