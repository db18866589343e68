"""What a contact is found by and what makes two contacts the same person: pure text."""

import unicodedata
from hashlib import sha256
from typing import Final

from functions.accounts.contacts.models import Contact, ContactDetails
from functions.accounts.tree import keys

MAX_SEARCH: Final = 64
"""Characters of a search, and of what is kept to be found by."""
_COMPANY_WORDS: Final = 3
_MOST_STARTS: Final = _COMPANY_WORDS + 1
MOST_SEARCH_WRITES: Final = 96
"""What an edit may replace of the search in one transaction of 100 writes."""


def folded(text: str) -> str:
    """The text for comparison: composed, without case, one space between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def person_of(contact: Contact | ContactDetails) -> str:
    """One text for the same case-folded first name, last name and e-mail (CTC-03); not readable by itself."""
    parts = (folded(part or "") for part in (contact.first_name, contact.last_name, contact.email))
    return sha256("\n".join(parts).encode()).hexdigest()


def starts_of(contact: Contact) -> list[str]:
    """Where a search may begin: at the first words of the business name, and at the city's name."""
    company = folded(contact.company or "").split()
    starts = [" ".join(company[number:]) for number in range(min(len(company), _COMPANY_WORDS))]
    return list(dict.fromkeys(start[:MAX_SEARCH] for start in [*starts, folded(contact.address.city)]))


def search_places(contact: Contact) -> set[tuple[str, str]]:
    """Partition and sort key of all that the contact is found by, in each organisation from its own to the root.

    So a search reads only contacts that its caller may see, however many others there are. Under a tree deeper than
    the transaction's bound it is found from the nearest organisations above it only.
    """
    starts = starts_of(contact)
    organizations = [each for each in reversed(contact.organization_path.split("/")) if each]
    nearest = organizations[: MOST_SEARCH_WRITES // (2 * _MOST_STARTS)]
    return {
        (
            keys.contact_search(contact.tenant_id, each, is_archived=contact.archived_at is not None),
            keys.contact_start(start, contact.contact_id),
        )
        for each in nearest
        for start in starts
    }


def is_first_hit(contact: Contact, found_by: str, query: str) -> bool:
    """True for one of the places where the query meets the contact, so that none is listed twice."""
    hits = (start for start in starts_of(contact) if start.startswith(query))
    return next(hits, None) == found_by
