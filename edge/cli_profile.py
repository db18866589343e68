"""The command that checks a profile: its form, and what it yields on a recording."""

import json
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.console import Console

from edge.clock import SystemClock
from edge.display import reading_tables
from edge.oids import dotted
from edge.profile_check import ProfileError, Yielded, load_profile, unconfirmed, yielded
from edge.profile_schema import Profile
from edge.recording import RecordingError, read_recording

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
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The profile, a JSON file.")],
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
        _fail("\n".join(f"{file}: {problem}".replace(f"{file}: {file}", str(file)) for problem in error.problems))
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


def _complaint(checked: Profile, result: Yielded) -> str | None:
    if not result.recognised:
        taken = f"taken for {result.taken_by}'s" if result.taken_by else "not recognised as anyone's"
        return (
            f"this recording is {taken}, not {checked.manufacturer}'s; "
            "brands, object_ids or identify must say how its printers are known"
        )
    if result.reading.identity.model is None:
        return "this recording gives no model; model or descr_model must say where it stands"
    return None


def _show(checked: Profile, result: Yielded | None) -> None:
    if result is not None:
        Console().print(reading_tables(result.reading))
        for line in result.sums:
            typer.echo(line)
        if result.unanswered:
            typer.echo(f"not in the recording: {', '.join(map(dotted, result.unanswered))}")
    doubtful = unconfirmed(checked)
    if doubtful:
        typer.echo(f"not confirmed by a recording: {', '.join(doubtful)}")
    objects, columns = len(checked.oids()), len(checked.columns())
    typer.echo(f"profile of {checked.manufacturer}: well formed, asks for {objects} objects and {columns} columns")


def _as_data(checked: Profile, result: Yielded | None) -> dict[str, Any]:
    data: dict[str, Any] = {
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
