"""Writes ``docs/openapi/agent.json`` and ``partner.json`` from the code of the APIs: ``python -m local.openapi``.

Each function's resolver describes its own routes; here they are put together, and what no single route can know is
added: credentials, servers, idempotency, and the body of an upload, which its route reads by itself.
"""

import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.openapi_bodies import SCHEMAS, Document, contact_file_body, upload_body
from local.openapi_examples import add_examples
from shared.http import IDEMPOTENCY_HEADER
from shared.idempotency import KEEP_SECONDS, MAX_KEY_LENGTH
from shared.names import API_KEY_HEADER, PRODUCT
from shared.problems import PROBLEM_JSON
from shared.scopes import REQUIRED_SCOPE

FOLDER: Final = Path(__file__).parents[1] / "docs" / "openapi"
VERSION: Final = "1"
_OF_POWERTOOLS: Final = ("HTTPValidationError", "ValidationError", "ResponseValidationError")
_OF_SCHEMAS: Final = {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"}
_WITH_EXAMPLES: Final = {"example", "examples", "default"}
_METHODS: Final = ("get", "put", "post", "delete", "patch")
_DAYS_KEPT: Final = KEEP_SECONDS // 86_400


@dataclass(frozen=True, slots=True)
class Api:
    """One API: the modules whose ``app`` serve it, and how its callers show who they are."""

    file_name: str
    title: str
    description: str
    modules: tuple[str, ...]
    scheme_name: str
    scheme: Document
    open_paths: tuple[str, ...] = ()


AGENT: Final = Api(
    file_name="agent.json",
    title=f"{PRODUCT} agent API",
    description=(
        "What the agent at a customer's site calls. No operation asks for a scope: the token is good for its own agent "
        "and for nothing else. Errors are RFC 9457 problem documents."
    ),
    modules=("functions.ingest.activation_api", "functions.ingest.upload_api"),
    scheme_name="agentToken",
    scheme={
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "ES256, signed by the agent's own key; at most 60 minutes from `iat` to `exp`.",
    },
    open_paths=("/v1/activations",),
)
PARTNER: Final = Api(
    file_name="partner.json",
    title=f"{PRODUCT} partner API",
    description=(
        "What print dealers' systems call. Each operation names the scope it asks of the key (`x-required-scope`). "
        "Errors are RFC 9457 problem documents; lists page with an opaque cursor; "
        "a thing of another tenant is answered exactly as a missing one."
    ),
    modules=(
        "functions.accounts.accounts_api",
        "functions.ingest.fleet_api",
        "functions.eligibility.eligibility_api",
        "functions.orders.orders_api",
        "functions.orders.fulfilment_api",
        "functions.tickets.tickets_api",
        "functions.webhooks.webhooks_api",
    ),
    scheme_name="partnerKey",
    scheme={"type": "apiKey", "in": "header", "name": API_KEY_HEADER, "description": "A partner key with scopes."},
)


def document(api: Api) -> Document:
    """The OpenAPI 3.1 document of an API.

    Raises:
        ValueError: Two functions serve the same path, or two operations have one id.
    """
    paths: Document = {}
    schemas: Document = {}
    for module in api.modules:
        part = _described(module)
        _rename_clashes(part, schemas, module)
        if taken := paths.keys() & part["paths"].keys():
            raise ValueError(f"{module} serves paths that another function serves: {sorted(taken)}")
        paths |= part["paths"]
        schemas |= part["components"]["schemas"]
    if "/v1/uploads" in paths:
        paths["/v1/uploads"]["post"]["requestBody"] = upload_body(schemas)
    if "/v1/contact-imports" in paths:
        paths["/v1/contact-imports"]["post"]["requestBody"] = contact_file_body()
    for path, method, operation in _operations(paths):
        _complete(operation, method, is_open=path in api.open_paths)
        _name_scope(operation, api.scheme_name)
        add_examples(operation, schemas)
    _check_ids(paths)
    kept = {name: schema for name, schema in sorted(schemas.items()) if name not in _OF_POWERTOOLS}
    _drop_titles([paths, kept])
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "version": VERSION, "description": api.description},
        "servers": [{"url": "https://{host}", "variables": {"host": {"default": "api.example.com"}}}],
        "security": [{api.scheme_name: []}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": kept, "securitySchemes": {api.scheme_name: api.scheme}},
    }


def files() -> dict[Path, str]:
    """Every generated file and what belongs in it."""
    return {
        FOLDER / api.file_name: json.dumps(document(api), indent=2, ensure_ascii=False) + "\n"
        for api in (AGENT, PARTNER)
    }


def main() -> None:
    """Write the files. Safe to repeat: the same code gives the same files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


def _described(module: str) -> Document:
    app = importlib.import_module(module).app
    described: Document = json.loads(app.get_openapi_json_schema(title=PRODUCT, version=VERSION))
    return described


def _rename_clashes(part: Document, schemas: Document, module: str) -> None:
    """Give a schema that another context defines differently its own context's name in front."""
    context = module.split(".")[1].capitalize()
    own = part["components"]["schemas"]
    for name in [name for name in own if name in schemas and schemas[name] != own[name]]:
        new_name = f"{context}{name}"
        own[new_name] = own.pop(name)
        _replace_refs(part, SCHEMAS + name, SCHEMAS + new_name)


def _replace_refs(node: Any, old: str, new: str) -> None:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref" and value == old:
                node[name] = new
            else:
                _replace_refs(value, old, new)
    elif isinstance(node, list):
        for value in node:
            _replace_refs(value, old, new)


def _drop_titles(node: Any) -> None:  # noqa: ANN401 - any JSON
    """Leave out what pydantic calls each field: generators of clients make classes of it, and two fields one name."""
    if isinstance(node, dict):
        if isinstance(node.get("title"), str) and node.keys() & _OF_SCHEMAS:
            del node["title"]
        for name, value in node.items():
            if name not in _WITH_EXAMPLES:
                _drop_titles(value)
    elif isinstance(node, list):
        for value in node:
            _drop_titles(value)


def _operations(paths: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in paths.items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _complete(operation: Document, method: str, *, is_open: bool) -> None:
    operation["operationId"] = re.sub(r"_v1_.*$", "", operation["operationId"])
    problem = {PROBLEM_JSON: {"schema": {"$ref": f"{SCHEMAS}Problem"}}}
    responses = operation["responses"]
    responses["500"] = {"description": "Something failed on our side", "content": problem}
    responses.setdefault("503", {"description": "Busy for the moment: try again", "content": problem})
    if "requestBody" in operation:
        responses.setdefault("413", {"description": "More than the documented bound", "content": problem})
    responses.get("204", {}).pop("content", None)
    for parameter in operation.get("parameters", []):
        parameter.setdefault("description", _id_of_what(parameter["name"]))
    for status in responses.keys() & {"201", "202"}:
        responses[status]["headers"] = {"Location": {"description": "Where it is", "schema": {"type": "string"}}}
        if method == "post":
            operation["parameters"] = [*operation.get("parameters", []), _IDEMPOTENCY]
    if "412" in responses:
        # Names of headers have no case: a route that declares it itself has it once all the same.
        others = [each for each in operation.get("parameters", []) if each["name"].lower() != "if-match"]
        operation["parameters"] = [*others, _IF_MATCH if "428" in responses else _IF_MATCH_OR_NOT]
    if "304" in responses:
        responses["200"]["headers"] = {"ETag": {"description": "For If-None-Match", "schema": {"type": "string"}}}
    operation["responses"] = dict(sorted(responses.items()))
    if is_open:
        operation["security"] = []


def _name_scope(operation: Document, scheme_name: str) -> None:
    """Show the scope where OpenAPI 3.1 has it, and in words at the refusal; None is none, as for every agent."""
    scope = operation.setdefault(REQUIRED_SCOPE, None)
    if scope is not None:
        operation["security"] = [{scheme_name: [scope]}]
        forbidden = operation["responses"]["403"]
        forbidden["description"] = f"The key lacks `{scope}`, or another right: `code` says which"


def _id_of_what(parameter: str) -> str:
    noun = parameter.removesuffix("_id").replace("_", " ").replace("organization", "organisation")
    return f"Id of the {noun}"


_IDEMPOTENCY: Final[Document] = {
    "name": "-".join(part.capitalize() for part in IDEMPOTENCY_HEADER.split("-")),
    "in": "header",
    "required": False,
    "description": (
        f"The same key and body are answered once and then replayed for {_DAYS_KEPT} days; where the answer held a "
        "secret, the repetition is refused instead."
    ),
    "schema": {"type": "string", "maxLength": MAX_KEY_LENGTH},
    "example": "order-4711-attempt-1",
}


_IF_MATCH: Final[Document] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the last GET: 428 without it, 412 when it is not the present one any more.",
    "schema": {"type": "string"},
    "example": '"3"',
}


_IF_MATCH_OR_NOT: Final[Document] = _IF_MATCH | {
    "description": "The ETag of what was seen: 412 when it is not the present one. Without it the last writer wins.",
}


def _check_ids(paths: Document) -> None:
    ids = [operation["operationId"] for _, _, operation in _operations(paths)]
    if repeated := sorted({each for each in ids if ids.count(each) > 1}):
        raise ValueError(f"operation ids are used twice: {repeated}")


if __name__ == "__main__":
    main()
