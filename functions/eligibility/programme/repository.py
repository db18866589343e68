"""The eligibility table: the programme's models, entitlements and terms acceptances."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.eligibility.table import keys
from functions.eligibility.table.models import Acceptance, Entitlement, ProgrammeModel
from shared.directory import keys as shared_keys
from shared.directory.reader import MAX_MODELS
from shared.eligibility.catalogue import folded
from shared.names import GSI1
from shared.table import Condition, Item, Table


@dataclass(frozen=True, slots=True)
class ProgrammeRepository:
    """`Programmes` in DynamoDB."""

    table: Table

    def create_model(self, model: ProgrammeModel) -> bool:
        """Keep a new model; safe to repeat: its key is manufacturer and pattern, False when taken."""
        return self.table.create(_model_item(model))

    def model(self, manufacturer: str, pattern: str) -> ProgrammeModel | None:
        """The manufacturer's model of that pattern, as last written, or None."""
        sort_key = keys.programme_model(folded(manufacturer), folded(pattern))
        item = self.table.get(shared_keys.PROGRAMME, sort_key)
        return ProgrammeModel.model_validate(item) if item else None

    def replace_model(self, seen: ProgrammeModel, model: ProgrammeModel) -> bool:
        """Keep a model in place of the one that was seen; safe to repeat: only over that version."""
        never_changed = " OR attribute_not_exists(version)" if seen.version == 1 else ""
        is_seen = f"attribute_exists(pk) AND (version = :seen{never_changed})"
        return self.table.put(_model_item(model), Condition(is_seen, values={":seen": seen.version}))

    def models(
        self, manufacturer: str | None, *, limit: int, cursor: str | None
    ) -> tuple[list[ProgrammeModel], str | None]:
        """A page of the models, or of one manufacturer's."""
        prefix = keys.models_of(folded(manufacturer)) if manufacturer else shared_keys.MODEL_PREFIX
        page = self.table.query(shared_keys.PROGRAMME, sk_prefix=prefix, limit=limit, cursor=cursor)
        return [ProgrammeModel.model_validate(item) for item in page.items], page.next_cursor

    def all_models(self) -> list[ProgrammeModel]:
        """Every model, at most `MAX_MODELS`."""
        prefix = shared_keys.MODEL_PREFIX
        found = self.table.query_all(shared_keys.PROGRAMME, sk_prefix=prefix, bound=MAX_MODELS, consistent=True)
        return [ProgrammeModel.model_validate(item) for item in found]

    def entitlement(self, tenant_id: str, organization_id: str) -> Entitlement | None:
        """The organisation's entitlement, or None."""
        item = self.table.get(keys.entitlements(tenant_id), keys.entitlement(organization_id))
        return Entitlement.model_validate(item) if item else None

    def grant(self, entitlement: Entitlement) -> bool:
        """Keep a new entitlement; safe to repeat: one key an organisation, False when it holds the programme."""
        partition = keys.entitlements(entitlement.tenant_id)
        index = {"gsi1pk": partition, "gsi1sk": entitlement.organization_path}
        key = {"pk": partition, "sk": keys.entitlement(entitlement.organization_id)}
        return self.table.create(entitlement.model_dump() | key | index)

    def entitlements(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Entitlement], str | None]:
        """Entitlements of an organisation and all under it, in order of path."""
        partition = keys.entitlements(tenant_id)
        page = self.table.query(partition, sk_prefix=below, index=GSI1, limit=limit, cursor=cursor)
        return [Entitlement.model_validate(item) for item in page.items], page.next_cursor

    def entitled(self, tenant_id: str, organization_ids: Iterable[str]) -> set[str]:
        """Those of the organisations that hold the programme."""
        partition = keys.entitlements(tenant_id)
        wanted = ((partition, keys.entitlement(organization_id)) for organization_id in organization_ids)
        return {item["organization_id"] for item in self.table.get_many(wanted, consistent=True)}

    def add_acceptance(self, acceptance: Acceptance) -> None:
        """Add an audit row; append-only: its key is its new id, and nothing ever updates or deletes it."""
        sort_key = keys.acceptance(acceptance.organization_id, acceptance.terms_version, acceptance.acceptance_id)
        self.table.create(acceptance.model_dump() | {"pk": keys.acceptances(acceptance.tenant_id), "sk": sort_key})

    def acceptance(self, tenant_id: str, organization_id: str, version: str) -> Acceptance | None:
        """The organisation's first acceptance of the version, or None."""
        prefix = keys.acceptances_of(organization_id, version)
        page = self.table.query(keys.acceptances(tenant_id), sk_prefix=prefix, limit=1, consistent=True)
        return Acceptance.model_validate(page.items[0]) if page.items else None

    def acceptances(
        self, tenant_id: str, organization_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Acceptance], str | None]:
        """The organisation's acceptances, by version and time."""
        prefix = keys.acceptances_by(organization_id)
        page = self.table.query(keys.acceptances(tenant_id), sk_prefix=prefix, limit=limit, cursor=cursor)
        return [Acceptance.model_validate(item) for item in page.items], page.next_cursor


def _model_item(model: ProgrammeModel) -> Item:
    sort_key = keys.programme_model(folded(model.manufacturer), folded(model.model))
    return model.model_dump() | {"pk": shared_keys.PROGRAMME, "sk": sort_key}
