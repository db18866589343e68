"""The published OpenAPI documents are what the code serves, and say all that a caller needs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from local import openapi
from shared.names import PARTNER_API_PREFIXES

METHODS = {"get", "put", "post", "delete", "patch"}
GENERATED = openapi.files()
DOCUMENTS = {path.name: json.loads(text) for path, text in GENERATED.items()}


def operations() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for name, document in DOCUMENTS.items():
        for path, item in document["paths"].items():
            for method in sorted(METHODS & item.keys()):
                yield name, path, method, item[method]


ALL = [pytest.param(*each, id=f"{each[0]} {each[2]} {each[1]}") for each in operations()]


@pytest.mark.parametrize("path", sorted(GENERATED), ids=lambda path: path.name)
def test_the_published_documents_are_what_the_code_serves(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == GENERATED[path], "run 'make docs'"


@pytest.mark.parametrize(("name", "path", "method", "operation"), ALL)
def test_every_operation_says_what_it_does_and_how_it_fails(
    name: str, path: str, method: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert any(status.startswith("2") for status in operation["responses"])
    for status, response in operation["responses"].items():
        if status >= "400":
            content = response["content"]
            assert set(content) == {"application/problem+json"}, (name, path, method, status)
            assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


@pytest.mark.parametrize(("name", "path", "method", "operation"), ALL)
def test_every_json_body_has_an_example_that_fits_its_schema(
    name: str, path: str, method: str, operation: dict[str, Any]
) -> None:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    contents = [
        content for body in bodies for media, content in body.get("content", {}).items() if media.endswith("json")
    ]

    assert contents, (name, path, method)
    for content in contents:
        schema = content["schema"] | {"components": DOCUMENTS[name]["components"]}
        Draft202012Validator(schema).validate(content["example"])


@pytest.mark.parametrize(("name", "path", "method", "operation"), ALL)
def test_every_parameter_is_described(name: str, path: str, method: str, operation: dict[str, Any]) -> None:
    undescribed = [each["name"] for each in operation.get("parameters", []) if not each.get("description")]

    assert undescribed == [], (name, path, method)


@pytest.mark.parametrize(("name", "path", "method", "operation"), ALL)
def test_every_list_pages(name: str, path: str, method: str, operation: dict[str, Any]) -> None:
    success = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = DOCUMENTS[name]["components"]["schemas"].get(success.get("$ref", "").rsplit("/", 1)[-1], {})
    if method != "get" or "items" not in schema.get("properties", {}):
        return
    parameters = {parameter["name"] for parameter in operation["parameters"]}
    assert {"limit", "cursor"} <= parameters, (path, method)
    assert "next_cursor" in schema["properties"]


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_reference_leads_somewhere(name: str) -> None:
    document = DOCUMENTS[name]

    missing = {ref for ref in references(document) if ref.rsplit("/", 1)[-1] not in document["components"]["schemas"]}

    assert missing == set()


def references(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_each_path_of_the_partner_api_belongs_to_a_function() -> None:
    prefixes = {prefix for group in PARTNER_API_PREFIXES.values() for prefix in group}
    served = {path.split("/")[2] for path in DOCUMENTS["partner.json"]["paths"]}

    assert served <= prefixes
    assert {"activation-codes", "agents", "printers", "meters"} <= served


def test_only_activation_needs_no_credential() -> None:
    without = [(name, path) for name, path, _, operation in operations() if operation.get("security") == []]

    assert without == [("agent.json", "/v1/activations")]
    assert all(document["security"] for document in DOCUMENTS.values())
