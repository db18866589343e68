"""Idempotent partner POSTs: the same key and body get the same answer, another body is refused.

An answer that shows a secret is never kept: of it only the body is remembered, and the operation itself says what a
repetition gets.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import aws
from shared.errors import Conflict, FieldError, Invalid, Malformed
from shared.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

KEEP_SECONDS = 7 * 24 * 3600  # partners batch over weekends
MAX_KEY_LENGTH = 255


class IdempotencySettings(Settings):
    """Where the records are."""

    idempotency_table: str


class _NotKept(Exception):
    """Carries an answer that must not be replayed: a failure may succeed next time."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__()
        self.answer = answer


@cache
def _store() -> "DynamoDBPersistenceLayer":
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer  # noqa: PLC0415 - as in `run_once`

    table = IdempotencySettings.from_environment().idempotency_table
    return DynamoDBPersistenceLayer(table_name=table, boto3_client=aws.dynamodb())


def run_once(
    scope: list[str], body: str | None, resolve: Callable[[], dict[str, Any]], context: LambdaContext
) -> dict[str, Any]:
    """Run ``resolve`` once for the scope (tenant, key id, path, Idempotency-Key) and replay its answer after.

    Only successes are kept; a failure runs again. Another body under the same key is `Invalid`, a request
    still running is `Conflict`.
    """
    # It brings all of boto3, which a cold start of the agent API and every request without a key can do without.
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function  # noqa: PLC0415
    from aws_lambda_powertools.utilities.idempotency.exceptions import (  # noqa: PLC0415
        IdempotencyAlreadyInProgressError,
        IdempotencyValidationError,
    )

    if len(scope[-1]) > MAX_KEY_LENGTH:
        field = FieldError("header:Idempotency-Key", f"At most {MAX_KEY_LENGTH} characters.")
        raise Malformed("invalid_idempotency_key", "The Idempotency-Key is too long.", (field,))
    config = IdempotencyConfig(
        event_key_jmespath="scope",
        payload_validation_jmespath="body",
        expires_after_seconds=KEEP_SECONDS,
        hash_function="sha256",
        lambda_context=context,
    )

    def once(*, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - the store reads it
        answer = resolve()
        if answer["statusCode"] >= 400:  # noqa: PLR2004 - HTTP's own boundary
            raise _NotKept(answer)
        return answer

    run: Callable[..., dict[str, Any]] = idempotent_function(
        once, data_keyword_argument="request", persistence_store=_store(), config=config, key_prefix="partner-post"
    )
    try:
        return run(request={"scope": scope, "body": body})
    except _NotKept as unkept:
        return unkept.answer
    except IdempotencyValidationError as error:
        field = FieldError("header:Idempotency-Key", "Use a new key for a new request.")
        raise Invalid("idempotency_key_reused", "This key was used with another body.", (field,)) from error
    except IdempotencyAlreadyInProgressError as error:
        raise Conflict("request_in_progress", "A request with this key is still running; try again.") from error


def run_once_unkept(
    scope: list[str], body: str | None, resolve: Callable[[], dict[str, Any]], context: LambdaContext
) -> dict[str, Any]:
    """As `run_once`, for an answer that shows a secret: of it nothing is kept but its status.

    For a repetition ``resolve`` runs again: it must know by itself that it was done before, and say so.
    """
    shown: list[dict[str, Any]] = []

    def show() -> dict[str, Any]:
        shown.append(resolve())
        return {"statusCode": shown[0]["statusCode"]}

    run_once(scope, body, show, context)
    return shown[0] if shown else resolve()
