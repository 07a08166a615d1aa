"""Who is at the other end, whatever the headers claim."""

from typing import Any

import pytest

from sherif_web.peers import Proxies


def reveal(proxies: Proxies, peer: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    scope: dict[str, Any] = {"client": [peer, 4711], "headers": [(b"host", b"sos.example"), *headers]}
    proxies.reveal(scope)
    return scope


def test_a_stranger_cannot_claim_another_address() -> None:
    forwarded = (b"x-forwarded-for", b"10.0.0.1")
    scope = reveal(Proxies(["127.0.0.1"]), "203.0.113.9", forwarded, (b"x-forwarded-proto", b"https"))
    assert scope["client"] == ["203.0.113.9", 4711]
    assert scope["headers"] == [(b"host", b"sos.example")]


def test_without_configured_proxies_nothing_is_believed() -> None:
    assert reveal(Proxies([]), "127.0.0.1", (b"x-forwarded-for", b"10.0.0.1"))["client"] == ["127.0.0.1", 4711]


@pytest.mark.parametrize(
    ("claimed", "peer"),
    [
        (b"198.51.100.7", "198.51.100.7"),
        (b"1.2.3.4, 198.51.100.7", "198.51.100.7"),
        (b"1.2.3.4, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
        (b"2001:db8::1", "2001:db8::1"),
        (b"", "127.0.0.1"),
    ],
)
def test_behind_our_proxies_the_last_foreign_address_is_the_peer(claimed: bytes, peer: str) -> None:
    scope = reveal(Proxies(["127.0.0.1", "10.0.0.0/8"]), "127.0.0.1", (b"x-forwarded-for", claimed))
    assert scope["client"][0] == peer


def test_an_unreadable_list_of_proxies_is_refused() -> None:
    with pytest.raises(ValueError, match="nginx"):
        Proxies(["nginx"])
