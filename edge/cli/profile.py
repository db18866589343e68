"""The commands about profiles: check one (its form, what it yields on a recording), and list those in use."""

import json
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge.cli.display import reading_tables
from edge.cli.site_profiles import SiteProfilesOption, with_site_profiles
from edge.clock import SystemClock
from edge.profiles.file import ProfileError, load_profile
from edge.profiles.makers import Loaded, profiles_in_use
from edge.profiles.schema import Profile
from edge.recordings.profile_check import Yielded, claims_of, unconfirmed, yielded
from edge.recordings.recording import RecordingError, read_recording
from edge.snmp.oids import dotted
from shared.wire.reading import MissingReason

YIELDS_NOTHING: Final = 1
MISUSED: Final = 2

app = typer.Typer(no_args_is_help=True, add_completion=False)
profile_app = typer.Typer(no_args_is_help=True, help="Work on printer profiles (docs/profiles.md).")
app.add_typer(profile_app, name="profile")


@profile_app.callback()
def profile() -> None:
    """Work on printer profiles: what is known about a maker's printers, as data."""


@profile_app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The profile, a YAML file.")],
    walk: Annotated[
        Path | None, typer.Option("--walk", help="A recording (.snmprec) to try it on.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check a profile's form and show what it yields on a recording: model, serial number, counters, supplies.

    Ends with 0 when all is well, 1 when the recording is not recognised or gives no model, 2 when the profile or the
    recording cannot be used.
    """
    try:
        checked = load_profile(file)
        rows = read_recording(walk) if walk else None
    except ProfileError as error:
        _fail("\n".join(error.problems))
    except RecordingError as error:
        _fail(str(error))
    result = yielded(checked, rows, now=SystemClock().now()) if rows is not None else None
    if as_json:
        typer.echo(json.dumps(_as_data(checked, result), indent=2))
    else:
        _show(checked, result)
    if result is not None and (complaint := _complaint(checked, result)):
        typer.echo(f"{file}: {complaint}", err=True)
        raise typer.Exit(YIELDS_NOTHING)


@profile_app.command("list")
def list_profiles(
    profiles: SiteProfilesOption = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="The agent's TOML file, for its [profiles] folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the profiles in use: the agent's own and, with --config or --profiles, the site's beside them.

    A claim is confirmed when a recording of a device shows it; the maker's own when its MIB says it.
    """
    with_site_profiles(profiles, config)
    listed = [_listed(loaded) for loaded in profiles_in_use()]
    if as_json:
        typer.echo(json.dumps(listed, indent=2))
        return
    table = Table("file", "from", "OIDs", "columns", "counters", "claims confirmed", title="printer profiles")
    table.columns[0].no_wrap = True
    for entry in listed:
        origin = f"site, instead of {entry['replaces']}" if entry["replaces"] else str(entry["origin"])
        claims = f"{entry['confirmed']} of {entry['confirmed'] + len(entry['unconfirmed'])}"
        numbers = (entry["objects"], entry["columns"], len(entry["counters"]), claims)
        table.add_row(*(escape(str(cell)) for cell in (entry["file"], origin, *numbers)))
    Console().print(table)
    typer.echo("'platen-agent profile list --json' names the claims; 'platen-agent oids' lists the objects")


def _listed(loaded: Loaded) -> dict[str, Any]:
    profile = loaded.profile
    claims = claims_of(profile)
    return {
        "name": profile.name,
        "manufacturer": profile.manufacturer,
        "file": loaded.file,
        "origin": "site" if loaded.folder else "shipped",
        "replaces": loaded.replaces,
        "objects": len(profile.oids()),
        "columns": len(profile.columns()),
        "counters": list(dict.fromkeys(counter.name for counter in profile.named_counters())),
        "confirmed": sum(claim.confirmed for _, claim in claims),
        "unconfirmed": unconfirmed(profile),
        "sources": list(dict.fromkeys(claim.source for _, claim in claims)),
    }


def _complaint(checked: Profile, result: Yielded) -> str | None:
    if not result.recognised:
        taken = f"taken for {result.taken_by}'s" if result.taken_by else "not recognised as anyone's"
        return (
            f"this recording is {taken}, not {checked.name}'s; "
            "brands, object_ids, models or identify must say how its printers are known"
        )
    if result.reading.identity.model is None:
        return "this recording gives no model; model or descr_model must say where it stands"
    return None


def _show(checked: Profile, result: Yielded | None) -> None:
    if result is not None:
        Console().print(reading_tables(result.reading))
        for line in result.sums:
            typer.echo(line)
        hidden = [what.replace("_", " ") for what, why in result.reading.missing.items() if why is MissingReason.HIDDEN]
        if hidden:
            typer.echo(f"hidden, as recordings leave it out: {', '.join(hidden)}")
        if result.unanswered:
            typer.echo(f"not in the recording: {', '.join(map(dotted, result.unanswered))}")
    doubtful = unconfirmed(checked)
    if doubtful:
        typer.echo(f"not confirmed by a recording: {', '.join(doubtful)}")
    objects, columns = len(checked.oids()), len(checked.columns())
    typer.echo(f"profile of {checked.name}: well formed, asks for {objects} objects and {columns} columns")


def _as_data(checked: Profile, result: Yielded | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": checked.name,
        "manufacturer": checked.manufacturer,
        "objects": [dotted(name) for name in checked.oids()],
        "columns": [dotted(name) for name in checked.columns()],
        "unconfirmed": unconfirmed(checked),
    }
    if result is not None:
        data |= {
            "recognised": result.recognised,
            "taken_by": result.taken_by,
            "unanswered": [dotted(name) for name in result.unanswered],
            "sums": list(result.sums),
            "reading": result.reading.model_dump(mode="json"),
        }
    return data


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(MISUSED)
