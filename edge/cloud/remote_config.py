"""What the cloud may set: where to look for printers and how often. Fetched, checked, kept; nothing else is obeyed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from edge.cloud.activation import StoredConfig
from edge.cloud.http import CloudClient, CloudUnreachableError
from edge.cloud.keys import TokenMint
from shared.wire.activation import AgentConfig

CONFIG_PATH: Final = "/v1/config"
NOT_MODIFIED: Final = 304
TOKEN_REFUSED: Final = frozenset({401, 403})


class ConfigFetchError(Exception):
    """The configuration could not be fetched; the one before stays in force."""


async def fetch_config(
    client: CloudClient, mint: TokenMint, stored: StoredConfig | None, state_dir: Path
) -> StoredConfig | None:
    """The configuration in force at the cloud, kept on disk; None when it is the stored one. Safe to repeat.

    Raises:
        ConfigFetchError: No answer, or one that is no configuration.
        StateFolderError: It cannot be kept.
    """
    headers = {"Authorization": f"Bearer {mint.token(datetime.now(UTC))}"}
    if stored is not None and stored.etag:
        headers["If-None-Match"] = f'"{bare_etag(stored.etag)}"'
    try:
        answer = await client.request("GET", CONFIG_PATH, headers=headers)
    except CloudUnreachableError as error:
        raise ConfigFetchError(str(error)) from error
    if answer.status == NOT_MODIFIED:
        return None
    if not answer.is_success:
        if answer.status in TOKEN_REFUSED:
            mint.discard()
        raise ConfigFetchError(f"HTTP {answer.status} {answer.problem or 'from something that is not our server'}")
    try:
        config = AgentConfig.model_validate_json(answer.content)
    except ValidationError as error:
        raise ConfigFetchError(f"the configuration is not valid: {error.error_count()} errors") from error
    fetched = StoredConfig(etag=bare_etag(answer.headers.get("etag", "")), config=config)
    fetched.save(state_dir)
    return fetched


def bare_etag(etag: str) -> str:
    """An entity tag without its quotes and weakness mark: JSON carries it bare, HTTP quoted (RFC 9110 8.8.3)."""
    return etag.removeprefix("W/").strip('"')
