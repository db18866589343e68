"""Looks whether the agent could work with a configuration: its folder, its files, its credentials, its server."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from edge.cloud.activation import NotActivatedError, load_identity
from edge.cloud.generation import Generation
from edge.cloud.http import CloudClient, CloudUnreachableError
from edge.cloud.keys import KeyFileError, ServerClock, TokenMint, identity_key
from edge.cloud.remote_config import CONFIG_PATH, NOT_MODIFIED, TOKEN_REFUSED
from edge.config.settings import AgentSettings, ConfigError
from edge.files import is_open_to_all
from edge.profiles.makers import use_site_profiles
from edge.snmp.credentials import CredentialSet, SnmpVersion

_CLOCK_SECONDS_TOLD: Final = 60
_FIXES: Final = (
    ("certificate", "name the authority of your server, or of the proxy that inspects TLS, in ca_file"),
    ("proxy", "check proxy: its address, and the user and password in it"),
    ("name", "check server, and that this computer can resolve names"),
    ("timed out", "check that the firewall lets TCP out to the server, or set proxy"),
)


class Verdict(StrEnum):
    """What became of a check."""

    WELL = "well"
    NOTED = "noted"  # works, and a person should know
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    said: str


def site_checks(path: Path, settings: AgentSettings) -> Iterator[Check]:
    """What can be checked without asking anybody. Changes nothing."""
    yield _config_file(path, settings)
    yield _state_folder(settings.state_dir)
    yield _trust(settings)
    yield _profiles(settings)
    for credentials in settings.snmp.credential_sets():
        yield Check(f"credentials {credentials.name!r}", *_credentials(credentials))
    yield Check("network.allow", Verdict.WELL, f"asks addresses inside {', '.join(settings.network.allow)} only")
    ports = ", ".join(dict.fromkeys(map(str, (*settings.network.ports, settings.snmp.port))))
    yield Check("network.ports", Verdict.WELL, f"the cloud may name the UDP ports {ports} only")
    least = settings.network.least_interval_seconds
    yield Check("network.least_interval_seconds", Verdict.WELL, f"asks printers every {least} s at most")
    hidden = [name.removeprefix("mask_").replace("_", " ") for name, is_on in settings.privacy if is_on]
    yield Check("privacy", Verdict.WELL, f"hides {', '.join(hidden)}" if hidden else "hides nothing")
    ipp = f"asked at TCP {settings.ipp.port} where SNMP does not tell enough" if settings.ipp.enabled else "not used"
    yield Check("ipp", Verdict.WELL, ipp)
    yield _identity(settings)


async def online_checks(settings: AgentSettings) -> list[Check]:
    """Contact the server once, as the agent does, and say what came of it. Nothing is sent but the request."""
    clock = ServerClock()
    headers: dict[str, str] = {}
    with suppress(NotActivatedError, KeyFileError):  # `_identity` says so; the connection is tried all the same
        headers = {"Authorization": f"Bearer {_mint(settings, clock).token(datetime.now(UTC))}"}
    try:
        async with CloudClient(settings, clock) as client:
            answer = await client.request("GET", CONFIG_PATH, headers=headers)
    except CloudUnreachableError as error:
        said = str(error)
        fix = next((fix for word, fix in _FIXES if word in said.casefold()), "check server, proxy and the firewall")
        return [Check("server", Verdict.BAD, f"{said}: {fix}")]
    by = " by the proxy" if settings.proxy else ""
    reached = Check("server", Verdict.WELL, f"{settings.server} reached{by}, its certificate is trusted")
    checks = [reached, _time(clock)]
    if answer.is_success or answer.status == NOT_MODIFIED:
        checks.append(Check("identity at the server", Verdict.WELL, "the server knows this agent"))
    elif answer.problem is None:
        said = f"HTTP {answer.status} from something that is not our server: check server and proxy"
        checks.append(Check("identity at the server", Verdict.BAD, said))
    elif answer.status in TOKEN_REFUSED and not headers:
        checks.append(Check("identity at the server", Verdict.NOTED, "not activated yet, so not known there"))
    else:
        checks.append(Check("identity at the server", Verdict.BAD, f"HTTP {answer.status} {answer.problem}"))
    return checks


def _mint(settings: AgentSettings, clock: ServerClock) -> TokenMint:
    identity = load_identity(settings.state_dir)
    key = identity_key(settings.state_dir, identity.kid)
    generation = Generation.load(settings.state_dir, identity.agent_id, identity.activated_at)
    return TokenMint(identity.agent_id, identity.audience, key, clock, generation)


def openness(path: Path, settings: AgentSettings) -> str | None:
    """What other users of this computer may do with the configuration file that they should not; None when nothing."""
    has_secrets = bool(settings.proxy or settings.snmp.community or settings.snmp.credentials)
    if is_open_to_all(path, only_to_write=True):
        return f"every user of this computer can change {path}, and so where the agent sends: chmod 0640, owner root"
    if has_secrets and is_open_to_all(path):
        return f"{path} holds secrets and every user of this computer can read it: chmod 0640, owner root"
    return None


def _config_file(path: Path, settings: AgentSettings) -> Check:
    what = "configuration file"
    if (said := openness(path, settings)) is not None:
        return Check(what, Verdict.NOTED, said)
    if os.name != "posix":
        return Check(what, Verdict.WELL, f"{path} is valid; who may read it is not checked on this system: see icacls")
    return Check(what, Verdict.WELL, f"{path} is valid")


def _state_folder(folder: Path) -> Check:
    what = "state_dir"
    if not folder.exists():
        return Check(what, Verdict.NOTED, f"{folder} is not there yet: 'platen-agent activate' makes it")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        said = f"{folder} cannot be written to ({error.strerror}): give it to the agent's user, or check as that user"
        return Check(what, Verdict.BAD, said)
    if os.name == "posix" and folder.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Check(what, Verdict.NOTED, f"{folder} is open to other users: chmod 0700")
    return Check(what, Verdict.WELL, f"{folder} can be written to")


def _trust(settings: AgentSettings) -> Check:
    try:
        CloudClient(settings, ServerClock())  # reads ca_file
    except ConfigError as error:
        return Check("ca_file", Verdict.BAD, str(error))
    said = f"trusts {settings.ca_file} only" if settings.ca_file else "trusts the public authorities"
    return Check("ca_file", Verdict.WELL, said)


def _profiles(settings: AgentSettings) -> Check:
    folder = settings.profiles.folder
    if folder is not None and not folder.is_dir():
        return Check("profiles.folder", Verdict.BAD, f"{folder} is not a folder: make it, or correct the setting")
    problems = use_site_profiles(folder)
    if problems:
        return Check("profiles.folder", Verdict.NOTED, f"skipped: {'; '.join(problems)}")
    return Check("profiles.folder", Verdict.WELL, f"profiles of {folder} are used" if folder else "not set")


def _credentials(credentials: CredentialSet) -> tuple[Verdict, str]:
    """A set without its secrets; RFC 3414 forbids nothing weak, a reviewer does."""
    only = f", for {', '.join(credentials.targets)} only" if credentials.targets else ""
    if credentials.version is not SnmpVersion.V3:
        return Verdict.WELL, f"SNMP v{credentials.version}, a community{only}; it crosses the network in clear text"
    if credentials.auth is None:
        return Verdict.NOTED, f"SNMP v3, a user without password{only}: anybody can ask and answer so"
    if credentials.priv is None:
        return Verdict.WELL, f"SNMP v3, signed with {credentials.auth}, not encrypted{only}"
    return Verdict.WELL, f"SNMP v3, signed with {credentials.auth}, encrypted with {credentials.priv}{only}"


def _identity(settings: AgentSettings) -> Check:
    what = "identity"
    try:
        identity = load_identity(settings.state_dir)
    except NotActivatedError as error:
        return Check(what, Verdict.NOTED, str(error))
    if identity.server != settings.server:
        said = f"{identity.agent_id} belongs to {identity.server}, not to server: correct one, or activate again"
        return Check(what, Verdict.BAD, said)
    return Check(what, Verdict.WELL, f"{identity.agent_id} at site {identity.site_id}")


def _time(clock: ServerClock) -> Check:
    offset = clock.offset.total_seconds()
    if abs(offset) < _CLOCK_SECONDS_TOLD:
        return Check("clock", Verdict.WELL, "agrees with the server's")
    said = f"{abs(offset):.0f} s {'behind' if offset > 0 else 'ahead of'} the server's; the agent corrects for it"
    return Check("clock", Verdict.NOTED, said)
