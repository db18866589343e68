"""Keeps a local stack for a person: ``python -m local.up`` starts it, with ``--down`` it ends."""

import argparse
import json
import os
import shlex
import shutil
import ssl
import sys
from pathlib import Path
from typing import Any

from local.adapter.version import WrongEmulatorError
from local.deploy import DeployError
from local.emulator import (
    ACCOUNT_ID,
    REGION,
    REPOSITORY,
    RUNTIME_DIR,
    EmulatorError,
    end_process_group,
    is_healthy,
)
from local.partner_client import PartnerClient, PartnerRequestError
from local.preflight import EXIT_CODE, PreflightError, check_assembly, check_writable
from local.stack import ASSEMBLY, LocalStack, StackError
from shared.names import PARTNER_SCOPES

STATE_DIR = REPOSITORY / ".local"
_OPERATOR = "Local operator"
_PARTNER = "Local partner"

State = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Start or end the stack; 0 when it is as asked, 1 when it failed, 2 when it could not try."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--down", action="store_true", help="end the stack that is up")
    parser.add_argument("--port", type=int, default=0, help="loopback port (default: a free one)")
    parser.add_argument("--assembly", type=Path, default=ASSEMBLY)
    parser.add_argument("--state-dir", type=Path, default=STATE_DIR)
    parser.add_argument("--runtime", type=Path, default=RUNTIME_DIR)
    options = parser.parse_args(arguments)
    try:
        if options.down:
            return down(options.state_dir)
        check_writable(options.state_dir)
        check_assembly(options.assembly)
        return up(options)
    except PreflightError as problem:
        sys.stderr.write(f"{problem}\n")
        return EXIT_CODE
    except (EmulatorError, WrongEmulatorError, DeployError, StackError, PartnerRequestError) as problem:
        sys.stderr.write(f"The local stack did not come up: {problem}\n")
        return 1


def up(options: argparse.Namespace) -> int:
    """Start a detached stack and print how to use it. When one is up, say so and change nothing."""
    state = read_state(options.state_dir)
    if state is not None and is_up(state):
        _say(f"The local stack is already up (process {state['pid']}).\n")
        _say(curl_lines(state))
        return 0
    stack = LocalStack(
        options.state_dir / "stack",
        assembly=options.assembly,
        port=options.port,
        detached=True,
        runtime_dir=options.runtime,
    )
    stack.start()
    try:
        operator = stack.invoke("BootstrapFunctionName", {"organization_name": _OPERATOR})
        state = describe(stack, first_partner(stack, operator["api_key"]), operator["api_key"])
        write_state(options.state_dir, state)
    except BaseException:
        stack.stop()
        raise
    _say(f"The local stack is up (process {state['pid']}); end it with: make down\n")
    _say(curl_lines(state))
    return 0


def down(state_dir: Path) -> int:
    """End the stack that is up and forget it; safe to repeat."""
    state = read_state(state_dir)
    if state is None or not is_up(state):
        _say("The local stack is not up.\n")
    else:
        end_process_group(state["pid"])
        _say(f"The local stack (process {state['pid']}) is down.\n")
    _state_file(state_dir).unlink(missing_ok=True)
    shutil.rmtree(state_dir / "stack", ignore_errors=True)
    return 0


def first_partner(stack: LocalStack, operator_key: str) -> str:
    """Make a partner with the operator's key and return a key of the partner's own, with every scope."""
    tls = ssl.create_default_context(cafile=str(stack.ca_file))
    operator = PartnerClient(stack.api_url("Partner"), operator_key, tls)
    try:
        partner = operator.post("/v1/organizations", {"name": _PARTNER})
        wanted = {"organization_id": partner["organization_id"], "name": "make up", "scopes": list(PARTNER_SCOPES)}
        return str(operator.post("/v1/api-keys", wanted)["api_key"])
    finally:
        operator.close()


def describe(stack: LocalStack, api_key: str, operator_key: str) -> State:
    """Return what a person or a program needs to use the stack; written to ``stack.json``.

    ``api_key`` is the partner's; ``operator_key`` may also make partners and fill the programme's catalogue.
    """
    return {
        "agent_api": stack.api_url("Agent"),
        "partner_api": stack.api_url("Partner"),
        "ca_file": str(stack.ca_file),
        "api_key": api_key,
        "operator_key": operator_key,
        "endpoint_url": stack.endpoint_url,
        "region": REGION,
        "account_id": ACCOUNT_ID,
        "pid": stack.emulator.process.pid,
        "outputs": stack.outputs,
    }


def is_up(state: State) -> bool:
    """Tell whether the stack of ``state`` answers, by its own certificate, so not a successor."""
    port = int(state["endpoint_url"].rsplit(":", 1)[1])
    return is_healthy(port, Path(state["ca_file"]))


def read_state(state_dir: Path) -> State | None:
    """Return what ``write_state`` wrote, or None when there is nothing whole."""
    try:
        state: State = json.loads(_state_file(state_dir).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return state


def write_state(state_dir: Path, state: State) -> None:
    """Write ``stack.json`` whole or not at all, readable by its owner only: it holds a key."""
    partial = state_dir / "stack.json.partial"
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(state, file, indent=2)
    partial.replace(_state_file(state_dir))


def curl_lines(state: State) -> str:
    """Return commands to paste: list organizations, create one, and one refused with a 401."""
    curl = ["curl", "-sS", "-w", r"\n", "--cacert", state["ca_file"]]
    key = ["-H", f"x-api-key: {state['api_key']}"]
    organizations = f"{state['partner_api']}/v1/organizations"
    body = json.dumps({"name": "Example Ltd"})
    create = ["-X", "POST", "-H", "content-type: application/json"]
    create += ["-H", "Idempotency-Key: example-1", "-d", body]
    lines = [
        ("list organizations: the partner and its customers", [*curl, *key, organizations]),
        ("create a customer; the same line again changes nothing", [*curl, *key, *create, organizations]),
        ("without a key: a 401 problem document", [*curl, organizations]),
    ]
    return "".join(f"\n# {what}\n{shlex.join(command)}\n" for what, command in lines)


def _state_file(state_dir: Path) -> Path:
    return state_dir / "stack.json"


def _say(text: str) -> None:
    sys.stdout.write(text)


if __name__ == "__main__":
    sys.exit(main())
