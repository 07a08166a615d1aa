"""Daphne as this service runs it: quiet, bounded, and polite when it leaves.

Imported before anything else that touches Twisted, because Daphne installs the asyncio reactor.
"""

from daphne.server import Server  # isort: skip
import asyncio
import random
from collections.abc import Callable
from typing import Any

from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from sherif_web.admission import App, Message, Scope
from sherif_web.peers import Proxies

LARGEST_MESSAGE = 64 * 1024
MOST_UNREAD = 32  # messages of one socket that its consumer has not looked at yet
MOST_UNSENT = 256 * 1024  # bytes that one socket's peer has not taken yet
DRAIN_SECONDS = 5.0
_COLON = "\\:"  # as Twisted wants it inside a description of an endpoint
_POLICY, _RESTART = 1008, 1012


class SocketProtocol(WebSocketProtocol):  # type: ignore[misc]
    """A WebSocket whose two queues are bounded: what it has sent and nobody read, what it was sent and did not take."""

    def onOpen(self) -> None:  # noqa: N802 - autobahn's name
        """Pings of sockets that came together, after a restart for instance, are spread over the interval."""
        super().onOpen()
        self.last_ping -= random.uniform(0, self.server.ping_interval)  # noqa: S311 - no secret

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 - autobahn's names
        """Pass a message on; a flood ends the socket instead of filling the memory."""
        queue = getattr(self, "application_queue", None)
        if queue is not None and queue.qsize() >= MOST_UNREAD:
            self.close(_POLICY)
            return
        super().onMessage(payload, isBinary)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - Daphne's name
        """Close with any code of the registry: Daphne's own way refuses 1001 to 1015 to a server as to an application.

        RFC 6455, section 7.4.1, leaves them to endpoints.
        """
        self.close(1000 if code is None else code)

    def close(self, code: int) -> None:
        """Close after what was written; nothing happens twice."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=code)

    def write_frame(self, frame: bytes) -> bool:
        """Send one ready-made frame (RFC 6455, section 5.2); False if this socket is, or is now, gone.

        Straight to the kernel while nothing waits before it, as asyncio's own transports do: Twisted would ask the
        event loop first, twice, for each message.
        """
        if self.state != self.STATE_OPEN:
            return False
        transport = self.transport
        unsent = len(transport.dataBuffer) - transport.offset + transport._tempDataLen  # noqa: SLF001
        if unsent > MOST_UNSENT:
            self.dropConnection(abort=True)
            return False
        sent = 0 if unsent else transport.writeSomeData(frame)
        if not isinstance(sent, int):
            self.dropConnection(abort=True)
            return False
        if sent < len(frame):
            transport.write(frame[sent:])
        return True


class WebServer(Server):  # type: ignore[misc]
    """One web process. No access log: the paths of personal links are secrets."""

    def __init__(
        self, application: App, *, address: str, port: int, proxies: Proxies, begin: Callable[[], None]
    ) -> None:
        """`begin` is called once, in the event loop, when it runs."""
        super().__init__(
            application,
            endpoints=[f"tcp:{port}:interface={address.replace(':', _COLON)}:backlog=1024"],
            websocket_max_message_size=LARGEST_MESSAGE,
            websocket_max_frame_size=LARGEST_MESSAGE,
            ready_callable=self._prepare,
            server_name="",
        )
        self.failed = False
        self._proxies = proxies
        self._begin = begin

    def _prepare(self) -> None:
        self.ws_factory.protocol = SocketProtocol
        self.ws_factory.setProtocolOptions(failByDrop=False)  # say why (1002, 1007, 1009) before hanging up
        reactor.callLater(0, self._begin)  # type: ignore[arg-type]  # callWhenRunning is before the event loop runs
        reactor.callWhenRunning(self._say_ready)

    def _say_ready(self) -> None:
        for host, port in self.listening_addresses:
            print(f"ready {host}:{port}", flush=True)  # noqa: T201 - whoever started this process waits for it

    def listen_error(self, failure: Any) -> None:
        """The port is taken: say so and end with an error."""
        self.failed = True
        super().listen_error(failure)

    def create_application(self, protocol: Any, scope: Scope) -> "asyncio.Queue[Message] | None":
        """One connection begins: who is at the other end, and a short way for ready-made frames."""
        self._proxies.reveal(scope)
        if isinstance(protocol, SocketProtocol):
            scope["extensions"] = {"sherif.frame": {"write": protocol.write_frame, "close": protocol.close}}
        queue: asyncio.Queue[Message] | None = super().create_application(protocol, scope)
        return queue

    def kill_all_applications(self) -> "Deferred[None]":
        """Before the end: take nothing new, finish the requests that are inside, ask the pages to come back."""
        return Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        for listener in self.listeners:
            listener.addCallback(_stop_listening)
        sockets: list[asyncio.Future[None]] = []
        requests: list[asyncio.Future[None]] = []
        for protocol, details in self.connections.items():
            if running := details.get("application_instance"):
                (sockets if isinstance(protocol, SocketProtocol) else requests).append(running)
            if isinstance(protocol, SocketProtocol):
                protocol.close(_RESTART)
        if requests:
            await asyncio.wait(requests, timeout=DRAIN_SECONDS)
        if sockets:
            await asyncio.wait(sockets, timeout=1)
        for running in (*sockets, *requests):
            running.cancel()


def _stop_listening(port: Any) -> Any:
    return port.stopListening() if port is not None else None
