"""Agent API: `POST /v1/uploads` and `GET /v1/config`."""

import base64
import binascii
import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.ingest import settings
from functions.ingest.agent_desk.contacts import Contacts
from functions.ingest.agents.agent import calling_agent, config_of, is_current, told_heartbeat_of
from functions.ingest.agents.generations import take_turn
from functions.ingest.agents.inheritance import Inheritance
from functions.ingest.agents.key_rotation import key_to_exchange
from functions.ingest.agents.suspicion import AgentSuspected
from functions.ingest.silence.watch import heard_again, look_sooner
from functions.ingest.uploads.accept_upload import accept_upload
from functions.ingest.uploads.taken import Sender
from functions.ingest.uploads.unpack import parse_upload, unpack
from shared.clock import utc_now
from shared.errors import Malformed
from shared.http import PROBLEMS, agent_api, agent_of, resolve
from shared.names import AGENT_IDENTITY_SERVICE, AGENTS_SUSPECTED_METRIC
from shared.observability import logger, metrics, tracer
from shared.problems import PROBLEM_JSON, Problem
from shared.table import Item
from shared.tenancy import AgentCaller
from shared.wire.activation import AgentConfig
from shared.wire.upload import GZIP_MEDIA_TYPE, UploadReceipt

SERVICE: Final = "upload"
ZONES_KEPT: Final = timedelta(minutes=5)
UPLOAD_PROBLEMS: Final[dict[int, Any]] = PROBLEMS | {
    413: {"description": "More than 1 MiB unpacked", "content": {PROBLEM_JSON: {"model": Problem}}},
    503: {"description": "Try again", "content": {PROBLEM_JSON: {"model": Problem}}},
}
app = agent_api()


@app.post(
    "/v1/uploads",
    summary="Upload readings",
    description=(
        "A batch of at most 500 readings and 1 MiB unpacked, JSON, gzip or not. Every reading is stored or rejected "
        "by name before this is answered. A batch is known by (agent, boot_id, seq): sending it again changes nothing, "
        "and the last one is answered as it was before."
    ),
    responses={200: {"description": "What became of each reading"}, **UPLOAD_PROBLEMS},
    tags=["Uploads"],
)
def post_upload() -> UploadReceipt:
    """Accept an upload."""
    caller, now = agent_of(app), utc_now()
    upload = parse_upload(unpack(_body(), _encoding()))
    agent = _settled(caller, now)
    generation = _generation(agent, caller, now)
    sender = Sender(caller, upload.agent_version, _zones().of(caller, now), now)
    receipt = accept_upload(upload, sender=sender, config_etag=agent["config_etag"], documents=settings.documents())
    if "silent_since" in agent:
        heard_again(settings.documents(), caller.agent_id, now)
    _report(receipt, upload.dropped_readings, caller)
    return receipt.model_copy(update={"generation": generation, "key_to_exchange": key_to_exchange(agent)})


@app.get(
    "/v1/config",
    summary="Get the agent's configuration",
    description="Where to look for printers and how often. Answers 304 when If-None-Match names the current ETag.",
    responses={
        200: {"description": "The configuration; its ETag is in the header"},
        304: {"description": "Unchanged"},
        **PROBLEMS,
    },
    tags=["Configuration"],
)
def get_config() -> Response[AgentConfig | None]:
    """The configuration in force."""
    now = utc_now()
    agent = _settled(agent_of(app), now)
    _contacts().note(agent, now)
    etag = agent["config_etag"]
    headers: dict[str, str | list[str]] = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if is_current(etag, app.current_event.headers.get("if-none-match")):
        return Response(status_code=int(HTTPStatus.NOT_MODIFIED), headers=headers)
    return Response(
        status_code=int(HTTPStatus.OK), content_type="application/json", body=config_of(agent), headers=headers
    )


class Zones:
    """Time zones of sites, believed for `ZONES_KEPT`."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[ZoneInfo, datetime]] = {}

    def of(self, caller: AgentCaller, now: datetime) -> ZoneInfo:
        """The zone of the agent's site; UTC when the site is gone."""
        key = (caller.tenant_id, caller.site_id)
        zone, until = self._known.get(key, (settings.UTC_ZONE, now))
        if now < until:
            return zone
        # A site that was just made may be missed by the cheaper look, and days are kept for good.
        site = settings.accounts().site(*key, consistent=False) or settings.accounts().site(*key)
        zone = ZoneInfo(site.time_zone) if site else settings.UTC_ZONE
        self._known[key] = (zone, now + ZONES_KEPT)
        return zone


@cache
def _zones() -> Zones:
    return Zones()


@cache
def _inheritance() -> Inheritance:
    return Inheritance(settings.documents(), settings.accounts())


@cache
def _contacts() -> Contacts:
    return Contacts(settings.documents())


def _settled(caller: AgentCaller, now: datetime) -> Item:
    """The row of the agent that asks, with what it inherits and is told now."""
    before = calling_agent(settings.documents(), caller, now)
    agent = _inheritance().settled(before, now)
    if told_heartbeat_of(agent) < told_heartbeat_of(before):
        look_sooner(settings.documents(), agent, now)
    return agent


def _encoding() -> str | None:
    """How the body is packed: a content type of its own says so, or the content encoding."""
    headers = app.current_event.headers
    media_type = (headers.get("content-type") or "").partition(";")[0].strip().lower()
    return "gzip" if media_type == GZIP_MEDIA_TYPE else headers.get("content-encoding")


def _body() -> bytes:
    event = app.current_event.raw_event
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("damaged_body", "The body did not arrive whole; send it again.") from error


def _generation(agent: Item, caller: AgentCaller, now: datetime) -> int | None:
    """What generation to tell the agent. Before anything is stored: nobody knows whose a suspect agent's data is."""
    try:
        return take_turn(agent, caller, documents=settings.documents(), now=now)
    except AgentSuspected as suspected:
        logger(SERVICE).warning("agent suspect", agent_id=suspected.agent_id, cause=suspected.cause.value)
        metrics(AGENT_IDENTITY_SERVICE).add_metric(name=AGENTS_SUSPECTED_METRIC, unit="Count", value=1)
        raise


def _report(receipt: UploadReceipt, dropped: int, caller: AgentCaller) -> None:
    counts = Counter(outcome.outcome.value for outcome in receipt.outcomes)
    logger(SERVICE).info(
        "upload accepted", agent_id=caller.agent_id, seq=receipt.seq, dropped=dropped, outcomes=dict(counts)
    )
    for name, count in counts.items():
        metrics(SERVICE).add_metric(name=f"Readings{name.capitalize()}", unit="Count", value=count)


@contextmanager
def uncollected() -> Iterator[None]:
    """Put the search for cycles off until a request is answered.

    Of an upload thousands of objects are made, next to none of them in a cycle, and each search looks at all that are
    there. What is not freed meanwhile is bounded by the size of an upload.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@logger(SERVICE).inject_lambda_context(clear_state=True)
@metrics(SERVICE).log_metrics
@metrics(AGENT_IDENTITY_SERVICE).log_metrics
@tracer(SERVICE).capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    with uncollected():
        return resolve(app, event, context)
