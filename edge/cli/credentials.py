"""The options that say who the agent is to a printer, the same for every command that asks one by hand."""

import asyncio
import functools
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from edge.cli.site_profiles import with_site_profiles
from edge.config.settings import AgentSettings, ConfigError
from edge.config.snmp import CredentialSettings
from edge.site.named_printers import NamedPrinters
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol, SnmpVersion, in_turn
from edge.snmp.fence import Fence
from edge.snmp.resolve import resolved
from edge.snmp.targets import SNMP_PORT, Target, parse_targets

MISUSED: Final = 2
P = TypeVar("P", AuthProtocol, PrivProtocol)
_PANEL: Final = "Credentials"
_WHY: Final = "asked for when missing. Better there or in the variable than here: others see a command's arguments"


@dataclass(frozen=True, slots=True)
class Access:
    """Who the agent is to printers, and which of them it may talk to.

    Attributes:
        sets: the credential sets in the order they are tried.
        fence: the site's, when its configuration is used; None when a person names the addresses.
        port: where SNMP is asked unless an entry says otherwise.
    """

    sets: tuple[CredentialSet, ...]
    fence: Fence | None = None
    port: int = SNMP_PORT

    def targets(self, lines: list[str], exclude: list[str] | None = None, community: str | None = None) -> list[Target]:
        """The targets of entries with their sets; with ``community`` a v2c (or v1) set of that alone.

        Host names are looked up when that decides which sets are for them, or whether they are left out.

        Raises:
            TargetError: an entry cannot be read, or too many addresses are named.
        """
        sets = self.sets if community is None else (self._of(community),)
        found = parse_targets(lines, exclude=exclude or [], credentials=sets)
        at_port = [replace(target, port=self.port) if target.port == SNMP_PORT else target for target in found]
        if exclude or any(each.targets for each in sets):
            names = NamedPrinters(functools.partial(resolved, fence=self.fence), sets, exclude or [])
            asyncio.run(names.look_up(at_port))
            return names.settled(at_port)
        return at_port

    def _of(self, community: str) -> CredentialSet:
        only_v1 = all(each.version is SnmpVersion.V1 for each in self.sets)
        return CredentialSet("community", SnmpVersion.V1 if only_v1 else SnmpVersion.V2C, community)


def with_access(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameter ``access`` is filled from the options of `access_from`."""
    options = inspect.signature(access_from, eval_str=True).parameters
    own = inspect.signature(command, eval_str=True).parameters

    @functools.wraps(command)
    def with_options(**given: Any) -> None:  # noqa: ANN401 - typer's values, checked by it
        access = access_from(**{name: given.pop(name) for name in options})
        command(access=access, **given)

    parameters = [each for name, each in own.items() if name != "access"] + list(options.values())
    keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    with_options.__signature__ = inspect.Signature(keyword_only)  # type: ignore[attr-defined] # what typer reads
    return with_options


def _protocol(kind: type[P], text: str) -> P:
    try:
        return kind(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(kind)}") from None


def access_from(  # noqa: PLR0913, PLR0917 - each is an option
    context: typer.Context,
    community: Annotated[
        str | None,
        typer.Option(
            "--community",
            "-c",
            envvar="PLATEN_SNMP_COMMUNITY",
            help="v1 and v2c: the community; public unless told.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    snmp_version: Annotated[
        SnmpVersion | None,
        typer.Option("--snmp-version", help="2c unless told, 3 with --user.", rich_help_panel=_PANEL),
    ] = None,
    user: Annotated[str | None, typer.Option("--user", help="v3: the user.", rich_help_panel=_PANEL)] = None,
    auth: Annotated[
        AuthProtocol | None,
        typer.Option(
            "--auth",
            parser=functools.partial(_protocol, AuthProtocol),
            metavar="|".join(AuthProtocol),
            help="v3: how messages are signed.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    auth_password: Annotated[
        str | None,
        typer.Option(
            "--auth-password",
            envvar="PLATEN_SNMP_AUTH_PASSWORD",
            help=f"Password of --auth: {_WHY}.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    priv: Annotated[
        PrivProtocol | None,
        typer.Option(
            "--priv",
            parser=functools.partial(_protocol, PrivProtocol),
            metavar="|".join(PrivProtocol),
            help="v3: how messages are encrypted; -C extends keys as Cisco does.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    priv_password: Annotated[
        str | None,
        typer.Option(
            "--priv-password",
            envvar="PLATEN_SNMP_PRIV_PASSWORD",
            help=f"Password of --priv: {_WHY}.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
    context_name: Annotated[
        str,
        typer.Option("--context-name", help="v3: the context, none on nearly all printers.", rich_help_panel=_PANEL),
    ] = "",
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help="Use the credential sets, port, networks and profiles of this agent.toml.",
            rich_help_panel=_PANEL,
        ),
    ] = None,
) -> Access:
    """The access that the options describe; ends the command with code 2 when they do not go together."""
    typed = [name for name in _SET_OPTIONS if _typed(context, name)]
    if config is not None:
        if typed:
            _fail(f"--config brings the site's credential sets: leave out --{typed[0].replace('_', '-')}")
        return _of_file(config)
    version = snmp_version or (SnmpVersion.V3 if user is not None else SnmpVersion.V2C)
    if version is not SnmpVersion.V3:
        of_v3 = [name for name in typed if name not in {"community", "snmp_version"}]
        if of_v3:
            _fail(f"--{of_v3[0].replace('_', '-')} belongs to SNMP v3: add --user, and no other --snmp-version")
        return Access((_checked(version, {"community": community or "public"}),))
    if "community" in typed:
        _fail("SNMP v3 has users, no community: leave out --community, or --user for v2c")
    if priv is not None and auth is None:
        _fail("--priv needs --auth: what is encrypted is always signed too")
    parts = {
        "user": user,
        "auth_protocol": auth,
        "auth_password": _password("auth", auth_password) if auth else None,
        "priv_protocol": priv,
        "priv_password": _password("priv", priv_password) if priv else None,
        "context_name": context_name,
    }
    return Access((_checked(version, parts),))


_SET_OPTIONS: Final = (
    "community",
    "snmp_version",
    "user",
    "auth",
    "auth_password",
    "priv",
    "priv_password",
    "context_name",
)


def _typed(context: typer.Context, name: str) -> bool:
    """Whether it was given by hand, rather than by a variable of the environment or by nobody."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _of_file(path: Path) -> Access:
    try:
        settings = AgentSettings.from_file(path)
    except ConfigError as error:
        _fail(str(error))
    with_site_profiles(settings.profiles.folder, None)
    return Access(in_turn(settings.snmp.credential_sets()), settings.network.fence(), settings.snmp.port)


def _password(of: str, given: str | None) -> str:
    if given is not None:
        return given
    if not sys.stdin.isatty():
        _fail(f"no password for --{of}: set PLATEN_SNMP_{of.upper()}_PASSWORD, or run it in a terminal to be asked")
    answer: str = typer.prompt(f"password of --{of}", hide_input=True, err=True)
    return answer


def _checked(version: SnmpVersion, parts: dict[str, Any]) -> CredentialSet:
    """The set, checked as one of the configuration file is."""
    try:
        return CredentialSettings(name="command line", version=version, **parts).credential_set()
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]
        field = str(problem["loc"][0]) if problem["loc"] else ""
        option = field.removesuffix("_protocol").replace("_", "-")
        words = problem["msg"].removeprefix("Value error, ")
        _fail(f"--{option} {words}" if option else words)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(MISUSED)
