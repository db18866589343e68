"""The accounts context: organisations, sites, contacts, partner keys."""

from functools import partial

from constructs import Construct

from infra.function import PlatenFunction
from infra.house import API_SECONDS, House


class Accounts(Construct):
    """Functions of the accounts context; it writes the accounts table and no other."""

    def __init__(self, scope: Construct, construct_id: str, house: House) -> None:
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
        tables = house.tables
        tables.accounts.let(self.authorizer, "dynamodb:GetItem", "dynamodb:UpdateItem")
        tables.accounts.let_write(self.api, self.bootstrap)
        tables.accounts.let_delete(self.api)
        tables.fleet.let_read(self.api)
        tables.idempotency.let_keep_answers(self.api)
