"""Addresses of this machine's own: which ones browsers are told, and whether somebody else's is one of them."""

import ipaddress
import socket

from responders.sfu.config import MediaConfig

Address = tuple[str, int] | tuple[str, int, int, int]
_ELSEWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


def told(config: MediaConfig, family: socket.AddressFamily) -> list[str]:
    """What browsers are told, best first.

    Where all addresses are listened on, the machine's own in its network comes before loopback: Firefox never uses
    that one.
    """
    if config.announced_addresses:
        return list(config.announced_addresses)
    if not ipaddress.ip_address(config.address).is_unspecified:
        return [config.address]
    families = [socket.AF_INET] if family == socket.AF_INET else [socket.AF_INET6, socket.AF_INET]
    found = [address for one in families if (address := _own(one))]
    return [*found, "127.0.0.1"]


def _own(family: socket.AddressFamily) -> str | None:
    """This machine's own on the way to elsewhere; nothing is sent to find out."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((_ELSEWHERE[family], 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def is_here(address: Address, family: socket.AddressFamily) -> bool:
    """Whether a datagram from this address came from this machine: only its own addresses can be bound."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address[0], 0, *address[2:]))
        except OSError:
            return False
    return True


def seen(address: Address) -> tuple[str, int]:
    """The address as a browser knows its own: IPv4 where IPv4 arrived at an IPv6 socket."""
    host = ipaddress.ip_address(address[0].partition("%")[0])
    if isinstance(host, ipaddress.IPv6Address) and host.ipv4_mapped:
        return str(host.ipv4_mapped), address[1]
    return str(host), address[1]
