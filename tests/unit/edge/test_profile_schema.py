import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edge.counter_names import COUNTER_NAMES
from edge.oids import parse_oid
from edge.profile_schema import (
    JOB_LISTS,
    Claim,
    CounterSource,
    CounterTable,
    LabelledCounter,
    Profile,
    Source,
    lists_jobs,
)
from edge.profiles import load_profiles
from tests.support.recordings import ACME, CONFIRMED, UNCONFIRMED, acme_profile, counter_of, table_of

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "profiles.md").read_text("utf-8")


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
        ({"counters": [counter_of("scan_count", "5.1", parse="text")]}, "parse: must be counter"),
        ({"counters": [counter_of("scan_count", "5.1", parse="brother_record")]}, "record: goes with"),
        ({"counters": [counter_of("scan_count", "5.1", record=3)]}, "record: goes with"),
        (
            {"counters": [counter_of("scan_count", "5", parse="brother_record", record=3, add=[f"{ACME}.6"])]},
            "add: goes with",
        ),
        ({"counters": [counter_of("acme.c", f"5.{number}") for number in range(13)]}, "at most 12"),
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
    models = (Profile, Source, CounterSource, LabelledCounter, CounterTable, Claim)
    keys = {key for model in models for key in model.model_fields}

    assert [key for key in sorted(keys | set(COUNTER_NAMES)) if f"`{key}`" not in DOCUMENT] == []


def test_the_documented_example_is_a_profile() -> None:
    example = json.loads(DOCUMENT.split("```json\n")[1].split("```")[0])

    assert Profile.model_validate(example).manufacturer == "Acme"


def test_the_files_of_the_package_stay_readable_for_people() -> None:
    folder = files("edge") / "profiles"
    texts = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir()}

    assert [name for name, text in texts.items() if max(map(len, text.splitlines())) > 160] == []
