"""The accounts context: organisations, sites, contacts, partner keys."""

from functools import partial

from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.bus import Bus
from infra.function import PlatenFunction
from infra.house import API_SECONDS, CONSUMER_SECONDS, House
from infra.triggers import ONLY_TREE, dead_letters, on_queue, on_stream, work_queue


class Accounts(Construct):
    """Functions of the accounts context; it writes the accounts table and no other."""

    def __init__(self, scope: Construct, construct_id: str, house: House, bus: Bus) -> None:
        super().__init__(scope, construct_id)
        function = partial(PlatenFunction, self, house=house, context="accounts")
        self.authorizer = function(
            "PartnerAuthorizer",
            handler="key_authorizer.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Turns a partner key into a tenant and its scopes, or refuses",
        )
        self.api = function(
            "AccountsApi",
            handler="accounts_api.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Partner API: organisations, sites, contacts, keys",
        )
        self.bootstrap = function(
            "Bootstrap",
            handler="bootstrap.lambda_handler",
            timeout_seconds=API_SECONDS,
            description="Makes the operator's organisation and first key, once; invoked by the deployer only",
        )
        self.on_contact_import = function(
            "OnContactImport",
            handler="on_contact_import.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Queue: adds the contacts of a file, one after another",
        )
        self.on_change = function(
            "AccountsOnChange",
            handler="on_change.lambda_handler",
            timeout_seconds=CONSUMER_SECONDS,
            description="Stream: publishes assignments and deletions, ends keys and settings of what is gone",
        )
        on_stream(self.on_change, house.tables.accounts, dead_letters(self, "Failures"), ONLY_TREE)
        bus.let_publish(self.on_change)
        waiting = work_queue(self, "ContactImports", timeout_seconds=CONSUMER_SECONDS)
        # One a time: a whole file takes most of an invocation.
        on_queue(self.on_contact_import, waiting, batch_size=1)
        for sender in (self.api, self.on_contact_import):
            sender.add_environment("CONTACT_IMPORTS_QUEUE_URL", waiting.queue_url)
            sender.add_to_role_policy(iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[waiting.queue_arn]))
        tables = house.tables
        tables.accounts.let(self.authorizer, "dynamodb:GetItem", "dynamodb:UpdateItem")
        tables.accounts.let_write(self.api, self.bootstrap)
        tables.accounts.let_delete(self.api)
        tables.accounts.let(self.on_contact_import, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem")
        tables.accounts.let_read(self.on_change)
        tables.accounts.let_delete(self.on_change)
        # A key that was made while its organisation was deleted is revoked.
        tables.accounts.let(self.on_change, "dynamodb:UpdateItem")
        tables.fleet.let(self.on_change, "dynamodb:GetItem")
        tables.fleet.let_read(self.api)
        tables.idempotency.let_keep_answers(self.api)
