"""Who is really at the other end: forwarded headers are believed from the configured proxies only."""

from collections.abc import MutableMapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

_FORWARDED = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"forwarded")


class Proxies:
    """SHERIF_TRUSTED_PROXIES: addresses or networks. Raises ValueError for anything else."""

    def __init__(self, listed: Sequence[str]) -> None:
        self._networks: list[IPv4Network | IPv6Network] = [ip_network(one, strict=False) for one in listed]

    def reveal(self, scope: MutableMapping[str, Any]) -> None:
        """Put the true peer into an ASGI scope, and take out what a stranger claims about being forwarded.

        The last address that no proxy of ours wrote is the peer (as nginx' `real_ip_recursive` does).
        """
        if scope["client"] is None:
            return
        if not self._ours(scope["client"][0]):
            if self._networks:
                scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in _FORWARDED]
            return
        claimed = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        for address in reversed([part.strip() for part in claimed.decode("latin-1").split(",") if part.strip()]):
            scope["client"] = [address, 0]
            if not self._ours(address):
                return

    def _ours(self, address: str) -> bool:
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self._networks)
