"""Deploys a synthesized CDK assembly into the emulator; on AWS people use the CDK's own CLI."""

import json
import os
import shutil
import stat
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import CapabilityType

_BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
_BOOTSTRAP_VERSION = "30"
_CAPABILITIES: "list[CapabilityType]" = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_POLL_SECONDS = 0.1
# Any fixed time makes the archive of the same content the same archive.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class DeployError(RuntimeError):
    """The assembly could not be deployed; the message lists what failed and why."""


class Clients(Protocol):
    """Makes boto3 clients that speak to the emulator as its administrator."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - the caller knows which client
        """Return a client of the service of this name."""


@dataclass(frozen=True)
class Target:
    """Where an assembly goes: what its placeholders stand for and the emulator's address."""

    endpoint_url: str
    account_id: str
    region: str

    def resolve(self, text: str) -> str:
        """Fill the placeholders that CDK leaves in bucket names and object keys."""
        placeholders = {
            "${AWS::AccountId}": self.account_id,
            "${AWS::Region}": self.region,
            "${AWS::Partition}": "aws",
        }
        for placeholder, value in placeholders.items():
            text = text.replace(placeholder, value)
        return text


@dataclass(frozen=True)
class Stack:
    """One stack of an assembly: its name, its asset manifest and its template's place in S3."""

    name: str
    asset_manifest: Path
    template_object: str


def deploy(
    assembly: Path, *, clients: Clients, target: Target, archive_dir: Path, timeout_seconds: float
) -> dict[str, str]:
    """Publish the assets of the one stack in ``assembly``, create or update it, wait for it.

    Safe to repeat: objects are keyed by content, and a stack that is already there is updated
    (without changes: left as it is).

    Args:
        assembly: Folder with ``manifest.json``, as ``cdk synth`` writes it.
        clients: Of the emulator.
        target: The emulator.
        archive_dir: Zipped assets are kept here by content hash.
        timeout_seconds: For the stack to be complete.

    Returns:
        The stack's outputs by name.

    Raises:
        DeployError: With each failed resource and its reason, or that time ran out.
    """
    stack = read_stack(assembly)
    _bootstrap(clients)
    _publish_assets(stack, clients=clients, target=target, archive_dir=archive_dir)
    location = target.resolve(stack.template_object).removeprefix("s3://")
    template_url = f"{target.endpoint_url}/{location}"
    cloudformation: CloudFormationClient = clients.client("cloudformation")
    if _create_or_update(cloudformation, stack.name, template_url):
        _await_complete(cloudformation, stack.name, time.monotonic() + timeout_seconds)
    described = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
    return {out["OutputKey"]: out["OutputValue"] for out in described.get("Outputs", [])}


def read_stack(assembly: Path) -> Stack:
    """Read which stack an assembly holds.

    Raises:
        DeployError: No assembly there, or not exactly one stack in it.
    """
    manifest_path = assembly / "manifest.json"
    if not manifest_path.is_file():
        raise DeployError(f"no synthesized application in {assembly}. Run: make synth-local")
    artifacts: dict[str, Any] = json.loads(manifest_path.read_text(encoding="utf-8"))["artifacts"]
    stacks = [
        (artifact_id, artifact)
        for artifact_id, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    ]
    if len(stacks) != 1:
        names = ", ".join(artifact_id for artifact_id, _ in stacks) or "none"
        raise DeployError(f"{assembly} must hold exactly one stack, it holds: {names}")
    artifact_id, artifact = stacks[0]
    properties = artifact["properties"]
    return Stack(
        name=properties.get("stackName", artifact_id),
        asset_manifest=assembly / artifacts[f"{artifact_id}.assets"]["properties"]["file"],
        template_object=properties["stackTemplateAssetObjectUrl"],
    )


def zip_asset(folder: Path, archive: Path) -> Path:
    """Zip a folder once; a later call finds the archive. Modes are kept, times are not."""
    if archive.is_file():
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    partial = archive.with_suffix(f".{os.getpid()}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), _ZIP_TIME)
                entry.external_attr = stat.S_IMODE(path.stat().st_mode) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as source, target.open(entry, "w") as sink:
                    shutil.copyfileobj(source, sink)
    # Renamed only when whole, and under a name of this process until then: neither an interrupted
    # run nor one side by side leaves a broken archive behind.
    return partial.replace(archive)


def _bootstrap(clients: Clients) -> None:
    """Put what ``cdk bootstrap`` leaves and the template checks; overwriting is harmless."""
    clients.client("ssm").put_parameter(
        Name=_BOOTSTRAP_PARAMETER, Value=_BOOTSTRAP_VERSION, Type="String", Overwrite=True
    )


def _publish_assets(stack: Stack, *, clients: Clients, target: Target, archive_dir: Path) -> None:
    s3 = clients.client("s3")
    manifest = json.loads(stack.asset_manifest.read_text(encoding="utf-8"))
    for content_hash, asset in manifest["files"].items():
        source = stack.asset_manifest.parent / asset["source"]["path"]
        if asset["source"]["packaging"] == "zip":
            source = zip_asset(source, archive_dir / f"{content_hash}.zip")
        for destination in asset["destinations"].values():
            bucket = target.resolve(destination["bucketName"])
            # In this region creating a bucket that is one's own already succeeds.
            s3.create_bucket(Bucket=bucket)
            key = target.resolve(destination["objectKey"])
            s3.put_object(Bucket=bucket, Key=key, Body=source.read_bytes())


def _create_or_update(cloudformation: "CloudFormationClient", name: str, template_url: str) -> bool:
    """Return whether there is something to wait for.

    Rollback is off: what was made stays to be looked at, and nothing local outlives the emulator.
    """
    try:
        cloudformation.create_stack(
            StackName=name,
            TemplateURL=template_url,
            Capabilities=_CAPABILITIES,
            DisableRollback=True,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise DeployError(f"the stack was refused: {error}") from error
    else:
        return True
    try:
        cloudformation.update_stack(StackName=name, TemplateURL=template_url, Capabilities=_CAPABILITIES)
    except ClientError as error:
        if "No updates" in error.response["Error"]["Message"]:
            return False
        raise DeployError(f"the update was refused: {error}") from error
    return True


def _await_complete(cloudformation: "CloudFormationClient", name: str, deadline: float) -> None:
    while time.monotonic() < deadline:
        status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        if not status.endswith("_IN_PROGRESS"):
            raise DeployError(f"{name} is {status}:\n{_failures(cloudformation, name)}")
        time.sleep(_POLL_SECONDS)
    raise DeployError(f"{name} was not complete in time:\n{_failures(cloudformation, name)}")


def _failures(cloudformation: "CloudFormationClient", name: str) -> str:
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
    lines = [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', 'no reason given')}"
        for page in pages
        for event in page["StackEvents"]
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    return "\n".join(reversed(lines)) or "  no resource reported a failure"
