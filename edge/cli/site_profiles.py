"""How commands are told of a site's own profiles: by their folder, or by the configuration that names it."""

from pathlib import Path
from typing import Annotated

import typer

from edge.cli.command import MISUSED
from edge.config.settings import AgentSettings, ConfigError
from edge.profiles.makers import use_site_profiles

SiteProfilesOption = Annotated[
    Path | None,
    typer.Option("--profiles", metavar="FOLDER", help="A folder with the site's own profiles.", show_default=False),
]


def with_site_profiles(folder: Path | None, config: Path | None) -> None:
    """Use a folder's profiles for this command; what is wrong with them goes to stderr and stops nothing.

    Args:
        folder: the folder itself, which wins.
        config: a configuration file whose ``[profiles] folder`` is meant.

    Raises:
        typer.Exit: the configuration file cannot be used.
    """
    if folder is None and config is not None:
        try:
            folder = AgentSettings.from_file(config).profiles.folder
        except ConfigError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(MISUSED) from None
    for problem in use_site_profiles(folder):
        typer.echo(f"skipped: {problem}", err=True)
