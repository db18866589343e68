"""The fence: which addresses the agent may talk to as printers, whatever discovery criteria or a name server say."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

PRIVATE_NETWORKS: Final = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
"""What is allowed unless the site says otherwise: addresses that are not routed on the internet (RFC 1918, 6598, 3927,
4193, 4291) and this computer."""
_MAX_VERDICTS: Final = 65_536


class Fence:
    """Allows addresses inside some networks only.

    Args:
        networks: blocks such as ``10.1.0.0/16`` or single addresses.

    Raises:
        ValueError: an entry is neither; the message names it.
    """

    def __init__(self, networks: Iterable[str] = PRIVATE_NETWORKS) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(entry, strict=False) for entry in networks]
        self._verdicts: dict[str, bool] = {}

    def allows(self, address: str) -> bool:
        """Whether an address, already resolved and without its zone, may be asked."""
        verdict = self._verdicts.get(address)
        if verdict is None:
            found = ip_address(address.partition("%")[0])
            found = getattr(found, "ipv4_mapped", None) or found
            verdict = any(found.version == network.version and found in network for network in self._networks)
            if len(self._verdicts) >= _MAX_VERDICTS:
                self._verdicts.clear()
            self._verdicts[address] = verdict  # every printer is asked for at every reading
        return verdict
