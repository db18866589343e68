import pytest

from local.partner_signature import SignatureError, sign, verify

# The example of the Standard Webhooks specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIME = 1_614_265_330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(**changed: str) -> dict[str, str]:
    sent = {"webhook-id": MESSAGE, "webhook-timestamp": str(TIME), "webhook-signature": SIGNATURE}
    return sent | {name.replace("_", "-"): value for name, value in changed.items()}


def test_the_published_example_is_signed_and_accepted_as_published() -> None:
    assert sign(SECRET, MESSAGE, TIME, BODY) == SIGNATURE
    assert verify(SECRET, headers(), BODY, now=TIME + 299) == MESSAGE


def test_one_of_several_signatures_is_enough() -> None:
    assert verify(SECRET, headers(webhook_signature=f"v1,AAAA v2,xyz {SIGNATURE}"), BODY, now=TIME) == MESSAGE


@pytest.mark.parametrize(
    ("changed", "body", "now"),
    [
        ({"webhook_signature": "v1,AAAA"}, BODY, TIME),
        ({"webhook_signature": ""}, BODY, TIME),
        ({"webhook_signature": "v1,ö"}, BODY, TIME),
        ({"webhook_id": "msg_other"}, BODY, TIME),
        ({"webhook_id": ""}, BODY, TIME),
        ({"webhook_timestamp": str(TIME + 1)}, BODY, TIME),
        ({"webhook_timestamp": "soon"}, BODY, TIME),
        ({}, BODY + b" ", TIME),
        ({}, BODY, TIME + 301),
        ({}, BODY, TIME - 301),
    ],
)
def test_what_was_changed_forged_or_kept_back_is_refused(changed: dict[str, str], body: bytes, now: int) -> None:
    with pytest.raises(SignatureError):
        verify(SECRET, headers(**changed), body, now=now)


def test_a_secret_that_is_none_is_refused_without_being_told() -> None:
    with pytest.raises(SignatureError, match="must be whsec_") as refused:
        sign("whsec_not base64!", MESSAGE, TIME, BODY)
    assert "not base64!" not in str(refused.value)
