"""Each acceptance test of the rules on contacts, agents, meters and levels is named by a test that proves it."""

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parents[1]
ACCEPTED: Final = {
    "AT-AGT-01": "an agent with one pending printer: not deleted, and the count of one is shown",
    "AT-AGT-02": "an include address removed: its managed printer is listed, noncommunicating, managed",
    "AT-CTC-01": "301 rows: the file is refused",
    "AT-CTC-02": "the country code +1: row, column and reason; the other rows are imported",
    "AT-CTC-03": "canceled after row 120 of 200: 120 imported, 121 to 200 not, Import canceled",
    "AT-CTC-04": "two columns of the header swapped: the file is refused",
    "AT-CTC-05": "bytes of Windows-1252: the file is refused as not UTF-8",
    "AT-CTC-06": "an assigned contact: not deleted",
    "AT-MTR-03": "999,850 then 320 of 10^6: 470",
    "AT-MTR-04": "84,210 then 12 without an event: held",
    "AT-MTR-05": "95,210 to 98,440, then 105 to 1,905 of another: 5,030",
    "AT-TEL-01": "class 3, unit 13, 1150 of 4600: 25.0 %",
    "AT-TEL-02": "class 4, unit 7, 3000 of 30000: 10 % of its space left, 90 % full",
    "AT-TEL-03": "unit percent without a capacity, 37: 37 %",
    "AT-TEL-04": "unit impressions without a capacity, 37: numeric_no_capacity",
    "AT-TEL-05": "-3: some, not 50 %",
    "AT-TEL-06": "-2: unknown",
    "AT-TEL-07": "-1: not_metered, not 0 %",
    "AT-TEL-08": "154 of 100: 100 %, capacity_stale",
    "AT-TEL-09": "error octets 24 00: lowToner and jammed",
    "AT-TEL-10": "error octet 01: serviceRequested",
    "AT-TEL-11": "sub-unit status 19: unavailable-broken and critical alerts",
}
"""What has to hold, by its name. AT-MTR-01, 02 and 06 are estimates, credits and cycles: of bills, not of meters."""
_NAME: Final = re.compile(r"\bAT[-_]([A-Z]{3})[-_](\d{2})\b")


def named() -> dict[str, list[str]]:
    """The tests that name an acceptance test in their own name, docstring or case ids."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for family, number in _NAME.findall(_words_of(node)):
                    found[f"AT-{family}-{number}"].append(f"{path.relative_to(TESTS)}::{node.name}")
    return dict(found)


def _words_of(test: ast.FunctionDef) -> str:
    cases = [each for decorator in test.decorator_list for each in ast.walk(decorator)]
    ids = [each.value for each in cases if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    # An underscore is a letter to a pattern's word boundary.
    own = re.sub(r"_at_([a-z]{3})_(\d\d)", lambda part: f" AT-{part[1].upper()}-{part[2]} ", test.name)
    return "\n".join([own, ast.get_docstring(test) or "", *ids])


NAMED: Final = named()


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_acceptance_test_is_named_by_a_test(name: str) -> None:
    assert NAMED.get(name), f"no test says that it proves {name}: {ACCEPTED[name]}"


def test_no_test_names_one_of_these_that_is_not_there() -> None:
    families = {name.rpartition("-")[0] for name in ACCEPTED}

    assert {name for name in NAMED if name.rpartition("-")[0] in families} == set(ACCEPTED)
