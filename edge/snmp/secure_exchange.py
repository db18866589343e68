"""One v3 exchange from the asker's side: discover the engine, ask, follow its reports, or say why not."""

from typing import Final

from edge.snmp.codec import ErrorStatus, PreparedRequest
from edge.snmp.credentials import CredentialSet
from edge.snmp.earlier import Earlier
from edge.snmp.exchange import CredentialRefused, Exchanges, NoAnswer, Received
from edge.snmp.resolve import Address
from edge.snmp.usm import Discovery, Reported, SecuredRequest, Trouble
from edge.snmp.usm_engine import Engine
from edge.snmp.usm_keys import CipherUnavailable, local_keys

_REPEATS: Final = 2
"""An engine that was replaced reports its id, then perhaps its time; after that it is not asked again."""

_REFUSALS: Final = {
    Trouble.SECURITY_LEVEL: "it does not allow that user this level: check auth_protocol and priv_protocol",
    Trouble.USER: "it knows no such user: check user",
    Trouble.SIGNATURE: "it finds the signature wrong: check auth_protocol and auth_password",
    Trouble.DECRYPTION: "it cannot decrypt the request: check priv_protocol and priv_password",
    Trouble.CONTEXT: "it has no such context: check context_name",
}


class SecureExchange:
    """Asks one printer over v3 as one user.

    Args:
        transport: the socket, which also keeps what is known of the engines.
        address: where to send.
        credentials: a v3 set.
    """

    def __init__(self, transport: Exchanges, address: Address, credentials: CredentialSet) -> None:
        self._transport = transport
        self._address = address
        self._credentials = credentials

    async def exchange(
        self, request: PreparedRequest, waits: tuple[float, ...], earlier: Earlier | None = None
    ) -> Received:
        """Send a request and wait for its reply.

        An engine that is not known yet is discovered first. One that says it restarted, or is another engine now,
        is asked again, twice at most: the whole takes at most four times the waits, and nothing is asked but reads.

        Raises:
            CredentialRefused: the printer refuses the set; the message says what to check.
            NoAnswer: nothing came in any of the waits.
            MalformedReply: the last that came could not be read.
        """
        known = self._transport.engines.get(self._address)
        engine = known or await self._discovered(waits)
        try:
            for _ in range(_REPEATS):
                try:
                    return await self._ask(request, engine, waits, earlier)
                except Reported as report:
                    engine = await self._after(report, engine, waits)
            return await self._ask(request, engine, waits, earlier)
        except Reported as report:
            raise self._refusal(f"it reports {report.trouble.value}, also when asked again") from report
        except CredentialRefused:
            raise
        except NoAnswer as error:
            self._transport.engines.forget(self._address)
            if known is None and self._credentials.priv is not None:
                raise self._refusal(
                    "it answers SNMP v3, but not what is encrypted so: check priv_protocol and priv_password"
                ) from error
            raise

    async def _ask(
        self, request: PreparedRequest, engine: Engine, waits: tuple[float, ...], earlier: Earlier | None
    ) -> Received:
        keys = local_keys(self._credentials, engine.engine_id)
        try:
            received = await self._transport.exchange(
                self._address, SecuredRequest(request, self._credentials, keys, engine), waits, earlier
            )
        except CipherUnavailable as error:
            raise self._refusal(f"{error}: choose another priv_protocol") from error
        if received.reply.error is ErrorStatus.NOT_AUTHORIZED:
            raise self._refusal("it lets that user read nothing at this level: check auth_protocol and priv_protocol")
        return received

    async def _after(self, report: Reported, engine: Engine, waits: tuple[float, ...]) -> Engine:
        """The engine to ask again after its report."""
        if report.trouble is Trouble.TIME and report.signed:
            return engine  # the report's own time is the engine's now
        if report.security.engine_id not in {b"", engine.engine_id}:
            return self._remember(report)  # another engine now; some then say unknownUserNames
        if report.trouble in {Trouble.TIME, Trouble.ENGINE, Trouble.OUTDATED}:
            return await self._discovered(waits)
        raise self._refusal(_REFUSALS.get(report.trouble, f"it reports {report.trouble.value}")) from report

    async def _discovered(self, waits: tuple[float, ...]) -> Engine:
        try:
            await self._transport.exchange(self._address, Discovery(), waits)
        except Reported as report:
            return self._remember(report)
        raise NoAnswer("no answer to the question for its SNMP v3 engine")

    def _remember(self, report: Reported) -> Engine:
        """The engine that a report names. Its time is a hint until a signed message proves it."""
        security = report.security
        engine = Engine(security.engine_id, security.boots, security.time, self._transport.clock)
        self._transport.engines.put(self._address, engine)
        return engine

    def _refusal(self, why: str) -> CredentialRefused:
        return CredentialRefused(self._credentials.name, why)
