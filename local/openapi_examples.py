"""An example for every body of an OpenAPI document, made from its schema and the sample values."""

from http import HTTPStatus
from typing import Any, Final

from local.openapi_problems import PROBLEMS
from local.openapi_samples import MOMENT, OF_MODEL, SAMPLES
from shared.errors import FieldError
from shared.problems import PROBLEM_JSON, problem
from shared.scopes import REQUIRED_SCOPE

JSON: Final = "application/json"

Schema = dict[str, Any]


def add_examples(operation: Schema, schemas: Schema) -> None:
    """Give each JSON body of an operation an example; one that it has already stays.

    Args:
        operation: An operation of an OpenAPI document, which names its scope or None; it is changed.
        schemas: The document's schemas by name.

    Raises:
        ValueError: A field has neither an example of its own nor a sample value.
    """
    bodies = [operation["requestBody"]] if "requestBody" in operation else []
    for body in [*bodies, *operation["responses"].values()]:
        content = body.get("content", {}).get(JSON)
        if content is not None and "example" not in content:
            content["example"] = example_of(content["schema"], schemas)
    for status, response in operation["responses"].items():
        if PROBLEM_JSON in response.get("content", {}):
            response["content"][PROBLEM_JSON]["example"] = _problem(HTTPStatus(int(status)), operation[REQUIRED_SCOPE])


def example_of(schema: Schema, schemas: Schema, model: str = "", name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """A value of the schema: its own example, else a sample of the field's name, else made of its parts.

    Raises:
        ValueError: There is none of these.
    """
    if f"{model}.{name}" in OF_MODEL:
        return OF_MODEL[f"{model}.{name}"]
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        model = schema["$ref"].rsplit("/", 1)[-1]
        return example_of(schemas[model], schemas, model, name if "enum" in schemas[model] else "")
    if "anyOf" in schema:
        return _of_alternatives(schema["anyOf"], schemas, model, name)
    if "properties" in schema:
        return {each: example_of(part, schemas, model, each) for each, part in schema["properties"].items()}
    return _of_simple(schema, schemas, model, name)


def _of_alternatives(alternatives: list[Schema], schemas: Schema, model: str, name: str) -> Any:  # noqa: ANN401 - any JSON
    nullable = {"type": "null"} in alternatives
    if nullable and name in SAMPLES and SAMPLES[name] is None:
        return None
    return example_of(next(each for each in alternatives if each != {"type": "null"}), schemas, model, name)


def _of_simple(schema: Schema, schemas: Schema, model: str, name: str) -> Any:  # noqa: ANN401, PLR0911 - any JSON
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if name in SAMPLES and isinstance(SAMPLES[name], _PYTHON_TYPES[schema["type"]]):
        return SAMPLES[name]
    if schema.get("format") == "date-time":
        return MOMENT
    if schema.get("format") == "date":
        return MOMENT[:10]
    if schema["type"] == "array":
        return [example_of(schema["items"], schemas, model, name)]
    if "default" in schema:
        return schema["default"]
    raise ValueError(f"no example of '{name}' of {model or 'a body'}: give the field one, or local.openapi_samples")


_PYTHON_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "string": str,
}


def _problem(status: HTTPStatus, scope: str | None) -> Schema:
    code, detail, pointer, wrong = PROBLEMS[status]
    if status is HTTPStatus.FORBIDDEN and scope is not None:
        code, detail = "scope_missing", f"This key lacks the scope '{scope}'."
    return problem(status, code, detail, (FieldError(pointer, wrong),) if pointer else ())
