"""Asks targets over IPP: their address found, inside of the fence, within the packet rate."""

from typing import Final

from edge.ipp.attributes import Attributes
from edge.ipp.client import Endpoint, IppError, IppLimits, IppSilent, attributes, listens
from edge.snmp.fence import Fence
from edge.snmp.resolve import UnknownHost, resolved
from edge.snmp.targets import Target
from edge.snmp.transport import Pacer

CONNECT_PACKETS: Final = 4
"""What opening and closing a connection sends; an address where nothing answers is sent less."""
REQUEST_PACKETS: Final = 8
"""What a request and the acknowledgements of its answer send."""


class IppInquiry:
    """Asks one target after another.

    Args:
        port: where printers answer IPP.
        fence: which addresses may be asked; None for all.
        limits: what one printer may cost.
    """

    def __init__(self, port: int, fence: Fence | None, limits: IppLimits) -> None:
        self._port = port
        self._fence = fence
        self._limits = limits

    async def ask(self, target: Target, known: Endpoint | None, pacer: Pacer) -> tuple[Attributes, Endpoint]:
        """What the target answers, and how it was asked; one not known to answer is first tried for a connection alone.

        Raises:
            IppSilent: nothing answered.
            IppError: it cannot be asked, or answers as no printer.
        """
        try:
            address, _ = await resolved(target.host, self._port, self._fence)
        except UnknownHost as error:
            raise IppError(str(error)) from error
        if known is None:
            await _turns(pacer, CONNECT_PACKETS)
            heard = await listens(address, self._port)
            if heard is None:
                raise IppSilent("nothing answers at the IPP port")
            if not heard:
                raise IppError("nothing takes connections at the IPP port")
        await _turns(pacer, REQUEST_PACKETS)
        return await attributes(address, self._port, known=known, limits=self._limits)


async def _turns(pacer: Pacer, packets: int) -> None:
    for _ in range(packets):
        await pacer.turn()
