"""The real agent as its own process: configured, activated, started, killed and started again."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from local.demo.progress import StepFailed

_COMMAND_SECONDS = 30
_STOP_SECONDS = 10
_LONGEST_RUN_SECONDS = 600


class AgentProcess:
    """`platen-agent` in a folder of its own, with nothing of AWS in its environment."""

    def __init__(self, work_dir: Path, *, server: str, ca_file: Path, clock: str | None = None) -> None:
        self._folder = work_dir
        self._folder.mkdir(parents=True, exist_ok=True)
        self._config = work_dir / "agent.toml"
        self._config.write_text(
            f'server = "{server}"\nca_file = "{ca_file}"\nstate_dir = "state"\n'
            '[snmp]\ncommunity = "public"\ntimeout_seconds = 0.4\nretries = 1\nrate_limit_pps = 20000\n'
            '[network]\nports = ["1024-65535"]\nleast_interval_seconds = 1\n'  # simulated printers, read each second
        )
        names = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR")
        inherited = {name: os.environ[name] for name in names if name in os.environ}  # noqa: TID251 - for the child
        self._environment = inherited | ({"PLATEN_AGENT_CLOCK": clock} if clock else {})
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self.starts = 0

    def activate(self, code: str) -> dict[str, Any]:
        """Exchange the code for an identity; the key pair is made by the agent."""
        return self._json("activate", "--code", code)

    def status(self) -> dict[str, Any]:
        """What the agent says of itself: printers with their stages, queue, counts."""
        return self._json("status")

    def has_run(self) -> bool:
        """True once there is a spool to ask for the status."""
        return (self._folder / "state" / "spool.db").exists()

    def start(self) -> None:
        """Run until stopped; the log goes to ``agent.log``."""
        self._log = (self._folder / "agent.log").open("ab")
        self._process = subprocess.Popen(
            # Bounded, so that it ends by itself should the demo be killed too hard to stop it.
            self._command("run", "--max-seconds", str(_LONGEST_RUN_SECONDS)),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self.starts += 1

    def kill(self) -> None:
        """SIGKILL, as a power cut would end it."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when it does not end."""
        self._end(signal.SIGTERM)

    def check_alive(self) -> None:
        """`StepFailed` with the log's end when the agent ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            tail = (self._folder / "agent.log").read_text(errors="replace")[-2000:]
            raise StepFailed(f"the agent ended with {self._process.returncode}:\n{tail}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()

    def _command(self, *words: str) -> list[str]:
        program = str(Path(sys.executable).with_name("platen-agent"))
        return [program, *words, "--config", str(self._config)]

    def _json(self, *words: str) -> dict[str, Any]:
        command = [*self._command(*words), "--json"]
        result = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False
        )
        if result.returncode != 0:
            raise StepFailed(f"platen-agent {words[0]} ended with {result.returncode}: {result.stderr.strip()}")
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer
