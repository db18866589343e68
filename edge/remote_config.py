"""What the cloud may set: where to look for printers and how often. Fetched, checked, kept; nothing else is obeyed."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from edge.activation import StoredConfig
from edge.config import SnmpSettings
from edge.http import CloudClient, CloudUnreachableError
from edge.keys import TokenMint
from edge.targets import SNMP_PORT, Target, parse_targets
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


def targets_in(config: AgentConfig, snmp: SnmpSettings) -> list[Target]:
    """Where the criteria say to look, with this site's community and port.

    Raises:
        TargetError: An entry cannot be read.
    """
    found = parse_targets(
        config.discovery.include, exclude=config.discovery.exclude, community=snmp.community.get_secret_value()
    )
    return [replace(target, port=snmp.port) if target.port == SNMP_PORT else target for target in found]


def known_among(targets: Collection[Target], known: Collection[str]) -> dict[str, Target]:
    """The targets that are printers as far as is known, by their name."""
    names = set(known)
    return {str(target): target for target in targets if str(target) in names}
