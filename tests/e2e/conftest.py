"""The options of the suite, and what its tests share: the deployed stack and a throw-away partner in it.

``python -m pytest --confcutdir=tests/e2e tests/e2e --stack Platen-dev [--region eu-central-1]`` looks at a stack on
AWS; ``--confcutdir`` keeps out the made-up credentials of the other tests. With ``--local`` it is that of ``make up``.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import boto3
import pytest

from shared.clock import utc_now
from tests.e2e.deployment import Deployment
from tests.e2e.throwaway import Key, Throwaway

HERE: Final = Path(__file__).parent
OPERATOR_KEY: Final = "PLATEN_OPERATOR_KEY"
AWS_ONLY: Final = "aws_only"
MADE_UP_ACCESS_KEY: Final = "testing"
STACK_FILE: Final = ".local/stack.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options; without ``--stack`` nothing here runs."""
    group = parser.getgroup("verify", "verification of a deployed stack")
    group.addoption("--stack", dest="verify_stack", help="the stack to verify, for example Platen-dev")
    group.addoption("--region", dest="verify_region", help="its region (default: that of the AWS configuration)")
    group.addoption(
        "--local",
        dest="verify_local",
        nargs="?",
        const=STACK_FILE,
        help=f"the local stack, described by this file (default: {STACK_FILE})",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", f"{AWS_ONLY}(reason): what the local stack cannot show, and why")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what cannot run: all of it without a stack, what only AWS can show on the local one."""
    stack, is_local = config.getoption("verify_stack", None), config.getoption("verify_local", None)
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        only = item.get_closest_marker(AWS_ONLY)
        if not stack:
            item.add_marker(pytest.mark.skip(reason="give --stack to verify a deployed stack"))
        elif only and is_local:
            item.add_marker(pytest.mark.skip(reason=f"only AWS can show it: {only.args[0]}"))


@pytest.fixture(scope="session")
def started_at() -> datetime:
    """When the suite began: what is older proves nothing."""
    return utc_now()


@pytest.fixture(scope="session")
def deployment(pytestconfig: pytest.Config) -> Deployment:
    """The stack under test."""
    stack = str(pytestconfig.getoption("verify_stack"))
    described = pytestconfig.getoption("verify_local", None)
    if described:
        return Deployment.local(stack, Path(described))
    session = boto3.Session(region_name=pytestconfig.getoption("verify_region", None))
    credentials = session.get_credentials()
    if credentials is None or session.region_name is None:
        pytest.exit("no AWS credentials or region: set AWS_PROFILE, and give --region", returncode=4)
    if credentials.access_key == MADE_UP_ACCESS_KEY:
        pytest.exit("the other tests' made-up credentials are in force: add --confcutdir=tests/e2e", returncode=4)
    return Deployment.on_aws(stack, session)


@pytest.fixture(scope="session")
def operator(deployment: Deployment) -> Iterator[Key]:
    """The operator's key: from the environment, or on the local stack from its description. Never printed."""
    secret = os.environ.get(OPERATOR_KEY) or deployment.local_operator_key  # noqa: TID251 - the suite's one secret
    if not secret:
        pytest.fail(f"set {OPERATOR_KEY} to the operator's key (docs/deploy.md, 'The first key')", pytrace=False)
    with Key(deployment, secret) as key:
        yield key


@pytest.fixture(scope="session")
def partner(
    deployment: Deployment, operator: Key, started_at: datetime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Throwaway]:
    """A partner made for this run; its keys are revoked at the end."""
    name = f"Verification {started_at:%Y-%m-%d %H:%M:%S}"
    with Throwaway.make(deployment, operator, name, tmp_path_factory.mktemp("agents")) as made:
        yield made
