"""A key of each role at every operation of the deployed API: 403 `scope_missing` exactly where the matrix says."""

from typing import Final

import pytest

from functions.accounts.api_keys.roles import Role
from tests.support.deployed import Door, World
from tests.support.role_matrix import published

pytestmark = [pytest.mark.emulator, pytest.mark.synth]

MATRIX: Final = published()
NOBODYS: Final = "prn_01jd2x00000000000000000000"


@pytest.fixture(scope="module")
def doors(world: World) -> dict[str, Door]:
    """A key of each role, as its partner makes it; that of the operations specialist is the operator's."""
    made = {}
    for role in Role:
        maker = world.operator if role is Role.OPERATIONS_SPECIALIST else world.tenants[0].door
        key = maker.made("/v1/api-keys", {"name": f"only {role}", "roles": [role]})["api_key"]
        made[str(role)] = maker.as_(**{"x-api-key": key})
    return made


@pytest.mark.parametrize(("method", "path"), MATRIX)
def test_a_role_is_refused_exactly_what_the_matrix_refuses_it(doors: dict[str, Door], method: str, path: str) -> None:
    url = "/".join(NOBODYS if part.startswith("{") else part for part in path.split("/"))
    answers = {role: door.ask(method, url) for role, door in doors.items()}

    refused = {role for role, answer in answers.items() if answer.status_code == 403}
    assert refused == {role for role, may in MATRIX[method, path].items() if not may}
    assert {answers[role].json()["code"] for role in refused} <= {"scope_missing"}
    served = {answers[role].status_code for role in answers.keys() - refused}
    assert served <= ({200, 404, 422} if method == "GET" else {400, 404, 422, 428}), "nothing of nobody's is written"
