"""The agent's version: in every upload, in its distribution and in its `User-Agent`."""

from typing import Final

AGENT_VERSION: Final = "0.1.0"
