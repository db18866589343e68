import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.profiles.file import MAX_PROFILE_BYTES, ProfileError, load_profile, profile_in
from tests.support.recordings import ACME, acme, counter_of

MERGES = [f"b{n + 1}: &b{n + 1} {{<<: [{', '.join([f'*b{n}'] * 9)}]}}" for n in range(7)]


def problems(folder: Path, content: str | bytes) -> list[str]:
    file = folder / "acme.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ProfileError) as refused:
        load_profile(file)
    return refused.value.problems


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"serial": []}, "serial: there is no such key"),
        ({"object_id": []}, "object_id: there is no such key; did you mean 'object_ids'?"),
        ({"model": [{"oid": f"{ACME}.1"}]}, "model[0].claim: is missing"),
        ({"counters": [counter_of("pages", "5")]}, "counters[0]: name: 'pages' is not in the dictionary"),
        ({"serial_pattern": "("}, "serial_pattern: '(' is no regular expression"),
        ({"serial_pattern": "((a|aa))+$"}, "serial_pattern: '((a|aa))+$' repeats a group"),
        ({"serial_pattern": "(a?a?)*$"}, "serial_pattern: '(a?a?)*$' repeats a group"),
        ({"serial_pattern": "((?:a+))+$"}, "serial_pattern: '((?:a+))+$' repeats a group"),
        ({"serial_pattern": "(" + ".*x" * 9 + ")"}, "serial_pattern: '(" + ".*x" * 9 + ")' repeats more than"),
        ({"manufacturer": 5}, "manufacturer: Input should be a valid string"),
    ],
)
def test_each_problem_names_its_file_and_its_key(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    [found] = problems(tmp_path, yaml.safe_dump(acme(**changes)))

    assert found.startswith(f"{tmp_path / 'acme.yaml'}: {problem}")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "acme.yaml:2:1: is not YAML"),
        ("a: 1\nb: [", "acme.yaml:3:1: is not YAML"),
        ("manufacturer: Acme\nmanufacturer: Ajax\n", "acme.yaml:2:1: is not YAML: the key 'manufacturer' comes twice"),
        ("manufacturer: !!python/object/apply:os.system ['true']", "is not YAML: could not determine a constructor"),
        ("a: *nowhere", "is not YAML: found undefined alias"),
        ("[" * 100_000, "nested too deeply"),
        ("b0: &b0 {k: 1}\n" + "\n".join(MERGES), "more than 256 keys"),
        ("5", "the profile: "),
        ("", "the profile: "),
        (b"\xff\xfe", "is not UTF-8 text"),
        ("#" * (MAX_PROFILE_BYTES + 1), "is it a profile?"),
    ],
)
def test_what_is_no_profile_at_all_is_said_to_be_none(tmp_path: Path, content: str | bytes, problem: str) -> None:
    assert problem in problems(tmp_path, content)[0]


def test_aliases_of_aliases_cost_nothing() -> None:
    bomb = "\n".join(
        [
            "a: &a [x,x,x,x,x,x,x,x,x]",
            *(
                f"{b}: &{b} [{','.join(f'*{a}' for _ in range(9))}]"
                for a, b in zip("abcdefghi", "bcdefghij", strict=True)
            ),
        ]
    )

    with pytest.raises(ProfileError):
        profile_in(f"{bomb}\nmanufacturer: Acme\nmodel: *j\n".encode(), "bomb.yaml")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, json.dumps(acme(colour=1, model=[{}])))) == 3


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"acme\.yaml: cannot be read: No such file"):
        load_profile(tmp_path / "acme.yaml")


def test_a_claim_may_be_written_once_and_meant_often() -> None:
    text = f"""
manufacturer: Acme
model: [{{oid: {ACME}.1.0, claim: &mib {{source: ACME-MIB, confirmed: no, makers_own: yes}}}}]
counters:
  - {{name: scan_count, oid: {ACME}.2.0, parse: number, claim: *mib}}
  - {{name: acme.c, oid: {ACME}.3.0, parse: number, claim: {{<<: *mib, source: a forum, makers_own: false}}}}
"""

    profile = profile_in(text.encode(), "acme.yaml")

    assert [counter.claim.source for counter in profile.counters] == ["ACME-MIB", "a forum"]
    assert [counter.claim.trusted for counter in profile.counters] == [True, False]
