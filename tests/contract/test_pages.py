"""The pages of ``docs/``: each operation that they name is one of the two documents."""

import json
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted([*REPOSITORY.glob("docs/*.md"), REPOSITORY / "README.md", REPOSITORY / "edge" / "README.md"])
OPERATION = re.compile(r"/v1(?:/(?:\{[^}]*\}|[A-Za-z0-9_$.-]+))+")
PLACE_HOLDER = re.compile(r"\{[^}]*\}|\$[A-Za-z_]+|(?<=/)\d[0-9A-Za-z_.-]*")


DOCUMENTS = {
    name: json.loads((REPOSITORY / f"docs/openapi/{name}.json").read_text(encoding="utf-8"))
    for name in ("agent", "partner")
}
PATHS = {PLACE_HOLDER.sub("{}", path) for document in DOCUMENTS.values() for path in document["paths"]}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_each_operation_that_a_page_names_is_there(page: Path) -> None:
    named = {each.rstrip(".-") for each in OPERATION.findall(page.read_text(encoding="utf-8"))}

    unknown = {each for each in named if PLACE_HOLDER.sub("{}", each) not in PATHS}

    assert unknown == set()


@pytest.mark.parametrize("name", ["agent", "partner"])
def test_no_operation_has_one_parameter_twice(name: str) -> None:
    # Names of headers have no case (RFC 9110, 5.1).
    twice = {
        (operation["operationId"], each["name"])
        for operations in DOCUMENTS[name]["paths"].values()
        for operation in operations.values()
        for each in operation.get("parameters", [])
        if [other["name"].lower() for other in operation["parameters"]].count(each["name"].lower()) > 1
    }

    assert twice == set()
