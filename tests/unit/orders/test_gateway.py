import gzip
import hmac
import json
import ssl
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from hashlib import sha256

import httpcore
import httpx
import pytest

from functions.orders.fulfilment.gateway import MAX_ANSWER_BYTES, FulfilmentGateway, partner_client
from functions.orders.table.ports import Submission
from shared.address_fence import check_url, destination
from shared.errors import Invalid, Unavailable
from shared.signature import new_secret, signed_headers
from tests.support.orders import NOW, a_partner, an_order

PUBLIC = "93.184.216.34"


def gateway(answer: httpx.Response | Exception, seen: list[httpx.Request] | None = None) -> FulfilmentGateway:
    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        # As from the network: not read yet.
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))

    client = httpx.Client(transport=httpx.MockTransport(handle), follow_redirects=False)
    return FulfilmentGateway(client, (), resolve=lambda _host, _port: [PUBLIC])


def submit(answer: httpx.Response | Exception, seen: list[httpx.Request] | None = None) -> Submission:
    return gateway(answer, seen).submit(an_order(), a_partner(), NOW)


def test_an_order_is_posted_signed_to_the_address_that_was_checked() -> None:
    seen: list[httpx.Request] = []

    answer = submit(httpx.Response(202, json={"reference": "R-77"}), seen)

    (request,) = seen
    assert answer == Submission(accepted=True, reference="R-77")
    assert str(request.url) == f"https://{PUBLIC}/platen/orders"
    assert request.headers["host"] == "partner.example.com"
    assert request.extensions["sni_hostname"] == "partner.example.com"
    body = json.loads(request.content)
    assert body["purchase_order"] == request.headers["webhook-id"] == an_order().purchase_order
    assert body["lines"] == [
        {
            "description": "Black Toner",
            "part_number": "PN-1",
            "colorant": "black",
            "supply_type": "tonerCartridge",
            "quantity": 1,
        }
    ]
    assert body["ship_to"]["last_name"] == "King"
    assert body["printer"]["serial_number"] == "S1"


def test_the_receiver_can_check_the_signature() -> None:
    seen: list[httpx.Request] = []
    submit(httpx.Response(200, json={}), seen)
    headers, key = seen[0].headers, b64decode(a_partner().signing_secret.removeprefix("whsec_"))

    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + seen[0].content

    expected = b64encode(hmac.new(key, signed, sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_signature_is_that_of_the_published_example() -> None:
    # Given the example of the Standard Webhooks documentation
    sent_at = datetime.fromtimestamp(1614265330, UTC)

    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', sent_at, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    )

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_secrets_have_256_bits_and_differ() -> None:
    assert len(b64decode(new_secret().removeprefix("whsec_"))) == 32
    assert new_secret() != new_secret()


@pytest.mark.parametrize("status", [500, 502, 503, 408, 425, 429])
def test_a_partner_in_trouble_is_worth_a_retry(status: int) -> None:
    with pytest.raises(Unavailable):
        submit(httpx.Response(status))


@pytest.mark.parametrize("error", [httpx.ConnectTimeout("slow"), httpx.ReadTimeout("slow"), httpx.ConnectError("no")])
def test_a_partner_that_does_not_answer_is_worth_a_retry(error: Exception) -> None:
    with pytest.raises(Unavailable):
        submit(error)


@pytest.mark.parametrize("status", [400, 404, 409, 422, 301, 307])
def test_a_refusal_or_a_redirect_is_an_outcome(status: int) -> None:
    answer = submit(httpx.Response(status, headers={"location": "http://169.254.169.254/"}))

    assert answer == Submission(accepted=False, reason=f"partner answered {status}")


@pytest.mark.parametrize("content", [b"not json", b"[]", b"{}", b"x" * (MAX_ANSWER_BYTES + 1)])
def test_an_acceptance_without_a_reference_is_an_acceptance(content: bytes) -> None:
    assert submit(httpx.Response(200, content=content)) == Submission(accepted=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.9.9",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address that must be refused
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "fec0::1",
    ],
)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        destination("https://partner.example.com", private_hosts=(), resolve=lambda _h, _p: [PUBLIC, address])


def test_an_order_to_a_private_address_is_refused_without_a_request() -> None:
    seen: list[httpx.Request] = []
    fenced = FulfilmentGateway(gateway(httpx.Response(200), seen).client, (), resolve=lambda _h, _p: ["10.0.0.1"])

    answer = fenced.submit(an_order(), a_partner(), NOW)

    assert (answer, seen) == (Submission(accepted=False, reason="private_address"), [])


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example.com",
        "ftp://partner.example.com",
        "https://",
        "https://user:secret@partner.example.com",
        "https://partner.example.com/?a=1",
        "https://partner.example.com/#x",
        "https://partner.example.com:99999",
        "https://127.0.0.1",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://localhost",
        "https://intranet/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://1.0x7f/",
        "https://①②⑦.⓪.⓪.①/",
        "https://bücher.example.com/",
        "https://127.0.0.1\\.example.com/",
        "https://127.0.0.1%2f.example.com/",
        "https://exa mple.com/",
        "https://partner..example.com/",
        "https://-partner.example.com/",
        "https://partner.example.com/a\x01b",
        "https://partner.example.com/bücher",
        f"https://{'a' * 64}.example.com/",
        f"https://{'.'.join(['a' * 60] * 5)}.com/",
    ],
)
def test_an_address_that_is_not_public_https_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, private_hosts=())


def test_a_host_that_the_installation_names_may_be_private_and_plain() -> None:
    where = destination("http://127.0.0.1:8443/hook/", private_hosts={"127.0.0.1"}, resolve=lambda h, _p: [h])

    assert (where.scheme, where.address, where.port, where.path) == ("http", "127.0.0.1", 8443, "/hook/")


def test_the_client_waits_within_bounds_and_follows_nothing() -> None:
    with partner_client() as client:
        assert (client.timeout.connect, client.timeout.read) == (3.0, 10.0)
        assert not client.follow_redirects
        assert not client.trust_env


def test_a_packed_answer_is_not_unpacked() -> None:
    seen: list[httpx.Request] = []
    bomb = gzip.compress(b'{"reference": "R-1"}'.ljust(50_000_000))
    raw = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(bomb))

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return raw

    client = httpx.Client(transport=httpx.MockTransport(handle))

    answer = FulfilmentGateway(client, (), resolve=lambda _h, _p: [PUBLIC]).submit(an_order(), a_partner(), NOW)

    assert answer == Submission(accepted=True)
    assert seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("content", [b"[" * 60_000, b'{"reference": ' + b"[" * 60_000])
def test_an_acceptance_nested_beyond_reading_is_an_acceptance(content: bytes) -> None:
    assert submit(httpx.Response(202, content=content)) == Submission(accepted=True)


def test_a_reference_is_kept_only_as_text_that_can_be_stored() -> None:
    answer = submit(httpx.Response(202, content=rb'{"reference": "R-\ud800"}'))

    assert answer == Submission(accepted=True, reference="R-?")


def test_two_partners_at_one_address_are_each_asked_for_their_own_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given two host names behind one address, as a content network has them
    asked_for: list[str | None] = []

    class Stream(httpcore.MockStream):
        def start_tls(
            self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
        ) -> httpcore.NetworkStream:
            asked_for.append(server_hostname)
            return self

    def connect(*_: object, **__: object) -> Stream:
        return Stream([b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"] * 2)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    shared = FulfilmentGateway(partner_client(), (), resolve=lambda _h, _p: [PUBLIC])

    # When an order goes to each
    for host in ("one.example.com", "two.example.com"):
        shared.submit(an_order(), a_partner(url=f"https://{host}/"), NOW)

    # Then the second does not travel on the connection that only the first one's certificate vouched for
    assert asked_for == ["one.example.com", "two.example.com"]
