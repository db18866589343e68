"""Registering an agent's next key: both signatures are asked for, and a captured token is not enough."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from functions.ingest.agents.key_rotation import rotate_key
from functions.ingest.credentials.public_keys import MOST_KEYS, new_key
from functions.ingest.credentials.thumbprints import thumbprint
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.errors import Conflict, Forbidden, Invalid, Unauthenticated
from shared.table import Item
from shared.tenancy import AgentCaller
from shared.wire.activation import PublicJwk
from shared.wire.rotation import ROTATION_AUDIENCE, KeyRotationGrant, KeyRotationRequest
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE, agent_caller
from tests.support.ingest import NOW, FakeDocuments, jwk_of, private_key

Key = ec.EllipticCurvePrivateKey
PRESENT, NEXT, STRANGER = private_key(), private_key(), private_key()
SECONDS = int(NOW.timestamp())


def signed(key: Key, jwk: PublicJwk, **changes: Any) -> str:  # noqa: ANN401 - any claim
    claims = {"aud": ROTATION_AUDIENCE, "sub": AGENT, "iat": SECONDS, "exp": SECONDS + 300, "jkt": thumbprint(jwk)}
    return jwt.encode(claims | changes, key, algorithm="ES256", headers={"kid": jwk_of(key).kid})


def request(next_key: Key = NEXT, by: Key = PRESENT, **changes: Any) -> KeyRotationRequest:  # noqa: ANN401 - any field
    jwk = jwk_of(next_key)
    fields = {"jwk": jwk, "proof": signed(next_key, jwk), "consent": signed(by, jwk)}
    return KeyRotationRequest(**(fields | changes))


def stored(documents: Documents, *held: Item, status: str = "active") -> None:
    pk, sk = keys.agent(AGENT)
    place = {"tenant_id": ROOT_ORGANIZATION, "organization_id": CHILD_ORGANIZATION, "site_id": SITE}
    item = {"pk": pk, "sk": sk, "agent_id": AGENT, "status": status, "keys": list(held), **place}
    assert documents.save(item)


def caller(key: Key = PRESENT) -> AgentCaller:
    return agent_caller(kid=jwk_of(key).kid)


def row(documents: Documents) -> Item:
    return documents.load([keys.agent(AGENT)])[keys.agent(AGENT)]


def rotate(documents: Documents, asked: KeyRotationRequest, by: Key = PRESENT, **later: float) -> KeyRotationGrant:
    return rotate_key(asked, caller(by), documents=documents, now=NOW + timedelta(**later))


def test_the_next_key_is_in_force_and_the_one_before_has_a_fortnight(documents: Documents) -> None:
    stored(documents, new_key(jwk_of(PRESENT), NOW))

    grant = rotate(documents, request())

    assert (grant.kid, grant.registered_at) == (jwk_of(NEXT).kid, NOW)
    assert grant.previous_key_ends_at == NOW + timedelta(days=14)
    assert [key["jwk"]["kid"] for key in row(documents)["keys"]] == [jwk_of(PRESENT).kid, jwk_of(NEXT).kid]


def test_the_same_key_again_is_answered_the_same_and_written_once(documents: Documents) -> None:
    stored(documents, new_key(jwk_of(PRESENT), NOW))
    first = rotate(documents, request())
    version = row(documents)["version"]

    assert rotate(documents, request(), seconds=60) == first
    assert rotate(documents, request(by=NEXT), by=NEXT, seconds=60) == first
    assert row(documents)["version"] == version


WRONG: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "consent by a stranger": ("/consent", lambda: {"consent": signed(STRANGER, jwk_of(NEXT))}),
    "consent by the next key": ("/consent", lambda: {"consent": signed(NEXT, jwk_of(NEXT))}),
    "consent to another key": ("/consent", lambda: {"consent": signed(PRESENT, jwk_of(STRANGER))}),
    "proof by the present key": ("/proof", lambda: {"proof": signed(PRESENT, jwk_of(NEXT))}),
    "proof about another agent": ("/proof", lambda: {"proof": signed(NEXT, jwk_of(NEXT), sub="agt_2")}),
    "proof for another use": ("/proof", lambda: {"proof": signed(NEXT, jwk_of(NEXT), aud="platen-activation")}),
    "proof of yesterday": ("/proof", lambda: {"proof": signed(NEXT, jwk_of(NEXT), iat=1, exp=301)}),
    "proof of tomorrow": (
        "/proof",
        lambda: {"proof": signed(NEXT, jwk_of(NEXT), iat=SECONDS + 86_400, exp=SECONDS + 86_700)},
    ),
    "proof that lives too long": ("/proof", lambda: {"proof": signed(NEXT, jwk_of(NEXT), exp=SECONDS + 601)}),
    "no signature": ("/proof", lambda: {"proof": "a.b.c"}),
    "a name that is not the key's": ("/jwk/kid", lambda: {"jwk": jwk_of(NEXT, kid="0123456789abcdef")}),
    "a point off the curve": (
        "/jwk",
        lambda: {
            "jwk": (off := jwk_of(NEXT).model_copy(update={"x": "A" * 43})).model_copy(
                update={"kid": thumbprint(off)[:16]}
            )
        },
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_bad_signature_names_itself_and_changes_nothing(what: str) -> None:
    documents = FakeDocuments()
    stored(documents, new_key(jwk_of(PRESENT), NOW))
    pointer, changes = WRONG[what]

    with pytest.raises(Invalid) as refused:
        rotate(documents, request(**changes()))

    assert refused.value.code == "proof_invalid"
    assert [error.pointer for error in refused.value.errors] == [pointer]
    assert len(row(documents)["keys"]) == 1


def test_a_key_that_was_exchanged_registers_nothing_and_shows_two_holders() -> None:
    documents = FakeDocuments()
    stored(documents, new_key(jwk_of(PRESENT), NOW))
    rotate(documents, request())

    with pytest.raises(Forbidden) as refused:
        rotate(documents, request(STRANGER))

    assert refused.value.code == "agent_suspect"
    assert (row(documents)["status"], row(documents)["suspect_cause"]) == ("suspect", "exchanged_key_used")
    assert len(row(documents)["keys"]) == 2


def test_going_back_to_an_exchanged_key_is_refused() -> None:
    documents = FakeDocuments()
    stored(documents, new_key(jwk_of(PRESENT), NOW))
    rotate(documents, request())

    with pytest.raises(Conflict) as refused:
        rotate(documents, request(PRESENT, by=NEXT), by=NEXT)

    assert refused.value.code == "key_exchanged"


def test_the_number_of_keys_is_bounded_and_ended_ones_do_not_count() -> None:
    documents, present = FakeDocuments(), PRESENT
    stored(documents, new_key(jwk_of(PRESENT), NOW))
    for _ in range(MOST_KEYS - 1):
        following = private_key()
        rotate(documents, request(following, by=present), by=present)
        present = following

    with pytest.raises(Conflict) as refused:
        rotate(documents, request(by=present), by=present)
    assert refused.value.code == "too_many_keys"
    assert (NOW + timedelta(days=14)).isoformat() in refused.value.detail

    later = int((NOW + timedelta(days=14)).timestamp())
    dated = {"iat": later, "exp": later + 300}
    jwk = jwk_of(NEXT)
    asked = request(proof=signed(NEXT, jwk, **dated), consent=signed(present, jwk, **dated))
    rotate(documents, asked, by=present, days=14)
    assert len(row(documents)["keys"]) == 2


@pytest.mark.parametrize(("status", "code"), [("suspect", "agent_suspect"), ("deactivated", "agent_not_active")])
def test_an_agent_that_is_not_heard_registers_nothing(status: str, code: str) -> None:
    documents = FakeDocuments()
    stored(documents, new_key(jwk_of(PRESENT), NOW), status=status)

    with pytest.raises(Forbidden) as refused:
        rotate(documents, request())

    assert refused.value.code == code


def test_an_ended_key_registers_nothing() -> None:
    documents = FakeDocuments()
    stored(documents, new_key(jwk_of(STRANGER), NOW))

    with pytest.raises(Unauthenticated) as refused:
        rotate(documents, request())

    assert refused.value.code == "key_ended"


def test_of_two_next_keys_at_once_exactly_one_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    documents, other = FakeDocuments(), private_key()
    stored(documents, new_key(jwk_of(PRESENT), NOW))
    commit = documents.commit

    def overtaken(items: Sequence[Item]) -> bool:
        monkeypatch.setattr(documents, "commit", commit)
        rotate(documents, request(other))
        return commit(items)

    monkeypatch.setattr(documents, "commit", overtaken)
    with pytest.raises(Forbidden):
        rotate(documents, request())

    assert [key["jwk"]["kid"] for key in row(documents)["keys"]][1:] == [jwk_of(other).kid]
