"""Query parameters of the list of printers; a category is given once for each of its values."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import ValidationError

from functions.ingest.identities.questions import Question
from functions.ingest.printers.filter import MOST_VALUES, CommunicationFilter, PrinterFilter, ReadBy, Sort, Word
from functions.ingest.printers.place import LOW_STEPS
from functions.ingest.printers.tag_text import Tag
from shared.directory.views import ManagedStatus, Registration
from shared.eligibility.statuses import EligibilityStatus
from shared.errors import FieldError, Invalid
from shared.fault_texts import fault_text
from shared.ids import EntityId

_ANY = "any of them, each as a parameter of its own"
SiteIds = Annotated[list[EntityId] | None, Query(max_length=MOST_VALUES, description=f"Only at these sites: {_ANY}")]
AgentIds = Annotated[
    list[EntityId] | None, Query(max_length=MOST_VALUES, description=f"Only printers that these agents read: {_ANY}")
]
Manufacturers = Annotated[list[Word] | None, Query(max_length=MOST_VALUES, description=f"Whole names: {_ANY}")]
Models = Annotated[list[Word] | None, Query(max_length=MOST_VALUES, description=f"Whole names: {_ANY}")]
Firmwares = Annotated[list[Word] | None, Query(max_length=MOST_VALUES, description=f"Whole versions: {_ANY}")]
Readers = Annotated[
    list[ReadBy] | None,
    Query(max_length=MOST_VALUES, description="Only printers that an agent reads, or that none does"),
]
Registrations = Annotated[list[Registration] | None, Query(max_length=MOST_VALUES, description=_ANY)]
Tags = Annotated[list[Tag] | None, Query(max_length=MOST_VALUES, description=f"Only printers with a tag: {_ANY}")]
Searches = Annotated[
    list[Word] | None,
    Query(
        max_length=MOST_VALUES,
        description=f"How a serial number, asset tag, host name, address, MAC address or location begins: {_ANY}",
    ),
]
SupplyBelow = Annotated[
    int | None, Query(description=f"Only with a supply below this percentage: {', '.join(map(str, LOW_STEPS))}")
]
Communications = Annotated[
    list[CommunicationFilter] | None,
    Query(max_length=MOST_VALUES, description=f"Only printers that communicate, do not, or are so far silent: {_ANY}"),
]
ManagedStatuses = Annotated[
    list[ManagedStatus] | None, Query(max_length=MOST_VALUES, description=f"How far in the programme: {_ANY}")
]
EligibilityStatuses = Annotated[
    list[EligibilityStatus] | None,
    Query(max_length=MOST_VALUES, description=f"What the rule of eligibility says (ELG-01): {_ANY}"),
]
Questions = Annotated[
    list[Question] | None,
    Query(max_length=MOST_VALUES, description=f"Only printers of which this is asked and not answered: {_ANY}"),
]
Retired = Annotated[
    bool,
    Query(description="Those that are out of service instead; by supply or pages they have no order"),
]
Order = Annotated[
    Sort | None,
    Query(
        description=(
            "`organization` unless told otherwise. `organization`, `lowest_supply` (the lowest first) and "
            "`pages_per_month` (the most first) take any number of printers, the others as many as 1,000 after filters."
        )
    ),
]
ViewId = Annotated[
    EntityId | None, Query(description="A saved view: its filters and order; then no other may be given")
]


def filter_of(**categories: object) -> PrinterFilter:
    """The filter of the parameters that were given.

    Raises:
        Invalid: ``invalid_request``: a value is none of its category.
    """
    try:
        return PrinterFilter.model_validate({name: value for name, value in categories.items() if value is not None})
    except ValidationError as error:
        errors = tuple(
            FieldError(f"query:{'/'.join(map(str, each['loc']))}", fault_text(each))
            for each in error.errors()[:MOST_VALUES]
        )
        raise Invalid("invalid_request", "The request does not fit its schema; see 'errors'.", errors) from None
