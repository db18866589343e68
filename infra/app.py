"""Synthesizes the app: ``python -m infra.app [--stage dev|prod|local] [--out FOLDER]``; no AWS account, git or docker.

The CDK's own command line runs it too (see ``cdk.json``); it names the stage by ``-c stage=prod``.
"""

import argparse
import sys
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from infra.assets import AssetError, dependency_layer
from infra.settings import settings_of
from infra.stack import PlatenStack

# Here and not in cdk.json, so that policies and resources are the same with and without the CDK's command line.
_FLAGS: Final[dict[str, Any]] = {"@aws-cdk/aws-iam:minimizePolicies": True}


def build(
    stage: str | None = None, *, outdir: Path | None = None, layer: Path | None = None
) -> tuple[App, PlatenStack]:
    """The app with the one stack of a stage, not yet synthesized.

    Args:
        stage: Its name; by default the context value ``stage``, else ``dev``.
        outdir: Where the assembly goes; by default where the CDK's command line wants it.
        layer: Stands in for the folder of the dependency layer, where its content does not matter.

    Raises:
        ValueError: There is no such stage.
        AssetError: The layer cannot be installed or an ASL file is missing.
    """
    app = App(
        outdir=str(outdir) if outdir else None,
        analytics_reporting=False,
        context=_FLAGS,
        tree_metadata=False,
        # CDK's check of the whole template costs half of the synth; dev and prod have it, of the same constructs.
        builtin_cloud_formation_validation=stage != "local",
    )
    settings = settings_of(stage or app.node.try_get_context("stage") or "dev")
    stack = PlatenStack(
        app,
        settings=settings,
        layer=layer or dependency_layer(settings),
        alarm_email=app.node.try_get_context("alarm_email"),
    )
    return app, stack


def main(arguments: list[str] | None = None) -> int:
    """Synthesize; 0 when the assembly is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", help="dev, prod or local (default: the context value 'stage', else dev)")
    parser.add_argument("--out", type=Path, help="folder of the assembly (default: the CDK's)")
    options = parser.parse_args(arguments)
    try:
        app, _ = build(options.stage, outdir=options.out)
    except (AssetError, ValueError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
