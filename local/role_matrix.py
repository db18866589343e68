"""Writes ``docs/scopes.md``, which role may call which operation: ``python -m local.role_matrix``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from functions.accounts.api_keys.roles import SCOPES, Role
from local import openapi
from shared.names import PARTNER_SCOPES, Scope
from shared.scopes import REQUIRED_SCOPE

FILE: Final = Path(__file__).parents[1] / "docs" / "scopes.md"
YES: Final = "yes"
NO: Final = "–"  # noqa: RUF001 - a dash in a table
HEAD: Final = """# Which key may call which operation?

Made from the routes and the roles by `python -m local.role_matrix`; a test holds it against both, another calls every
operation with a key of every role. How a key is made, rotated and revoked: [api-keys.md](api-keys.md).

An operation asks for one scope. It is `x-required-scope` of the operation in `docs/openapi/partner.json`, and the
list of its security requirement. A key without it gets 403 `scope_missing`, whatever else is wrong with the request,
and whether the thing asked for exists or not. A role is a set of scopes under one name; a key may have several roles,
and scopes besides. Having the scope is not enough to see a thing: it must be of the key's organisation or below. The
agent API asks for no scope.
"""
BESIDES: Final = f"""
`{Scope.PLATFORM_ADMIN}` is the operator's alone. A webhook is told only what its maker's key may read, so that
`POST /v1/webhooks` asks besides for the scopes of the events named ([webhooks.md](webhooks.md)).
"""


def operations() -> Iterator[tuple[str, str, str]]:
    """Method, path and required scope of each operation of the partner API, in the document's order."""
    for path, item in openapi.document(openapi.PARTNER)["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation[REQUIRED_SCOPE]


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, "## Roles", "", *_roles(), BESIDES, "## Operations", "", *_matrix(), ""])


def main() -> None:
    """Write the page. Safe to repeat: the same code gives the same page."""
    FILE.write_text(page(), encoding="utf-8")


def _roles() -> Iterator[str]:
    yield _row("Scope", *(f"`{role}`" for role in Role))
    yield _row(*["---"] * (1 + len(Role)))
    for scope in (*PARTNER_SCOPES, Scope.PLATFORM_ADMIN):
        yield _row(f"`{scope}`", *_cells(scope))


def _matrix() -> Iterator[str]:
    yield _row("Operation", "Scope", *(f"`{role}`" for role in Role))
    yield _row(*["---"] * (2 + len(Role)))
    for method, path, scope in operations():
        yield _row(f"`{method} {path}`", f"`{scope}`", *_cells(scope))


def _cells(scope: str) -> list[str]:
    return [YES if scope in SCOPES[role] else NO for role in Role]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
