"""What several of the tests on the deployed template share."""

from collections.abc import Iterator

import pytest

from tests.support.deployed import World, world
from tests.support.deployed_webhook import trusted_receiver
from tests.support.webhook_receiver import Receiver

__all__ = ["world"]


@pytest.fixture(scope="module")
def receiver(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """A partner's endpoint that the deployed sender trusts, one for the tests of a file."""
    with trusted_receiver(world.stack, tmp_path_factory.mktemp("receiver")) as endpoint:
        yield endpoint
