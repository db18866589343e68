"""The stages are one app: they differ in what `infra.settings` says and in nothing else."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from infra.assets import AssetError, state_machine_text
from infra.settings import HOST_PYTHON, settings_of
from tests.support.templates import Synthesized, function_name, variables

pytestmark = pytest.mark.synth

ROOT = Path(__file__).parents[2]
OUTPUTS = {
    "AgentApiId",
    "AgentApiUrl",
    "PartnerApiId",
    "PartnerApiStage",
    "PartnerApiUrl",
    "BootstrapFunctionName",
    "SuppliesOrderMachineArn",
    "EnrolmentMachineArn",
    "FleetTableName",
    "AccountsTableName",
    "EligibilityTableName",
    "OrdersTableName",
    "TicketsTableName",
    "WebhooksTableName",
    "WebhooksSenderFunctionName",
    "WebhooksSweepFunctionName",
    "IdempotencyTableName",
    "EventBusName",
    "AlarmTopicArn",
}
ONLY_IN_PRODUCTION = {"AWS::Events::Archive", "AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation"}


def types(stage: Synthesized) -> Counter[str]:
    return Counter(each["Type"] for each in stage.resources.values())


def test_the_local_stack_deploys_what_development_deploys(dev: Synthesized, local: Synthesized) -> None:
    assert types(local) == types(dev)


def test_production_adds_the_archive_and_the_firewall_and_nothing_else(dev: Synthesized, prod: Synthesized) -> None:
    added = types(prod) - types(dev)
    assert set(added) == ONLY_IN_PRODUCTION
    assert types(dev) - types(prod) == Counter()


def test_the_outputs_are_those_that_deployers_read(prod: Synthesized) -> None:
    assert set(prod.template["Outputs"]) == OUTPUTS


def test_the_template_is_for_any_account_and_region(prod: Synthesized) -> None:
    manifest = json.loads((prod.folder / "manifest.json").read_text())
    (stack,) = [each for each in manifest["artifacts"].values() if each["type"] == "aws:cloudformation:stack"]
    assert stack["environment"] == "aws://unknown-account/unknown-region"


def test_only_the_local_stack_is_sped_up_or_calls_loopback(
    prod: Synthesized, dev: Synthesized, local: Synthesized
) -> None:
    assert {variables_named(stage, "DELAY_SCALE") for stage in (prod, dev)} == {("1",)}
    for name in ("FULFILMENT_PRIVATE_HOSTS", "WEBHOOK_PRIVATE_HOSTS"):
        assert {variables_named(stage, name) for stage in (prod, dev)} == {("",)}
        assert variables_named(local, name) == ("127.0.0.1",)


def variables_named(stage: Synthesized, name: str) -> tuple[str, ...]:
    """The different values of a variable over all functions that have it."""
    return tuple({variables(each)[name] for each in stage.functions().values() if name in variables(each)})


def test_the_local_stack_runs_on_the_host_s_python(local: Synthesized) -> None:
    runtimes = {each["Properties"]["Runtime"] for each in local.functions().values()}
    assert runtimes == {f"python{HOST_PYTHON}"}


def test_only_code_for_the_host_s_python_is_compiled(prod: Synthesized, local: Synthesized) -> None:
    assert compiled(local)
    assert not compiled(prod)


def compiled(stage: Synthesized) -> list[Path]:
    _, function = stage.function("Bootstrap")
    return list(stage.asset(function["Properties"]["Code"]["S3Key"]).rglob("*.pyc"))


def test_names_of_functions_do_not_differ_between_stages(prod: Synthesized, local: Synthesized) -> None:
    assert {function_name(name) for name in prod.functions()} == {function_name(name) for name in local.functions()}


def test_an_unknown_stage_is_refused_by_naming_those_there_are() -> None:
    with pytest.raises(ValueError, match="no stage 'qa'; choose dev, prod or local"):
        settings_of("qa")


def test_a_missing_state_machine_names_its_file() -> None:
    with pytest.raises(AssetError, match=r"infra/state_machines/none\.asl\.json is missing"):
        state_machine_text("none")


def test_the_command_says_what_is_wrong_and_fails() -> None:
    command = [sys.executable, "-m", "infra.app", "--stage", "qa"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 1
    assert result.stderr == "There is no stage 'qa'; choose dev, prod or local.\n"
