"""What is told of a value that does not fit: words, never a pattern or a library's own prefix."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError

from functions.accounts.contacts.models import NewContact
from functions.ingest.agent_desk.models import Discovery
from functions.ingest.lineages.models import MacAddress
from shared.fault_texts import fault_text, told_as
from shared.ids import EntityId
from shared.wire.base import UtcDatetime


def _odd(value: str) -> str:
    if int(value) % 2 == 0:
        raise ValueError("not an odd number")
    return value


class Form(BaseModel):
    number: Annotated[
        str, StringConstraints(pattern="^[0-9]+$", max_length=3), told_as("digits only"), AfterValidator(_odd)
    ] = "1"
    thing_id: EntityId | None = None
    copies: int = 1
    day: date | None = None
    at: UtcDatetime | None = None
    is_paid: bool = False
    mac_address: MacAddress | None = None


def told(model: type[BaseModel], given: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(ValidationError) as refusal:
        model.model_validate(given)
    return {str(each["loc"][-1]): fault_text(each) for each in refusal.value.errors()}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"number": "x"}, {"number": "digits only"}),
        ({"number": "1234"}, {"number": "String should have at most 3 characters"}),
        ({"number": 5}, {"number": "Input should be a valid string"}),
        ({"number": "2"}, {"number": "not an odd number"}),
        ({"thing_id": "5"}, {"thing_id": "not an id as this API gives them, such as prn_01jd2x8k3v9m4t7r5c2b6n0q1w"}),
        ({"copies": "many"}, {"copies": "not a whole number"}),
        ({"copies": 1.5}, {"copies": "not a whole number"}),
        ({"copies": None}, {"copies": "not a whole number"}),
        ({"day": "30.11."}, {"day": "not a day such as 2026-11-30"}),
        ({"day": "2026-11-30T18:20:21Z"}, {"day": "not a day such as 2026-11-30"}),
        ({"day": "2026-02-30"}, {"day": "not a day such as 2026-11-30"}),
        ({"at": "yesterday"}, {"at": "not a time with its zone such as 2026-11-30T18:20:21Z"}),
        ({"at": "2026-11-30T18:20:21"}, {"at": "not a time with its zone such as 2026-11-30T18:20:21Z"}),
        ({"at": []}, {"at": "not a time with its zone such as 2026-11-30T18:20:21Z"}),
        ({"is_paid": "perhaps"}, {"is_paid": "neither true nor false"}),
        ({"mac_address": "zz"}, {"mac_address": "not a MAC address such as 00:1b:a9:12:34:56"}),
    ],
)
def test_a_fault_is_told_in_words(given: dict[str, object], words: dict[str, str]) -> None:
    assert told(Form, given) == words


def test_a_value_that_fits_is_taken_and_the_schema_keeps_the_pattern() -> None:
    form = Form.model_validate({"number": "13", "mac_address": "00:1B:A9:12:34:56"})

    assert (form.number, form.mac_address) == ("13", "00:1b:a9:12:34:56")
    assert Form.model_json_schema()["properties"]["number"]["pattern"] == "^[0-9]+$"


def test_a_contact_is_told_the_same_in_json_as_in_a_file() -> None:
    contact = {
        "organization_id": "org_01jd2x8k3v9m4t7r5c2b6n0q1w",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "email": "ada",
        "phone_country_code": "+49",
        "phone": "30 1234",
        "language": "German",
        "address": {"address1": "Street 1", "city": "Berlin", "postal_code": "10117", "country": "DE"},
    }

    assert told(NewContact, contact) == {
        "email": "not an e-mail address",
        "phone_country_code": "1 to 3 digits and nothing else: 49, not +49",
        "language": "not a language such as de or pt-BR",
    }


def test_an_entry_of_a_search_with_other_characters_is_told_what_it_may_be() -> None:
    expected = "no address, range (10.0.0.5-20), block (10.0.0.0/24) or host name, with optional :port"

    assert told(Discovery, {"include": ["10.0.0.1", "the printer"]}) == {"1": expected}
