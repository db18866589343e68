"""docs/scopes.md says what routes and roles say, of every operation and every role."""

from collections import defaultdict

import pytest

from functions.accounts.api_keys.roles import Role
from local import role_matrix
from shared.names import PARTNER_SCOPES, Scope
from shared.scopes import REQUIRED_SCOPE
from tests.support.published import OPERATIONS, PARTNER_API
from tests.support.role_matrix import published

KNOWN = {*PARTNER_SCOPES, Scope.PLATFORM_ADMIN}
READS = {("post", "/v1/eligibility-evaluations"): "asks a question and changes nothing"}
"""Operations by POST that a key which only reads may call, and why."""


def test_the_published_matrix_is_what_routes_and_roles_say() -> None:
    assert role_matrix.FILE.read_text("utf-8") == role_matrix.page(), "run 'make docs'"


def test_the_matrix_has_every_operation_and_every_role() -> None:
    matrix = published()

    assert set(matrix) == {(method.upper(), path) for method, path in OPERATIONS}
    assert all(set(roles) == set(Role) for roles in matrix.values())


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_operation_names_a_scope_that_there_is_and_its_refusal(method: str, path: str) -> None:
    operation = PARTNER_API["paths"][path][method]
    scope = operation[REQUIRED_SCOPE]
    refusal = operation["responses"]["403"]

    assert scope in KNOWN
    assert operation["security"] == [{"partnerKey": [scope]}]
    assert f"`{scope}`" in refusal["description"]
    assert refusal["content"]["application/problem+json"]["example"]["detail"] == f"This key lacks the scope '{scope}'."


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_scope_to_read_lets_a_key_write(method: str, path: str) -> None:
    scope = PARTNER_API["paths"][path][method][REQUIRED_SCOPE]

    if method != "get" and (method, path) not in READS:
        assert not scope.endswith(":read")


def test_every_scope_of_a_partner_opens_something() -> None:
    opened = defaultdict(list)
    for method, path in OPERATIONS:
        opened[PARTNER_API["paths"][path][method][REQUIRED_SCOPE]].append(path)

    assert set(opened) == KNOWN


def test_every_role_may_do_something_and_none_everything() -> None:
    matrix = published()

    for role in Role:
        assert {roles[role] for roles in matrix.values()} == {True, False}
