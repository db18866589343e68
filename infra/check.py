"""Synthesizes dev and prod and has them judged: ``python -m infra.check``; cdk-nag, then cfn-lint. No AWS account."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

from infra.app import build
from infra.assets import BUILT, AssetError
from infra.nag import acknowledge
from infra.settings import settings_of

_STAGES: Final = ("dev", "prod")
_LINT_SECONDS: Final = 300
# CDK itself writes DependsOn where a reference says the same.
_NOT_LINTED: Final = ("--ignore-checks", "W3005")


def main() -> int:
    """Check every stage; 0 when nothing is found. The findings are printed."""
    try:
        found = [stage for stage in _STAGES if not is_clean(stage, BUILT / "check" / stage)]
    except AssetError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if found:
        sys.stderr.write(f"Findings in: {', '.join(found)}\n")
    return 1 if found else 0


def is_clean(stage: str, outdir: Path, *, layer: Path | None = None) -> bool:
    """Synthesize a stage into ``outdir`` under cdk-nag, then lint its template; prints what was found.

    ``layer`` stands in for the folder of the dependency layer, which neither tool looks into.
    """
    app, stack = build(stage, outdir=outdir, layer=layer)
    acknowledge(stack, settings_of(stage))
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        app.synth()
    except RuntimeError as problem:
        # jsii raises this for whatever failed in node; the findings themselves are already on stderr.
        sys.stderr.write(f"{stage}: {problem}\n")
        return False
    lint = _lint(outdir / f"{stack.artifact_id}.template.json")
    sys.stdout.write(f"{stage}: {len(stack.node.find_all())} constructs, cdk-nag clean, cfn-lint ")
    sys.stdout.write("clean\n" if lint.returncode == 0 else f"found:\n{lint.stdout}{lint.stderr}\n")
    return lint.returncode == 0


def _lint(template: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("cfn-lint")), *_NOT_LINTED, "--", str(template)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LINT_SECONDS)  # noqa: S603 - fixed


if __name__ == "__main__":
    sys.exit(main())
