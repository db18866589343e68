"""The accounts table: contacts, what they are found by, and who they are, so that nobody is kept twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from functions.accounts.contacts.assignment_repository import AssignmentRepository
from functions.accounts.contacts.models import Contact
from functions.accounts.contacts.ports import Written
from functions.accounts.contacts.search import is_first_hit, person_of, search_places
from functions.accounts.tree import keys
from shared.directory import keys as shared_keys
from shared.errors import Unavailable
from shared.names import GSI1
from shared.table import CONDITION_REFUSED, Condition, Item, Page, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

NEW_CONTACT_WRITES: Final = 2
"""How many of `new_contact_writes` come first and have a condition: the contact, then the person."""
_COUNTED: Final = ("assigned_printers",)  # kept by the assignments, never written by an edit


@dataclass(frozen=True, slots=True)
class ContactRepository(AssignmentRepository):
    """`Contacts` in DynamoDB."""

    def contact(self, tenant_id: str, contact_id: str) -> Contact | None:
        """The contact, or None."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.contact(contact_id))
        return Contact.model_validate(item) if item else None

    def same_person(self, contact: Contact) -> str | None:
        """Id of the organisation's contact that is the same person (CTC-03), or None."""
        item = self.table.get(*_person_key(contact))
        return item["contact_id"] if item else None

    def add_contact(self, contact: Contact) -> Written:
        """Keep a new contact; safe to repeat: its id and its person are written once."""
        refusals = self.table.transact(*new_contact_writes(self.table, contact))
        return _written(refusals, taken_at=1)

    def replace_contact(self, seen: Contact, contact: Contact) -> Written:
        """Write the contact over the version that was seen; safe to repeat: no version is written over twice."""
        is_same_person = _person_key(seen) == _person_key(contact)
        person = [] if is_same_person else [self._person_write(contact), self.table.delete_write(*_person_key(seen))]
        update = _update(contact, seen.version)
        key = shared_keys.tenant(contact.tenant_id), shared_keys.contact(contact.contact_id)
        writes = [self.table.update_write(*key, update, "#version = :seen_version"), *person]
        refusals = self.table.transact(*writes, *self._search_writes(seen, contact))
        return _written(refusals, taken_at=None if is_same_person else 1)

    def delete_contact(self, contact: Contact) -> Written:
        """Remove the version that was seen, if no printer's supplies go to it; safe to repeat: gone is gone."""
        unused = Condition(
            "#version = :seen_version AND assigned_printers = :none",
            {"#version": "version"},
            {":seen_version": contact.version, ":none": 0},
        )
        key = shared_keys.tenant(contact.tenant_id), shared_keys.contact(contact.contact_id)
        writes = [self.table.delete_write(*key, unused), self.table.delete_write(*_person_key(contact))]
        return _written(self.table.transact(*writes, *self._search_writes(contact, None)), taken_at=None)

    def contacts(
        self, tenant_id: str, below: str, *, is_archived: bool, limit: int, cursor: str | None
    ) -> tuple[list[Contact], str | None]:
        """Contacts of an organisation and all under it, or the archived ones."""
        partition = keys.contacts(tenant_id, is_archived=is_archived)
        page = self.table.query(partition, sk_prefix=below, index=GSI1, limit=limit, cursor=cursor)
        return [Contact.model_validate(item) for item in page.items], page.next_cursor

    def contacts_of_one(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Contact], str | None]:
        """Contacts of one organisation alone, without the archived ones."""
        below = keys.below(organization_path, "")
        return self.contacts(tenant_id, below, is_archived=False, limit=limit, cursor=cursor)

    def find_contacts(
        self, tenant_id: str, organization_id: str, query: str, *, is_archived: bool, limit: int, cursor: str | None
    ) -> tuple[list[Contact], str | None]:
        """Contacts whose business name or city the folded query begins; a page may be short, its end has no cursor."""
        partition = keys.contact_search(tenant_id, organization_id, is_archived=is_archived)
        page: Page = self.table.query(partition, sk_prefix=query, limit=limit, cursor=cursor)
        found_by = [(str(item["sk"]).rpartition("#")[0], str(item["contact_id"])) for item in page.items]
        tenant = shared_keys.tenant(tenant_id)
        items = self.table.get_many((tenant, shared_keys.contact(contact_id)) for _, contact_id in found_by)
        present = {item["contact_id"]: Contact.model_validate(item) for item in items}
        found = [
            present[contact_id]
            for start, contact_id in found_by
            if contact_id in present and is_first_hit(present[contact_id], start, query)
        ]
        return found, page.next_cursor

    def _person_write(self, contact: Contact) -> "TransactWriteItemTypeDef":
        pk, sk = _person_key(contact)
        return self.table.put_write({"pk": pk, "sk": sk, "contact_id": contact.contact_id})

    def _search_writes(self, seen: Contact, contact: Contact | None) -> list["TransactWriteItemTypeDef"]:
        """What has to be found from now on, and what no more."""
        before, after = search_places(seen), search_places(contact) if contact else set()
        gone = [self.table.delete_write(*place) for place in sorted(before - after)]
        return [*gone, *_search_puts(self.table, seen.contact_id, after - before)]


def new_contact_writes(table: Table, contact: Contact) -> list["TransactWriteItemTypeDef"]:
    """A new contact as members of one transaction; the first `NEW_CONTACT_WRITES` may be refused."""
    person_pk, person_sk = _person_key(contact)
    return [
        table.put_write(_item(contact)),
        table.put_write({"pk": person_pk, "sk": person_sk, "contact_id": contact.contact_id}),
        *_search_puts(table, contact.contact_id, search_places(contact)),
    ]


def _search_puts(table: Table, contact_id: str, places: set[tuple[str, str]]) -> list["TransactWriteItemTypeDef"]:
    return [table.put_write({"pk": pk, "sk": sk, "contact_id": contact_id}, None) for pk, sk in sorted(places)]


def _written(refusals: Sequence[str] | None, taken_at: int | None) -> Written:
    """What a transaction's refusals mean; a refusal that is DynamoDB's own affair is `Unavailable`."""
    if refusals is None:
        return Written.DONE
    if taken_at is not None and refusals[taken_at] == CONDITION_REFUSED:
        return Written.SAME_PERSON
    if CONDITION_REFUSED in refusals:
        return Written.CHANGED
    raise Unavailable("table_busy", "The table refused a transaction; try again.")


def _person_key(contact: Contact) -> tuple[str, str]:
    sort_key = keys.contact_person(contact.organization_id, person_of(contact))
    return shared_keys.tenant(contact.tenant_id), sort_key


def _index(contact: Contact) -> Item:
    partition = keys.contacts(contact.tenant_id, is_archived=contact.archived_at is not None)
    return {"gsi1pk": partition, "gsi1sk": keys.below(contact.organization_path, contact.contact_id)}


def _item(contact: Contact) -> Item:
    key = {"pk": shared_keys.tenant(contact.tenant_id), "sk": shared_keys.contact(contact.contact_id)}
    return contact.model_dump() | key | _index(contact)


def _update(contact: Contact, seen_version: int) -> Condition:
    """Every field of the contact but the counted ones; one that is empty is removed."""
    fields = {name: value for name, value in (contact.model_dump() | _index(contact)).items() if name not in _COUNTED}
    given = {name: value for name, value in fields.items() if value is not None}
    empty = sorted(fields.keys() - given.keys())
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in given)
    if empty:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in empty)
    values = {f":{name}": value for name, value in given.items()}
    return Condition(expression, {f"#{name}": name for name in fields}, values | {":seen_version": seen_version})
