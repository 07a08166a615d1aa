"""Checks of our own (RFC 8489), sent where the browser is: how long its link takes now, and not once a second only.

No permission is asked with them: the browser comes to us, as to any ICE-lite server, and answers these as it would
answer anybody who knows its name and its password.
"""

from aioice import stun

_MOST_OPEN = 64
_RESPONSE = (stun.Method.BINDING | stun.Class.RESPONSE).to_bytes(2, "big")
_PRIORITY = 1_853_824_767  # peer reflexive; nobody pairs anything by it


def is_answer(datagram: bytes | memoryview) -> bool:
    """Whether this looks like an answer to one."""
    return datagram[:2] == _RESPONSE


class Pings:
    """Those of one browser."""

    def __init__(self, *, ours: str, theirs: str, password: bytes) -> None:
        self._name = f"{theirs}:{ours}"
        self._password = password
        self._open: dict[bytes, float] = {}

    def ask(self, now: float) -> bytes:
        """One to send now."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = self._name
        request.attributes["PRIORITY"] = _PRIORITY
        request.attributes["ICE-CONTROLLED"] = 0
        request.add_message_integrity(self._password)
        self._open[request.transaction_id] = now
        if len(self._open) > _MOST_OPEN:
            del self._open[next(iter(self._open))]
        return bytes(request)

    def hear(self, datagram: bytes) -> float | None:
        """When the one went that this answers; None if it answers none, or was not signed by the browser."""
        try:
            answer = stun.parse_message(datagram)
        except (ValueError, IndexError):
            return None
        if answer.transaction_id not in self._open or not answer.check_message_integrity(self._password):
            return None
        return self._open.pop(answer.transaction_id)
