"""The emulator process: ``python -m local.adapter --listen-fd N --runtime DIR``.

Started by ``local.emulator``, which hands over the listening socket and the variables that
ministack reads. With ``--lifeline`` it ends, with every process it started, when its standard
input reaches end of file, that is when its parent is gone however it went.
"""

import argparse
import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

from local.adapter.version import WrongEmulatorError, installed_version, require_pinned_version

# What a function keeps of the emulator's own variables: how to call back, and a path.
_PASSED_ON = ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PATH")


def main() -> int:
    """Serve until a signal or the lifeline ends it; 2 when the emulator is not the pinned one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen-fd", type=int, required=True)
    parser.add_argument("--runtime", type=Path, required=True)
    parser.add_argument("--lifeline", action="store_true")
    arguments = parser.parse_args()
    try:
        require_pinned_version(installed_version())
    except WrongEmulatorError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if arguments.lifeline:
        threading.Thread(target=_die_at_end_of_input, daemon=True, name="lifeline").start()
    _patch(arguments.runtime)
    _serve(arguments.listen_fd)
    return 0


def _die_at_end_of_input() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    # Functions are in this process's group; nothing of a local stack needs a clean shutdown.
    os.killpg(0, signal.SIGKILL)


def _patch(runtime_dir: Path) -> None:
    # Imported here: ministack reads its settings at import, and only after the version is known
    # to fit may anything of it be touched.
    from local.adapter import alarms, environments, permissions  # noqa: PLC0415  see above

    base = {key: os.environ[key] for key in _PASSED_ON}  # noqa: TID251  set by local.emulator
    environments.run_python_by_the_runtime_client()
    environments.isolate_function_environments(runtime_dir, base)
    environments.answer_without_delay()
    environments.cap_environments_per_function()
    permissions.check_batch_send_as_send()
    permissions.check_task_answers_against_their_machine()
    alarms.raise_alarms_on_queue_depth()


def _serve(listen_fd: int) -> None:
    # ministack's own main() would also take port 443 and write a pid file.
    from hypercorn.asyncio import serve  # noqa: PLC0415  after the patches, as ministack
    from hypercorn.config import Config  # noqa: PLC0415  after the patches, as ministack
    from ministack.app import app  # noqa: PLC0415  after the patches
    from ministack.core.tls import resolve_tls_material  # noqa: PLC0415  after the patches

    config = Config()
    config.bind = [f"fd://{listen_fd}"]
    config.keep_alive_timeout = 75
    config.certfile, config.keyfile = resolve_tls_material()
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    sys.exit(main())
