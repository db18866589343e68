"""The agent's one configuration file (TOML). The server never sets any of it, and secrets never print."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import SplitResult, urlsplit

from platformdirs import user_config_path, user_state_path
from pydantic import AfterValidator, Field, SecretStr, StrictInt, ValidationError

from edge.clock import is_loopback
from edge.config.snmp import Section, SnmpSettings
from edge.snmp.fence import PRIVATE_NETWORKS, Fence

MAX_FILE_BYTES = 64 * 1024
MAX_PORT = 65_535
FIX_OF = {
    "extra_forbidden": "unknown key: remove it or correct its spelling",
    "missing": "is required",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
}


class ConfigError(Exception):
    """The configuration cannot be used; each line of the message names the field and the fix."""


def _checked_server(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be a plain address such as https://agents.example.com")
    if not _has_valid_port(parts):
        raise ValueError("has a port that is not between 1 and 65535")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("must begin with https:// (http is for a server on this computer only)")
    if parts.scheme not in {"http", "https"}:
        raise ValueError("must begin with https://")
    return url.rstrip("/")


def _checked_proxy(url: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(url.get_secret_value())
    except ValueError:  # whose words may hold the password
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _has_valid_port(parts):
        raise ValueError(
            "must be an address such as http://proxy.example.com:3128; in its password write / as %2F, @ as %40, # as"
            " %23, ? as %3F"
        )
    return url


def _has_valid_port(parts: SplitResult) -> bool:
    """Whether there is a port that can be one, or none. What is taken for a port may be half of a password."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _checked_network(entry: str) -> str:
    try:
        Fence([entry])
    except ValueError as error:
        raise ValueError(f"{error}; write an address or a block such as 10.1.0.0/16") from None
    return entry


def _ports_of(entry: int | str) -> tuple[int, int]:
    """First and last port of an entry; `ValueError` when it is none."""
    first, hyphen, last = str(entry).partition("-")
    found = int(first), int(last if hyphen else first)
    if not 0 < found[0] <= found[1] <= MAX_PORT:
        raise ValueError
    return found


def _checked_ports(entry: int | str) -> int | str:
    try:
        _ports_of(entry)
    except ValueError:
        raise ValueError(f"{str(entry)[:20]!r} is no port: write 161, or '1161-1170', from 1 to {MAX_PORT}") from None
    return entry


class NetworkSettings(Section):
    """Where printers may be and how often they are asked: the cloud reaches no further."""

    allow: list[Annotated[str, AfterValidator(_checked_network)]] = Field(
        default=[*PRIVATE_NETWORKS], min_length=1, max_length=256
    )
    ports: list[Annotated[StrictInt | str, AfterValidator(_checked_ports)]] = Field(
        default=[161], min_length=1, max_length=256
    )
    least_interval_seconds: Annotated[int, Field(ge=1, le=86_400)] = 300

    def fence(self) -> Fence:
        """The fence that every question to a printer passes."""
        return Fence(self.allow)

    def allows_port(self, port: int) -> bool:
        """Whether the cloud may name a UDP port, as far as this section says."""
        return any(first <= port <= last for first, last in map(_ports_of, self.ports))


class IppSettings(Section):
    """IPP, for printers without SNMP or without a page count."""

    enabled: bool = True
    port: Annotated[int, Field(ge=1, le=65_535)] = 631
    discover_ranges: bool = False


class PrivacySettings(Section):
    """What is hidden before it is kept or sent."""

    mask_addresses: bool = False
    mask_mac_addresses: bool = False
    mask_host_names: bool = False
    mask_locations: bool = False
    mask_console_text: bool = False


class ProfileSettings(Section):
    """Printer profiles of the site's own, beside those that the agent brings."""

    folder: Path | None = None


class SpoolSettings(Section):
    """How much may wait on disk while the server cannot be reached, and for how long."""

    max_megabytes: Annotated[int, Field(ge=4, le=10_240)] = 256
    max_days: Annotated[int, Field(ge=1, le=365)] = 30


class AgentSettings(Section):
    """The whole file. ``ca_file`` replaces the public certificate authorities; verification cannot be switched off."""

    server: Annotated[str, AfterValidator(_checked_server)]
    ca_file: Path | None = None
    proxy: Annotated[SecretStr, AfterValidator(_checked_proxy)] | None = None
    state_dir: Path = Field(default_factory=lambda: user_state_path("platen-agent"))
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    snmp: SnmpSettings = SnmpSettings()
    network: NetworkSettings = NetworkSettings()
    ipp: IppSettings = IppSettings()
    privacy: PrivacySettings = PrivacySettings()
    profiles: ProfileSettings = ProfileSettings()
    spool: SpoolSettings = SpoolSettings()

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read and check a configuration file; paths in it are relative to its folder.

        Raises:
            ConfigError: It is missing, unreadable, not TOML, or has a wrong, missing or unknown key.
        """
        values = _parsed(path)
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError("\n".join(_explained(path, problem) for problem in error.errors())) from None
        folder = path.resolve().parent
        return settings.model_copy(
            update={
                "state_dir": folder / settings.state_dir.expanduser(),
                "ca_file": settings.ca_file and folder / settings.ca_file.expanduser(),
                "profiles": ProfileSettings(
                    folder=settings.profiles.folder and folder / settings.profiles.folder.expanduser()
                ),
            }
        )


def default_config_file() -> Path:
    """Where the file is when no ``--config`` is given."""
    return user_config_path("platen-agent") / "agent.toml"


def _parsed(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError(f"{path} is larger than {MAX_FILE_BYTES} bytes: is it the agent's configuration?")
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path} does not exist: write it, or name another file with --config") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror or error}): check its permission") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None


def _explained(path: Path, problem: Any) -> str:  # noqa: ANN401  pydantic's ErrorDetails, read as a mapping
    field = ".".join(str(part) for part in problem["loc"])
    fix = FIX_OF.get(problem["type"]) or problem["msg"].removeprefix("Value error, ")
    return f"{path}: {field}: {fix}"
