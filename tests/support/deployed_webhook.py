"""A tenant's webhook on the deployed template, with one of everything below it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from local.stack import LocalStack
from tests.support.webhook_receiver import Receiver


class Door(Protocol):
    """The partner API as the tenant sees it."""

    def made(self, path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]: ...

    def got(self, path: str, **query: str) -> dict[str, Any]: ...


def parked_webhook(door: Door, organization_id: str, wait: Callable[[Callable[[], bool], str], bool]) -> dict[str, str]:
    """A webhook that goes nowhere, with a test event that is held and a replay that has ended: their ids."""
    wanted = {"organization_id": organization_id, "url": "https://hooks.invalid", "event_types": ["SlaBreached"]}
    webhook = door.made("/v1/webhooks", wanted)["webhook_id"]
    where = f"/v1/webhooks/{webhook}"
    replay = door.made(f"{where}/replays", {"since": "2026-01-01T00:00:00Z"})["replay_id"]
    wait(lambda: bool(door.got(f"{where}/replays/{replay}")["state"] == "completed"), "the replay")
    door.made(f"{where}/parked", {}, method="PUT")
    delivery = door.made(f"{where}/pings", {})["delivery_id"]
    wait(lambda: bool(door.got(f"{where}/deliveries/{delivery}")["state"] == "held"), "the test event")
    return {"webhook_id": webhook, "delivery_id": delivery, "replay_id": replay}


@contextmanager
def trusted_receiver(stack: LocalStack, folder: Path) -> Iterator[Receiver]:
    """An endpoint whose authority the deployed sender trusts."""
    ca_file = folder / "ca.pem"
    functions, name = stack.client("lambda"), stack.outputs["WebhooksSenderFunctionName"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    with Receiver(ca_file) as endpoint:
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables | {"WEBHOOK_CA_FILE": str(ca_file)}}
        )
        yield endpoint
