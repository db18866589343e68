"""Entity tags of things that people edit: who writes says which version it has seen (RFC 9110, 13.1.1)."""

from shared.errors import FieldError, PreconditionFailed, PreconditionRequired

_FIELD = "header:If-Match"


def etag_of(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def require_match(if_match: str | None, version: int) -> None:
    """Refuse a writer that has not seen this version; ``*`` is any, and a weak tag matches nothing.

    Raises:
        PreconditionRequired: The header is missing.
        PreconditionFailed: It names another version.
    """
    if not if_match or not if_match.strip():
        field = FieldError(_FIELD, "Send the ETag of the last GET.")
        raise PreconditionRequired("if_match_required", "Say which version the change is made to.", (field,))
    tags = [tag.strip() for tag in if_match.split(",")]
    if "*" not in tags and etag_of(version) not in tags:
        raise changed_meanwhile()


def require_match_if_sent(if_match: str | None, etag: str | None) -> None:
    """Refuse a writer that says another version than this one, None where there is nothing; who says none is let by.

    For what a writer may also state as a fact, without having looked (RFC 9110, 13.1.1).

    Raises:
        PreconditionFailed: It names another version, or there is nothing.
    """
    if not if_match or not if_match.strip():
        return
    tags = [tag.strip() for tag in if_match.split(",")]
    if etag is None or ("*" not in tags and etag not in tags):
        raise changed_meanwhile()


def changed_meanwhile() -> PreconditionFailed:
    """What a writer is told whose version is no longer the present one."""
    field = FieldError(_FIELD, "GET it again, apply the change to what is there now, and send its ETag.")
    return PreconditionFailed("version_changed", "It was changed since that version; nothing was written.", (field,))
