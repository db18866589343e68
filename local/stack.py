"""The whole local stack for a test or the demo: emulator, deployed template, clients, addresses."""

import functools
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import boto3
from botocore.config import Config

from local.deploy import Target, deploy
from local.emulator import (
    ACCOUNT_ID,
    ADMINISTRATOR,
    REGION,
    REPOSITORY,
    RUNTIME_DIR,
    Emulator,
    trust_variables,
)

ASSEMBLY = REPOSITORY / "build" / "local" / "cdk.out"
ARCHIVES = REPOSITORY / "build" / "assets"

_DEPLOY_SECONDS = 120.0
_AGENT_STAGE = "$default"
_SDK = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 2},
    # Else boto3 would ask for sync-127.0.0.1 where Step Functions answers at once.
    inject_host_prefix=False,
    # A proxy of this machine has no business with loopback.
    proxies={},
)

Api = Literal["Agent", "Partner"]
Json = dict[str, Any] | list[Any] | str | None


class StackError(RuntimeError):
    """A call on the local stack failed, with what it answered."""


class LocalStack:
    """A local stack, deployed on entry and gone on exit.

    Example:
        with LocalStack(work_dir) as stack:
            stack.client("dynamodb").get_item(TableName=stack.outputs["FleetTableName"], ...)

    Attributes:
        outputs: The template's outputs by name, once started.
    """

    def __init__(
        self,
        work_dir: Path,
        *,
        assembly: Path = ASSEMBLY,
        port: int = 0,
        wait_scale: float = 1.0,
        detached: bool = False,
        runtime_dir: Path = RUNTIME_DIR,
    ) -> None:
        self.outputs: dict[str, str] = {}
        self._assembly = assembly
        self._launch = functools.partial(
            Emulator.start,
            work_dir,
            port=port,
            wait_scale=wait_scale,
            detached=detached,
            runtime_dir=runtime_dir,
        )
        self._running: Emulator | None = None
        self._clients: dict[str, Any] = {}

    def start(self) -> Self:
        """Start the emulator and deploy; when the deployment fails the emulator is ended again.

        Raises:
            EmulatorError: The emulator did not start.
            DeployError: The template did not deploy.
        """
        self._running = self._launch()
        try:
            self.deploy()
        except BaseException:
            self.stop()
            raise
        return self

    def deploy(self) -> None:
        """Deploy the assembly as it is now and take over its outputs; safe to repeat.

        Raises:
            DeployError: The template did not deploy.
        """
        self.outputs = deploy(
            self._assembly,
            clients=self,
            target=Target(self.endpoint_url, ACCOUNT_ID, REGION),
            archive_dir=ARCHIVES,
            timeout_seconds=_DEPLOY_SECONDS,
        )

    def stop(self) -> None:
        """End everything the stack started; repeating changes nothing."""
        if self._running is not None:
            self._running.stop()
            self._running = None
            self._clients.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def emulator(self) -> Emulator:
        """The running emulator.

        Raises:
            StackError: The stack is not started.
        """
        if self._running is None:
            raise StackError("the local stack is not started")
        return self._running

    @property
    def endpoint_url(self) -> str:
        """Base address of every AWS service."""
        return self.emulator.endpoint_url

    @property
    def ca_file(self) -> Path:
        """Certificate authority to trust for ``endpoint_url`` and the API addresses."""
        return self.emulator.ca_file

    def client(self, service: str) -> Any:  # noqa: ANN401 - the caller knows which client
        """Return a boto3 client that acts as the account's administrator."""
        if service not in self._clients:
            session = boto3.Session(
                aws_access_key_id=ADMINISTRATOR["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=ADMINISTRATOR["AWS_SECRET_ACCESS_KEY"],
                region_name=REGION,
            )
            self._clients[service] = session.client(  # type: ignore[call-overload] # any service
                service, endpoint_url=self.endpoint_url, verify=str(self.ca_file), config=_SDK
            )
        return self._clients[service]

    def api_url(self, api: Api) -> str:
        """Return the base address of an API, without a trailing slash.

        Host names per API do not resolve on loopback, so both are the emulator's path style.
        """
        api_id = self.outputs[f"{api}ApiId"]
        if api == "Agent":
            return f"{self.endpoint_url}/_aws/execute-api/{api_id}/{_AGENT_STAGE}"
        stage = self.outputs["PartnerApiStage"]
        return f"{self.endpoint_url}/restapis/{api_id}/{stage}/_user_request_"

    def invoke(self, function_name_output: str, payload: Json) -> Any:  # noqa: ANN401 - JSON
        """Invoke the function whose name is the given output and return its result.

        Raises:
            StackError: The function failed; its error type and message are in the text.
        """
        answer = self.client("lambda").invoke(
            FunctionName=self.outputs[function_name_output], Payload=json.dumps(payload)
        )
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise StackError(f"{function_name_output} failed: {result.get('errorType')}: {result.get('errorMessage')}")
        return result

    def variables(self) -> dict[str, str]:
        """Return the environment by which a child process reaches this stack as administrator."""
        return {
            **ADMINISTRATOR,
            **trust_variables(self.ca_file),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "NO_PROXY": "127.0.0.1,localhost",
        }
