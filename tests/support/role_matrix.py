"""The published matrix of roles and operations, read from its page as a partner reads it."""

from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "scopes.md"


def published() -> dict[tuple[str, str], dict[str, bool]]:
    """May it be called, by method and path, then by role."""
    lines = PAGE.read_text("utf-8").partition("## Operations")[2].strip().splitlines()
    head, _, *rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
    matrix = {}
    for operation, _, *cells in rows:
        method, path = operation.split()
        matrix[method, path] = {role: cell == "yes" for role, cell in zip(head[2:], cells, strict=True)}
    return matrix
