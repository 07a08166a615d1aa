"""The room in which relatives see and hear each other: packets go from one to the others and are never decoded.

Plain asyncio, aiortc's DTLS, libsrtp; no Django. Eight seats a room, one offer, one answer, one UDP port for everybody.
"""

from responders.sfu.config import Limits, MediaConfig
from responders.sfu.errors import BadAnswer, MediaError, NoSeat, RoomFull
from responders.sfu.media import Joined, Media, Seat
from responders.sfu.running import run

__all__ = ["BadAnswer", "Joined", "Limits", "Media", "MediaConfig", "MediaError", "NoSeat", "RoomFull", "Seat", "run"]
