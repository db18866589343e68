"""Unit tests open no socket."""

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def no_network() -> None:
    """A unit test that reaches for the network fails."""
    pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    """Other layers of the pyramid may use sockets again."""
    pytest_socket.enable_socket()
