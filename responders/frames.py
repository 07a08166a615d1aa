"""One message for many sockets, framed once; and how it reaches one of them."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Protocol

_FINAL_TEXT = 0x81
_SHORT, _MEDIUM = 126, 127
_MOST_UNSENT = 256
_TOO_SLOW = 1013  # try again later (IANA's registry of WebSocket close codes)


class Frame:
    """A text message and, when somebody can use it, its whole WebSocket frame."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def octets(self) -> bytes:
        """One unmasked final text frame, as servers send them (RFC 6455, section 5.2)."""
        payload = self.text.encode()
        length = len(payload)
        if length < _SHORT:
            head = bytes((_FINAL_TEXT, length))
        elif length < 1 << 16:
            head = bytes((_FINAL_TEXT, _SHORT)) + length.to_bytes(2, "big")
        else:
            head = bytes((_FINAL_TEXT, _MEDIUM)) + length.to_bytes(8, "big")
        return head + payload


class Line(Protocol):
    """The way to one socket. Neither call waits; a peer that does not read is hung up on."""

    def write(self, frame: Frame) -> None:
        """Send one message."""
        ...

    def close(self, code: int) -> None:
        """Close after what was written."""
        ...

    def stop(self) -> None:
        """The socket is gone."""
        ...


class FrameLine:
    """Straight into our own server's socket, with frames made once for all (`sherif_web.server`)."""

    def __init__(self, write_frame: Callable[[bytes], bool], close: Callable[[int], None]) -> None:
        self._write_frame = write_frame
        self.close = close

    def write(self, frame: Frame) -> None:
        """Send one message."""
        self._write_frame(frame.octets)

    def stop(self) -> None:
        """Nothing to let go of: the server owns the socket."""


class QueueLine:
    """Through any ASGI server's `send`, from a bounded queue."""

    def __init__(self, send: Callable[[str], Awaitable[None]], close: Callable[[int], Awaitable[None]]) -> None:
        self._send = send
        self._close = close
        self._unsent: asyncio.Queue[Frame | int] = asyncio.Queue()
        self._pump = asyncio.ensure_future(self._run())

    def write(self, frame: Frame) -> None:
        """Send one message."""
        if self._unsent.qsize() < _MOST_UNSENT:
            self._unsent.put_nowait(frame)
        elif self._unsent.qsize() == _MOST_UNSENT:
            self._unsent.put_nowait(_TOO_SLOW)

    def close(self, code: int) -> None:
        """Close after what was written."""
        self._unsent.put_nowait(code)

    def stop(self) -> None:
        """The socket is gone."""
        self._pump.cancel()

    async def _run(self) -> None:
        while True:
            what = await self._unsent.get()
            if isinstance(what, int):
                await self._close(what)
                return
            await self._send(what.text)
