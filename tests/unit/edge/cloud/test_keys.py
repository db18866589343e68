import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from edge.cloud.keys import (
    KEY_FILE,
    NEXT_KEY_FILE,
    PENDING_KEY_FILE,
    KeyFileError,
    ServerClock,
    TokenMint,
    identity_key,
    next_key,
    pending_key,
    thumbprint,
)
from tests.support.edge_sending import NOON


def claims_of(token: str, mint: TokenMint) -> dict[str, Any]:
    key = jwt.PyJWK.from_dict({**mint.key.jwk.model_dump(), "alg": "ES256"})
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["ES256"], audience="platen-agents", options={"verify_exp": False, "verify_iat": False}
    )
    return claims


def a_mint(folder: Path, offset: timedelta = timedelta(0)) -> TokenMint:
    return TokenMint("agt_1", "platen-agents", pending_key(folder), ServerClock(offset))


def test_a_token_says_who_for_whom_and_for_at_most_an_hour(tmp_path: Path) -> None:
    mint = a_mint(tmp_path)

    token = mint.token(NOON)

    claims = claims_of(token, mint)
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": mint.key.kid, "typ": "JWT"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("agt_1", "agt_1", "platen-agents")
    assert claims["iat"] == int(NOON.timestamp())
    assert 0 < claims["exp"] - claims["iat"] <= 3_600
    assert len(claims["jti"]) >= 16


def test_a_token_is_used_again_for_half_its_life_and_never_beyond_four_fifths(tmp_path: Path) -> None:
    mint = a_mint(tmp_path)

    first = mint.token(NOON)

    assert mint.token(NOON + timedelta(minutes=29)) == first
    assert mint.token(NOON + timedelta(minutes=48)) != first


def test_a_refused_token_is_not_used_again(tmp_path: Path) -> None:
    mint = a_mint(tmp_path)
    first = mint.token(NOON)

    mint.discard()

    assert mint.token(NOON) != first


def test_the_servers_clock_dates_the_token_when_ours_is_wrong(tmp_path: Path) -> None:
    mint = a_mint(tmp_path)

    mint.clock.observe("Wed, 04 Mar 2026 14:00:00 GMT", NOON)

    assert claims_of(mint.token(NOON), mint)["iat"] == int((NOON + timedelta(hours=2)).timestamp())


def test_a_clock_corrected_backwards_makes_a_new_token(tmp_path: Path) -> None:
    mint = a_mint(tmp_path)
    first = mint.token(NOON)

    mint.clock.observe("Wed, 04 Mar 2026 09:00:00 GMT", NOON)

    assert mint.token(NOON) != first


@pytest.mark.parametrize("header", [None, "", "noon", "99999999999999999999"])
def test_a_date_header_that_is_no_date_changes_nothing(header: str | None) -> None:
    clock = ServerClock(timedelta(seconds=5))

    clock.observe(header, datetime.now(UTC))

    assert clock.offset == timedelta(seconds=5)


def test_the_key_is_private_and_the_same_until_an_activation_succeeds(tmp_path: Path) -> None:
    first, again = pending_key(tmp_path), pending_key(tmp_path)

    assert first.kid == again.kid
    assert stat.S_IMODE((tmp_path / PENDING_KEY_FILE).stat().st_mode) == 0o600
    assert "private" not in repr(first)


def test_the_kid_begins_the_rfc_7638_thumbprint() -> None:
    key_of_rfc = {
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }
    canonical = '{"crv":"P-256","kty":"EC",' + json.dumps(key_of_rfc, separators=(",", ":"))[1:]

    from hashlib import sha256  # noqa: PLC0415  the reference, beside the only test that needs it

    assert thumbprint(**key_of_rfc) == sha256(canonical.encode()).hexdigest()


def test_a_change_of_key_cut_short_is_finished_when_the_key_is_next_needed(tmp_path: Path) -> None:
    old = pending_key(tmp_path)
    identity_key(tmp_path, old.kid)
    new = pending_key(tmp_path)

    assert identity_key(tmp_path, new.kid).kid == new.kid
    assert not (tmp_path / PENDING_KEY_FILE).exists()
    assert (tmp_path / KEY_FILE).exists()


def test_a_failed_activation_leaves_the_old_key_in_use(tmp_path: Path) -> None:
    old = pending_key(tmp_path)
    identity_key(tmp_path, old.kid)
    pending_key(tmp_path)

    assert identity_key(tmp_path, old.kid).kid == old.kid


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_file_is_named_with_the_way_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)

    with pytest.raises(KeyFileError, match=r"agent-key\.pem cannot be read as a private key"):
        identity_key(tmp_path, "0123456789abcdef")


def test_a_missing_key_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="activate again"):
        identity_key(tmp_path, "0123456789abcdef")


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602])
def test_a_key_that_every_user_can_read_or_change_is_refused_with_the_way_out(tmp_path: Path, mode: int) -> None:
    kid = pending_key(tmp_path).kid
    identity_key(tmp_path, kid)
    (tmp_path / KEY_FILE).chmod(mode)

    with pytest.raises(KeyFileError, match=r"chmod 0600 it, then let 'platen-agent rotate-key'"):
        identity_key(tmp_path, kid)

    (tmp_path / KEY_FILE).chmod(0o640)  # of a volume that a group may read
    assert identity_key(tmp_path, kid).kid == kid


def test_a_next_key_that_every_user_can_read_is_never_used(tmp_path: Path) -> None:
    seen = next_key(tmp_path).kid
    (tmp_path / NEXT_KEY_FILE).chmod(0o644)

    assert next_key(tmp_path).kid != seen
