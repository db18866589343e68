"""Reading synthesized templates: resources by type, and what a role may do, as plain data."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

CONTEXT_CONSTRUCTS = ("Accounts", "Ingest", "Eligibility", "Orders", "Tickets", "Webhooks")

Resource = dict[str, Any]
Resources = dict[str, Resource]


class Grant(NamedTuple):
    """One action on one resource, the resource as in the template."""

    action: str
    resource: Any


@dataclass(frozen=True)
class Synthesized:
    """One stage's assembly: its folder and its template."""

    folder: Path
    template: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Synthesized":
        (path,) = folder.glob("*.template.json")
        return cls(folder, json.loads(path.read_text()))

    @property
    def resources(self) -> Resources:
        resources: Resources = self.template["Resources"]
        return resources

    def of_type(self, kind: str) -> Resources:
        """Resources of the type by logical id; a missing type is a mistake of the test."""
        found = {name: each for name, each in self.resources.items() if each["Type"] == kind}
        assert found, f"the template has no {kind}"
        return found

    def functions(self) -> Resources:
        return self.of_type("AWS::Lambda::Function")

    def function(self, construct_id: str) -> tuple[str, Resource]:
        """Logical id and resource of the function with this construct id."""
        (found,) = [(name, each) for name, each in self.functions().items() if function_name(name) == construct_id]
        return found

    def grants(self, role: str) -> Iterator[Grant]:
        """Everything the policies attached to a role allow."""
        for policy in self.of_type("AWS::IAM::Policy").values():
            properties = policy["Properties"]
            if {"Ref": role} in properties["Roles"]:
                yield from _grants(properties["PolicyDocument"])

    def grants_of(self, function: Resource) -> list[Grant]:
        return list(self.grants(target(function["Properties"]["Role"])))

    def asset(self, key: str) -> Path:
        """The folder of an asset by its object key."""
        (manifest,) = self.folder.glob("*.assets.json")
        files = json.loads(manifest.read_text())["files"]
        return self.folder / str(files[key.removesuffix(".zip")]["source"]["path"])


def construct_of(logical_id: str) -> str:
    """A logical id without CDK's hash."""
    return logical_id[:-8]


def function_name(logical_id: str) -> str:
    """A function's construct id: without its context's before it and CDK's hash after it."""
    construct = construct_of(logical_id)
    return next(construct.removeprefix(name) for name in CONTEXT_CONSTRUCTS if construct.startswith(name))


def target(reference: Mapping[str, Any] | str) -> str:
    """The logical id that a Ref or GetAtt names."""
    assert isinstance(reference, dict), reference
    if "Ref" in reference:
        return str(reference["Ref"])
    return str(reference["Fn::GetAtt"][0])


def mentioned(value: object) -> set[str]:
    """Every logical id that is named anywhere in a part of a template."""
    if isinstance(value, dict):
        if "Ref" in value:
            return {str(value["Ref"])}
        if "Fn::GetAtt" in value:
            return {str(value["Fn::GetAtt"][0])}
        return {name for part in value.values() for name in mentioned(part)}
    if isinstance(value, list):
        return {name for part in value for name in mentioned(part)}
    return set()


def variables(function: Resource) -> dict[str, Any]:
    found: dict[str, Any] = function["Properties"]["Environment"]["Variables"]
    return found


def context_of(function: Resource) -> str:
    """The context whose handler a function runs."""
    return str(function["Properties"]["Handler"]).split(".")[1]


def _grants(document: Mapping[str, Any]) -> Iterator[Grant]:
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in _many(statement["Action"]):
            for resource in _many(statement["Resource"]):
                yield Grant(action, resource)


def _many(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
