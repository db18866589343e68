"""The life of a local stack: it starts where it is told to, and never outlives its owner."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.deploy import DeployError
from local.emulator import Emulator, EmulatorError, end_process_group
from local.stack import LocalStack
from local.up import write_state
from tests.support.local_processes import eventually, processes_of
from tests.support.tiny_app import write_assembly

pytestmark = pytest.mark.emulator

# A program that owns a stack, calls a function so that one more process is there, and waits.
_OWNER = """
import signal, sys, time
from pathlib import Path
from local.stack import LocalStack
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is born deaf to it
with LocalStack(Path(sys.argv[1]), assembly=Path(sys.argv[2])) as stack:
    stack.invoke("WorkerName", {"do": "look", "modules": []})
    print("ready", flush=True)
    time.sleep(60)
"""


@contextmanager
def changed_template(assembly: Path) -> Iterator[dict[str, Any]]:
    path = assembly / "Tiny.template.json"
    template = json.loads(path.read_text(encoding="utf-8"))
    yield template
    path.write_text(json.dumps(template), encoding="utf-8")


def start_owner(tmp_path: Path) -> tuple[subprocess.Popen[str], Path]:
    work_dir = tmp_path / "work"
    assembly = write_assembly(tmp_path / "cdk.out")
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(work_dir), str(assembly)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    with owner.stdout:
        assert owner.stdout.readline() == "ready\n"
    return owner, work_dir


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_nothing_outlives_an_owner_that_ends(tmp_path: Path, how: signal.Signals) -> None:
    owner, work_dir = start_owner(tmp_path)
    assert len(processes_of(work_dir)) >= 2  # the emulator and one function

    owner.send_signal(how)
    owner.wait(timeout=10)

    assert eventually(lambda: not processes_of(work_dir))


def test_functions_end_when_only_the_emulator_is_killed(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "cdk.out")
    with LocalStack(tmp_path / "work", assembly=assembly) as stack:
        stack.invoke("WorkerName", {"do": "look", "modules": []})

        os.kill(stack.emulator.process.pid, signal.SIGKILL)
        stack.emulator.process.wait(timeout=10)

        assert eventually(lambda: not processes_of(tmp_path / "work"))


def test_two_emulators_run_side_by_side(tmp_path: Path) -> None:
    first = Emulator.start(tmp_path / "first")
    try:
        second = Emulator.start(tmp_path / "second")
        second.stop()
    finally:
        first.stop()

    assert first.port != second.port


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(EmulatorError, match=rf"port {port} on 127\.0\.0\.1 cannot be used"):
            Emulator.start(tmp_path, port=port)


def test_a_missing_runtime_folder_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match=r"pip install --target .*runtime\.txt"):
        Emulator.start(tmp_path, runtime_dir=tmp_path / "nothing")


def test_an_emulator_that_ends_at_once_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.emulator._child_variables", lambda *_: {"PATH": "/bin"})

    with pytest.raises(EmulatorError, match=r"(?s)ended with exit code 1; end of .*KeyError"):
        Emulator.start(tmp_path)


def test_a_start_that_is_interrupted_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("local.emulator.is_healthy", interrupt)

    with pytest.raises(KeyboardInterrupt):
        Emulator.start(tmp_path, detached=True)

    assert not processes_of(tmp_path)


def test_a_failed_deployment_is_reported_with_its_reason_and_nothing_stays(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "cdk.out")
    with changed_template(assembly) as template:
        template["Resources"]["Table"]["DependsOn"] = ["Worker"]

    with pytest.raises(DeployError, match=r"(?s)Tiny is CREATE_FAILED.*Circular.*Worker"):
        LocalStack(tmp_path / "work", assembly=assembly).start()

    assert eventually(lambda: not processes_of(tmp_path / "work"))


def test_a_changed_application_updates_the_stack_in_place(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "cdk.out")
    with LocalStack(tmp_path / "work", assembly=assembly) as stack:
        table = stack.outputs["TableName"]
        with changed_template(assembly) as template:
            template["Resources"]["Worker"]["Properties"]["Environment"]["Variables"]["NEW"] = "1"
            template["Outputs"]["New"] = {"Value": "made by the update"}

        stack.deploy()
        found = stack.invoke("WorkerName", {"do": "look", "modules": []})

        assert stack.outputs["TableName"] == table
        assert stack.outputs["New"] == "made by the update"
        assert "NEW" in found["environment"]


def up(state_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.up", "--state-dir", str(state_dir), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.synth
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed, so its lines cannot be tried")
def test_up_says_when_it_is_up_its_curl_lines_work_and_down_ends_it(tmp_path: Path) -> None:
    state_dir = tmp_path / ".local"
    try:
        first = up(state_dir)
        state: dict[str, Any] = json.loads((state_dir / "stack.json").read_text(encoding="utf-8"))
        second = up(state_dir)
        answers = [run_curl(line) for line in first.stdout.splitlines() if line.startswith("curl ")]
        ended = up(state_dir, "--down")
        again = up(state_dir, "--down")
    finally:
        for process in processes_of(state_dir):
            end_process_group(process)

    assert first.returncode == 0, first.stderr
    assert [organization["name"] for organization in answers[0]["items"]] == ["Local partner"]
    assert answers[1]["name"] == "Example Ltd"
    assert (answers[2]["status"], answers[2]["code"]) == (401, "no_credential")
    assert state["api_key"].startswith("plt_live_")
    assert state["api_key"] != state["operator_key"]
    assert (second.returncode, "already up" in second.stdout) == (0, True)
    assert (ended.returncode, "is down" in ended.stdout) == (0, True)
    assert (again.returncode, again.stdout) == (0, "The local stack is not up.\n")
    assert eventually(lambda: not processes_of(state_dir))


def run_curl(line: str) -> dict[str, Any]:
    """What a person gets who pastes the line."""
    result = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, timeout=30, check=True)
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_the_state_file_is_for_its_owner_only(tmp_path: Path) -> None:
    write_state(tmp_path, {"api_key": "made-up-key"})

    assert (tmp_path / "stack.json").stat().st_mode & 0o777 == 0o600


def test_up_without_a_synthesized_application_says_what_to_run(tmp_path: Path) -> None:
    answer = up(tmp_path, "--assembly", str(tmp_path / "nothing"))

    assert (answer.returncode, "make synth-local" in answer.stderr) == (2, True)


def test_up_where_nothing_can_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    answer = up(tmp_path / "file" / ".local")

    assert answer.returncode == 2
    assert "cannot be written (Not a directory)" in answer.stderr
