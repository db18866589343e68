"""What several of the tests on the deployed template share."""

from tests.support.deployed import world

__all__ = ["world"]
