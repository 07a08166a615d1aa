"""Relays for browsers without UDP: credentials as we draw them, and a real coturn with the example that we hand out."""

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aioice import stun, turn
from django.utils import timezone
from pytest_django import Settings

from responders.domain import relays
from responders.mediaclient import Claim
from tests import coturn
from tests.callers import callers
from tests.media import MediaProcess, media_process
from tests.web import until

ALERT, OTHER = UUID("4c7b9dd5-f1d7-4d5e-8cf4-1b1bd4a2b0e0"), uuid4()
HERE = coturn.HERE


@pytest.fixture(scope="module")
def relay() -> Iterator[coturn.Relay]:
    with coturn.relay() as running:
        yield running


@pytest.fixture(autouse=True)
def _settings(settings: Settings, relay: coturn.Relay) -> None:
    """The service draws credentials for this relay."""
    media = replace(settings.SHERIF.media, ice_servers=((f"turn:{HERE}:{relay.port}",),), turn_secret=relay.secret)
    settings.SHERIF = replace(settings.SHERIF, media=media)


def credentials(*, at: datetime | None = None, alert: UUID = ALERT, seat: int = 0) -> tuple[str, str]:
    """What a page was given at this moment."""
    (server,) = relays.ice_servers(alert, seat, now=at or timezone.now())
    return server["username"], server["credential"]


class Echo(asyncio.DatagramProtocol):
    """Stands where the media process would."""

    def connection_made(self, transport: Any) -> None:
        """Here."""
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Says it back."""
        self.transport.sendto(data, addr)


class Heard(asyncio.DatagramProtocol):
    """What comes back through the relay."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """One datagram."""
        del addr
        self.said.put_nowait(data)


@asynccontextmanager
async def allocation(
    port: int, given: tuple[str, str], *, transport: str = "udp", trust: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Any, Heard]]:
    """A place at the relay. Raises TransactionFailed when it is refused."""
    username, password = given
    opened, heard = await turn.create_turn_endpoint(
        Heard, (HERE, port), username, password, transport=transport, ssl=trust or False
    )
    try:
        yield opened, heard
    finally:
        opened.close()
        await asyncio.sleep(0.05)  # it says goodbye first


@asynccontextmanager
async def echo() -> AsyncIterator[tuple[str, int]]:
    """The address of somebody who says everything back."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=(HERE, 0))
    try:
        yield transport.get_extra_info("sockname")
    finally:
        transport.close()


async def passes(opened: Any, heard: Heard, peer: tuple[str, int]) -> bool:
    """Whether a packet goes to the media process and comes back."""
    opened.sendto(b"sound", peer)
    async with asyncio.timeout(5):
        return await heard.said.get() == b"sound"


async def bind(opened: Any, address: str) -> None:
    """Ask the relay to reach this address. Raises TransactionFailed."""
    await opened._TurnTransport__inner_protocol.channel_bind(0x4000, (address, 9))


async def refresh(opened: Any) -> int:
    """Ask for more time; the seconds that are given."""
    request = stun.Message(message_method=stun.Method.REFRESH, message_class=stun.Class.REQUEST)
    request.attributes["LIFETIME"] = 600
    response, _ = await opened._TurnTransport__inner_protocol.request_with_retry(request)
    return int(response.attributes["LIFETIME"])


def test_a_credential_is_the_hmac_of_its_own_end(relay: coturn.Relay) -> None:
    now = timezone.now()
    username, credential = credentials(at=now, seat=3)

    expiry, _, user = username.partition(":")
    assert int(expiry) == int((now + timedelta(minutes=10)).timestamp())
    assert user.endswith("-3")
    expected = hmac.new(relay.secret.encode(), username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(credential) == expected


def test_each_seat_of_each_alert_has_a_quota_of_its_own() -> None:
    users = {credentials(alert=alert, seat=seat)[0].partition(":")[2] for alert in (ALERT, OTHER) for seat in range(8)}
    assert len(users) == 16
    assert not any(str(part) in user for user in users for part in (ALERT, ALERT.hex, ALERT.hex[:8]))


async def test_a_fresh_credential_passes_over_udp_tcp_and_tls(relay: coturn.Relay) -> None:
    trust = await asyncio.to_thread(ssl.create_default_context, cafile=str(relay.certificate))
    ways: list[tuple[int, dict[str, Any]]] = [
        (relay.port, {"transport": "udp"}),
        (relay.port, {"transport": "tcp"}),
        (relay.tls_port, {"transport": "tcp", "trust": trust}),
    ]
    async with echo() as media:
        for port, way in ways:
            async with allocation(port, credentials(), **way) as (opened, heard):
                assert await passes(opened, heard, media), way


async def test_an_expired_a_wrong_and_a_missing_credential_are_refused(relay: coturn.Relay) -> None:
    username, credential = credentials()
    later = f"{int(username.partition(':')[0]) + 3600}:{username.partition(':')[2]}"
    refused = {
        "expired": credentials(at=timezone.now() - timedelta(minutes=11)),
        "wrong": (username, credential[:-4] + "AAA="),
        "stretched": (later, credential),
        "nobody's": ("marie", "marie"),
        "without an end": (username.partition(":")[2], credential),
    }
    for name, given in refused.items():
        with pytest.raises(stun.TransactionFailed, match="401"):
            async with allocation(relay.port, given):
                pytest.fail(name)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.2", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1", "0.0.0.0",  # noqa: S104
     "224.0.0.1", "255.255.255.255", "8.8.8.8"],
)  # fmt: skip
async def test_nothing_but_the_media_process_is_reached_through_it(relay: coturn.Relay, address: str) -> None:
    async with allocation(relay.port, credentials()) as (opened, _):
        with pytest.raises(stun.TransactionFailed, match="403"):
            await bind(opened, address)


async def test_a_call_that_stands_outlives_its_credential_and_no_new_one_begins(relay: coturn.Relay) -> None:
    soon = credentials(at=timezone.now() - timedelta(minutes=10) + timedelta(seconds=3))
    async with echo() as media, allocation(relay.port, soon) as (opened, heard):
        assert await passes(opened, heard, media)
        await asyncio.sleep(4)
        assert await refresh(opened) == 600
        assert await passes(opened, heard, media)
        with pytest.raises(stun.TransactionFailed, match="401"):
            async with allocation(relay.port, soon):
                pytest.fail("it began")


async def test_one_seat_does_not_fill_the_relay(relay: coturn.Relay) -> None:
    """Its quota; another seat has its own."""
    given = credentials(seat=5)
    opened: list[Any] = []

    async def fill() -> None:
        while len(opened) < 30:
            opened.append(await turn.create_turn_endpoint(Heard, (HERE, relay.port), *given))

    try:
        with pytest.raises(stun.TransactionFailed, match="486"):
            await fill()
        assert len(opened) == 24
        async with allocation(relay.port, credentials(seat=6)):
            pass
    finally:
        for transport, _ in opened:
            transport.close()
        await asyncio.sleep(0.2)


@pytest.mark.parametrize("way", ["turn:{here}:{port}?transport=udp", "turn:{here}:{port}?transport=tcp",
                                 "turns:{here}:{tls_port}?transport=tcp"])  # fmt: skip
def test_a_call_goes_through_the_relay_alone(
    relay: coturn.Relay, settings: Settings, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.certificate))  # a browser knows whoever signed a real one
    urls = (way.format(here=HERE, port=relay.port, tls_port=relay.tls_port),)
    media = replace(settings.SHERIF.media, ice_servers=(urls,))
    settings.SHERIF = replace(settings.SHERIF, media=media)
    with media_process() as process, callers() as everybody:
        two = []
        for seat, name in enumerate(("contact-1", "contact-2")):
            offer = process.client.join(ALERT, name, wanted=seat)
            caller = everybody.new(relays.ice_servers(ALERT, seat, now=timezone.now()))
            said = caller.answer(offer.sdp, offer.seat)
            assert "typ relay" in said
            assert "typ host" not in said
            process.client.answer(ALERT, Claim(seat=seat, person=name), said)
            two.append(caller)
        assert until(lambda: _heard(process) == {0: ("audio",), 1: ("audio",)}, 15), process.said
        assert until(lambda: two[0].hears(1) > 50 and two[1].hears(0) > 50, 10)


def _heard(process: MediaProcess) -> dict[int, tuple[str, ...]]:
    return {one.seat: one.publishes for one in process.client.rooms().rooms.get(ALERT, ())}


def test_the_example_keeps_its_promises() -> None:
    lines = coturn.EXAMPLE.read_text(encoding="utf-8").splitlines()
    for line in ("use-auth-secret", "no-cli", "no-tcp-relay", "no-multicast-peers", "no-tlsv1", "no-tlsv1_1"):
        assert line in lines
    assert {"denied-peer-ip=0.0.0.0-255.255.255.255", "max-allocate-lifetime=600", "user-quota=24"} <= set(lines)
    assert "static-auth-secret=CHANGE-ME" in lines
