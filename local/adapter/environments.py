"""Function environments: Python functions run by AWS's runtime client, seeing only what AWS gives.

Each patch is one function. Its docstring names the symptom on the bare emulator and why the
application cannot avoid it; ``tests/contract/test_local_adapter.py`` proves it.
"""

import functools
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENTS_PER_FUNCTION = 4
_FREE_ENVIRONMENT_SECONDS = 60
_FIRST_LOG_LINE_SECONDS = 0.004
# exec keeps one process per environment, so a signal reaches the interpreter itself.
_BOOTSTRAP = '#!/bin/sh\nexec "$PLATEN_PYTHON" -S -m awslambdaric "$_HANDLER"\n'

Config = dict[str, Any]
Environment = dict[str, str]
# Untyped objects of the emulator that a patch hands on unread.
Foreign = Any


def run_python_by_the_runtime_client() -> None:
    """Send Python functions to the Runtime API executor with AWS's ``awslambdaric`` behind it.

    Symptom: every exception arrives as ``Runtime.HandlerError``, so ``Retry`` and ``Catch`` by
    class in a state machine never match, and the environment is killed after each exception. The
    application cannot avoid it: error classes are how its workflows branch on faults.
    """
    worker_class_for = lambda_runtime._worker_class_for  # noqa: SLF001  private on purpose: patched
    code_dir_of = lambda_svc._provided_runtime_code_dir  # noqa: SLF001  private on purpose: patched
    run_other = lambda_svc._execute_function_warm  # noqa: SLF001  private on purpose: patched

    def python_in_runtime_api(config: Config) -> Foreign:
        if _is_python(config):
            return lambda_runtime.ProvidedWorker
        return worker_class_for(config)

    def with_bootstrap(code_zip: bytes) -> str:
        code_dir: str = code_dir_of(code_zip)
        bootstrap = Path(code_dir, "bootstrap")
        # Under the emulator's lock no other thread forks while this file is open for writing; a
        # child that inherited the descriptor would make execve fail with ETXTBSY.
        with lambda_svc._provided_code_lock:  # noqa: SLF001  the emulator's own lock
            if not bootstrap.exists():
                bootstrap.write_text(_BOOTSTRAP, encoding="ascii")
                bootstrap.chmod(0o755)
        return code_dir

    def run(func: Config, event: Foreign, request_id: str) -> Foreign:
        if not _is_python(_config_of(func)):
            return run_other(func, event, request_id)
        return lambda_svc._execute_function_provided_warm(  # noqa: SLF001  the executor wanted
            func, event, request_id
        )

    lambda_runtime._worker_class_for = python_in_runtime_api  # noqa: SLF001  the patch
    lambda_svc._provided_runtime_code_dir = with_bootstrap  # noqa: SLF001  the patch
    lambda_svc._execute_function_warm = run  # noqa: SLF001  the patch


def isolate_function_environments(runtime_dir: Path, base: Environment) -> None:
    """Give a function its code, its layers, the runtime folder, and no more.

    Symptom: functions see the emulator's whole virtual environment and variables, so a dependency
    missing from the layer or a setting missing from the template passes unseen. The application
    cannot see from inside what it would lack on AWS.

    Args:
        runtime_dir: Folder with what AWS's managed runtime brings (awslambdaric, boto3).
        base: Variables every function gets beside Lambda's own (endpoint, CA bundle, PATH).
    """

    def environment(config: Config, code_dir: str, port: int) -> Environment:
        return function_environment(config, code_dir, port, runtime_dir=runtime_dir, base=base)

    lambda_svc._provided_worker_env = environment  # noqa: SLF001  the patch


def function_environment(
    config: Config, code_dir: str, port: int, *, runtime_dir: Path, base: Environment
) -> Environment:
    """Return the variables of one environment, named as AWS documents them for Lambda.

    ``PYTHONPATH`` has the order of AWS: code, layers, runtime.
    """
    region = config["FunctionArn"].split(":")[3]
    python_path = [code_dir, *_layer_folders(config), str(runtime_dir)]
    name = config["FunctionName"]
    logging_config = config.get("LoggingConfig") or {}
    return {
        **base,
        **lambda_svc._runtime_env_vars(config),  # noqa: SLF001  the template's variables
        **lambda_runtime.execution_credentials(config),
        "PLATEN_PYTHON": sys.executable,
        "PYTHONPATH": ":".join(python_path),
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": logging_config.get("LogFormat", "Text"),
        **({"AWS_LAMBDA_LOG_LEVEL": level} if (level := logging_config.get("ApplicationLogLevel")) else {}),
        "AWS_LAMBDA_LOG_GROUP_NAME": logging_config.get("LogGroup", f"/aws/lambda/{name}"),
        "AWS_LAMBDA_LOG_STREAM_NAME": lambda_svc.new_uuid(),
        "LAMBDA_TASK_ROOT": code_dir,
        "TZ": ":UTC",
        "_HANDLER": config["Handler"],
    }


def answer_without_delay() -> None:
    """Write each Runtime API answer in one segment and wait less for a first log line.

    Symptom: 40 ms a call (Nagle's algorithm against delayed acknowledgement, because headers and
    body leave in two writes) and 50 ms more for every invocation that logs nothing. It would
    triple the time of the demo, and no code of a function is involved.
    """
    build = lambda_runtime.ProvidedWorker._build_handler_class  # noqa: SLF001  patched
    drain = lambda_runtime.Worker._drain_stderr_bounded  # noqa: SLF001  patched

    def build_buffered(worker: Foreign, generation: int, pending: Foreign) -> type:
        handler = build(worker, generation, pending)
        return type("BufferedRuntimeApi", (handler,), {"wbufsize": -1, "disable_nagle_algorithm": True})

    lambda_runtime.ProvidedWorker._build_handler_class = build_buffered  # noqa: SLF001  the patch
    lambda_runtime.ProvidedWorker._drain_stderr_bounded = (  # noqa: SLF001  the patch
        functools.partialmethod(drain, first_line_wait=_FIRST_LOG_LINE_SECONDS)
    )


def cap_environments_per_function(limit: int = ENVIRONMENTS_PER_FUNCTION) -> None:
    """Let at most ``limit`` environments of a function run; further calls wait their turn.

    Symptom: a burst of 50 executions starts 73 processes and takes 3.7 GB. AWS has the memory for
    it; a laptop has not, and reserved concurrency in the template would change production.
    A call that finds no free environment within 60 s is throttled, as on AWS.
    """
    run = lambda_svc._execute_function_warm  # noqa: SLF001  private on purpose: patched
    gates: dict[str, threading.BoundedSemaphore] = {}

    def run_in_turn(func: Config, event: Foreign, request_id: str) -> Foreign:
        arn = _config_of(func)["FunctionArn"]
        # setdefault is atomic: two first callers share one semaphore.
        gate = gates.setdefault(arn, threading.BoundedSemaphore(limit))
        if not gate.acquire(timeout=_FREE_ENVIRONMENT_SECONDS):
            return lambda_svc._throttle_response(  # noqa: SLF001  AWS's shape of a throttle
                reason_code="ConcurrentInvocationLimitExceeded",
                msg=f"Rate Exceeded: {limit} local environments of {arn} are busy",
            )
        try:
            return run(func, event, request_id)
        finally:
            gate.release()

    lambda_svc._execute_function_warm = run_in_turn  # noqa: SLF001  the patch


def _config_of(func: Config) -> Config:
    config: Config = func.get("config") or func
    return config


def _is_python(config: Config) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def _layer_folders(config: Config) -> list[str]:
    """Return the ``python`` folder of each layer, unpacked once per content and shared."""
    unpack: Callable[[bytes, str], str] = lambda_svc._docker_extracted_dir  # noqa: SLF001  its cache
    folders = []
    for layer in config.get("Layers") or []:
        content = lambda_svc._resolve_layer_zip(layer)  # noqa: SLF001  the only way to a layer
        if content:
            folders.append(str(Path(unpack(content, "layer"), "python")))
    return folders
