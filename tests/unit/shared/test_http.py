"""The partner API's resolver: problems for bad input, one answer for one Idempotency-Key. On moto."""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws
from pydantic import field_validator

from shared import http
from shared.errors import Conflict, NotFound
from shared.http import ApiModel, Limit, caller_of, created, is_at, partner_api, serve
from shared.scopes import needs

AUTHORIZER = {
    "tenant_id": "org_a",
    "organization_id": "org_a",
    "organization_path": "/org_a/",
    "key_id": "key_1",
    "scopes": "x",
}


class Thing(ApiModel):
    name: str
    copies: int = 1

    @field_validator("name")
    @classmethod
    def _is_allowed(cls, name: str) -> str:
        if name == "forbidden":
            raise ValueError("give it another name")
        return name


class Context(LambdaContext):
    def __init__(self) -> None:
        self._function_name = "things"
        self._aws_request_id = "request"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 5_000


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A store behind a small API: the names of the things that were made."""
    monkeypatch.setenv("IDEMPOTENCY_TABLE", "idempotency")
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="idempotency",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        yield []


def app_of(made: list[str]) -> APIGatewayRestResolver:
    app = partner_api()

    @app.post("/v1/things", openapi_extensions=needs("x"))
    def make(thing: Thing) -> Response[Any]:
        caller_of(app)
        if thing.name == "taken":
            made.append("refused")
            raise Conflict("taken", "There is one of that name.")
        made.append(thing.name)
        return created({"id": len(made), "name": thing.name}, f"/v1/things/{len(made)}")

    @app.post("/v1/secrets", openapi_extensions=needs("x"))
    def make_secret(thing: Thing) -> Response[Any]:
        if thing.name in made:
            raise Conflict("shown_once", "This request made one already.")
        made.append(thing.name)
        return created({"secret": f"hush-{thing.name}"}, "/v1/secrets/1")

    @app.get("/v1/things", openapi_extensions=needs("x"))
    def find(colour: Annotated[list[str] | None, Query()] = None, limit: Limit = 50) -> dict[str, list[str]]:
        return {"items": sorted(colour or [])[:limit]}

    @app.get("/v1/things/<thing_id>", openapi_extensions=needs("x"))
    def get(thing_id: str) -> dict[str, str]:
        if thing_id == "broken":
            raise RuntimeError("secret detail")
        raise NotFound("thing", thing_id)

    return app


def call(
    made: list[str],
    method: str,
    path: str,
    body: object = None,
    query: Mapping[str, list[str]] | None = None,
    **headers: str,
) -> tuple[int, Any, str]:
    event = {
        "httpMethod": method,
        "path": path,
        "resource": path,
        "headers": {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}},
        "multiValueHeaders": {},
        "queryStringParameters": {name: values[-1] for name, values in (query or {}).items()} or None,
        "multiValueQueryStringParameters": query,
        "requestContext": {"authorizer": AUTHORIZER, "identity": {}, "requestId": "r", "stage": "v", "path": path},
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
    answer = serve(app_of(made), event, Context(), shows_secret=is_at(event, "/v1/secrets"))
    content_type = answer.get("headers", {}).get("Content-Type") or answer["multiValueHeaders"]["Content-Type"][0]
    return answer["statusCode"], json.loads(answer["body"]), content_type


def test_a_repeated_post_with_its_key_makes_one_thing_and_gets_the_same_answer(things: list[str]) -> None:
    first = call(things, "POST", "/v1/things", {"name": "a"}, Idempotency_Key="k1")
    second = call(things, "POST", "/v1/things", {"name": "a"}, Idempotency_Key="k1")

    assert first == second
    assert first[0] == 201
    assert things == ["a"]


def test_without_a_key_each_post_is_a_new_request(things: list[str]) -> None:
    call(things, "POST", "/v1/things", {"name": "a"})
    call(things, "POST", "/v1/things", {"name": "a"})

    assert things == ["a", "a"]


def test_the_same_key_with_another_body_is_refused(things: list[str]) -> None:
    call(things, "POST", "/v1/things", {"name": "a"}, Idempotency_Key="k1")

    status, problem, content_type = call(things, "POST", "/v1/things", {"name": "b"}, Idempotency_Key="k1")

    assert (status, problem["code"], content_type) == (422, "idempotency_key_reused", "application/problem+json")
    assert things == ["a"]


def test_an_answer_with_a_secret_is_not_kept_and_its_key_is_for_one_body_all_the_same(things: list[str]) -> None:
    first = call(things, "POST", "/v1/secrets", {"name": "a"}, Idempotency_Key="k1")
    again = call(things, "POST", "/v1/secrets", {"name": "a"}, Idempotency_Key="k1")
    other = call(things, "POST", "/v1/secrets", {"name": "b"}, Idempotency_Key="k1")

    kept = boto3.client("dynamodb").scan(TableName="idempotency")["Items"]
    assert (first[0], first[1]) == (201, {"secret": "hush-a"})
    assert (again[0], again[1]["code"]) == (409, "shown_once")
    assert (other[0], other[1]["code"]) == (422, "idempotency_key_reused")
    assert things == ["a"]
    assert len(kept) == 1
    assert "hush" not in str(kept)


def test_a_refusal_is_not_replayed(things: list[str]) -> None:
    first = call(things, "POST", "/v1/things", {"name": "taken"}, Idempotency_Key="k1")
    second = call(things, "POST", "/v1/things", {"name": "taken"}, Idempotency_Key="k1")

    assert first[0] == second[0] == 409
    assert things == ["refused", "refused"]


def test_a_key_that_is_too_long_is_refused_by_name(things: list[str]) -> None:
    status, problem, _ = call(things, "POST", "/v1/things", {"name": "a"}, Idempotency_Key="k" * 256)

    assert status == 400
    assert problem["errors"][0]["pointer"] == "header:Idempotency-Key"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "/name"),
        ({"name": "a", "copies": "many"}, 422, "/copies"),
        ({"name": "a", "colour": "red"}, 422, "/colour"),
    ],
)
def test_a_body_that_does_not_fit_names_the_field(things: list[str], body: object, status: int, pointer: str) -> None:
    answered, problem, content_type = call(things, "POST", "/v1/things", body)

    assert (answered, content_type) == (status, "application/problem+json")
    assert pointer in [error["pointer"] for error in problem["errors"]]


def test_a_body_that_is_not_json_is_a_bad_request(things: list[str]) -> None:
    status, problem, _ = call(things, "POST", "/v1/things", "{not json")

    assert status == 400
    assert problem["code"] == "not_json"


def test_a_parameter_that_the_operation_does_not_have_is_refused_by_name(things: list[str]) -> None:
    status, problem, _ = call(things, "GET", "/v1/things", query={"colour": ["red"], "color": ["red"]})

    assert (status, problem["code"]) == (422, "unknown_parameter")
    assert problem["errors"] == [{"pointer": "query:color", "detail": "This operation has colour, limit."}]
    assert call(things, "GET", "/v1/things", query={"colour": ["red", "blue"]})[:2] == (200, {"items": ["blue", "red"]})


def test_a_check_of_ours_is_told_in_its_own_words(things: list[str]) -> None:
    _, problem, _ = call(things, "POST", "/v1/things", {"name": "forbidden"})

    assert problem["errors"] == [{"pointer": "/name", "detail": "give it another name"}]


def test_an_unknown_thing_and_an_unknown_route_are_problems(things: list[str]) -> None:
    missing = call(things, "GET", "/v1/things/thing_x")
    no_route = call(things, "GET", "/v1/nothing")

    assert (missing[0], missing[1]["code"]) == (404, "not_found")
    assert (no_route[0], no_route[1]["code"]) == (404, "no_such_route")


def test_an_unexpected_error_tells_nothing_of_the_inside(things: list[str]) -> None:
    status, problem, content_type = call(things, "GET", "/v1/things/broken")

    assert (status, content_type) == (500, "application/problem+json")
    assert "secret" not in json.dumps(problem)


def test_a_body_nested_beyond_reason_is_a_bad_request(things: list[str]) -> None:
    status, problem, _ = call(things, "POST", "/v1/things", "[" * 20_000)

    assert (status, problem["code"]) == (400, "not_json")


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml"])
def test_a_body_of_another_type_is_a_bad_request_that_names_the_header(things: list[str], content_type: str) -> None:
    status, problem, _ = call(things, "POST", "/v1/things", "name=a", Content_Type=content_type)

    assert (status, problem["code"]) == (400, "unsupported_media_type")
    assert [error["pointer"] for error in problem["errors"]] == ["header:Content-Type"]


def test_slashes_at_the_end_of_a_path_make_no_other_request_of_it(things: list[str]) -> None:
    for path in ("/v1/things", "/v1/things/", "/v1/things//"):
        assert call(things, "POST", path, {"name": "a"}, Idempotency_Key="k1")[0] == 201

    assert things == ["a"]
    assert is_at({"path": "/v1/things//"}, "/v1/things")
    assert is_at({"path": "/v1/things\n"}, "/v1/things")
    assert not is_at({"path": "/v1/things/1"}, "/v1/things")


def test_an_unexpected_error_is_logged_by_kind_and_place_and_without_what_it_says(
    things: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given an error whose words hold what somebody sent
    log = io.StringIO()
    own = Logger(service="unexpected-error-test", stream=log)
    monkeypatch.setattr(http, "logger", lambda _service: own)

    call(things, "GET", "/v1/things/broken")

    line = json.loads(log.getvalue())
    assert line["error_type"] == "RuntimeError"
    assert any("test_http.py" in frame and " get" in frame for frame in line["error_at"])
    assert "secret detail" not in log.getvalue()


def test_a_body_of_many_wrong_fields_is_answered_with_the_first_of_them(things: list[str]) -> None:
    body = {f"{'x' * 5_000}{number}": 1 for number in range(1_000)}

    status, problem, _ = call(things, "POST", "/v1/things", body)

    assert status == 422
    assert len(problem["errors"]) == 50
    assert all(len(error["pointer"]) <= 200 for error in problem["errors"])
    assert "1001" in problem["detail"]
