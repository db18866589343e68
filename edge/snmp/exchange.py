"""One question and its answer: what is sent, what comes back, and what can come of it instead."""

from collections.abc import Callable
from typing import Protocol

from edge.snmp.ber import Frame
from edge.snmp.codec import PreparedRequest, Reply
from edge.snmp.earlier import Earlier
from edge.snmp.resolve import Address
from edge.snmp.usm_engine import Engines
from edge.snmp.v3 import SecuredFrame


class NoAnswer(Exception):
    """The printer sent nothing usable within the timeout and its retries."""


class CredentialRefused(NoAnswer):
    """The printer answers, but not to this credential set; the message says what to check in it.

    Attributes:
        name: the set's.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"refused: {why}")
        self.name = name


class Interruption(Exception):
    """An answer that is not the reply, and ends the exchange."""


class SecuredQuestion(Protocol):
    """A v3 request: it makes its own datagrams and opens what comes back."""

    @property
    def version(self) -> int:
        """3."""

    def with_request_id(self, request_id: int) -> bytes:
        """The datagram."""

    def opened(self, frame: SecuredFrame) -> Frame | None:
        """The reply's PDU, None for what must not count; raises `Interruption` or `MalformedReply`."""


class Received:
    """A reply and what it weighed."""

    __slots__ = ("octets", "reply")

    def __init__(self, reply: Reply, octets: int) -> None:
        self.reply = reply
        self.octets = octets


class Exchanges(Protocol):
    """Sends requests and brings replies: a `Transport`, or what waits for its turn before each datagram of one."""

    @property
    def engines(self) -> Engines:
        """What is known of the v3 engines by address."""

    @property
    def clock(self) -> Callable[[], float]:
        """Monotonic seconds, by which the engines' time goes on."""

    async def exchange(
        self,
        address: Address,
        request: PreparedRequest | SecuredQuestion,
        waits: tuple[float, ...],
        earlier: Earlier | None = None,
    ) -> Received:
        """As `Transport.exchange`."""
