"""The eight seats of one alert's room."""

import hmac
import logging
from collections.abc import Callable

from responders.sfu.config import MediaConfig
from responders.sfu.door import Door
from responders.sfu.errors import NoSeat, RoomFull
from responders.sfu.layout import ANY_SEAT, LINES, REPAIRED, VP8, Kind
from responders.sfu.peer import Peer
from responders.sfu.source import Source
from responders.sfu.tally import Tally
from responders.sfu.track import Outlet, Track
from responders.sfu.viewing import Viewing

log = logging.getLogger(__name__)


class Room:
    """Who sits where, and the tracks between them, which outlive each person."""

    def __init__(self, *, door: Door, config: MediaConfig, tally: Tally, changed: Callable[[], None]) -> None:
        self.tally = tally
        self.peers: dict[int, Peer] = {}
        self._door = door
        self._config = config
        self._changed = changed
        self._tracks = {(kind, seat): Track(kind, seat, tally) for kind, seat in LINES}

    def join(self, person: str, wanted: int | None, now: float) -> Peer:
        """Take a seat: the person's own again, else the wanted one, else any. Raises RoomFull."""
        before = next((peer for peer in self.peers.values() if peer.person == person), None)
        if before is not None:
            self._free(before)
            seat = before.seat
        else:
            seat = self._free_seat(wanted)
        peer = Peer(seat, person, door=self._door, config=self._config, owner=self, now=now)
        self.peers[seat] = peer
        self.tally.joins += 1
        self._changed()
        return peer

    def _free_seat(self, wanted: int | None) -> int:
        order = ANY_SEAT if wanted not in ANY_SEAT else (wanted, *ANY_SEAT)
        free = [seat for seat in order if seat not in self.peers]
        if not free:
            raise RoomFull
        return free[0]

    def find(self, seat: int, token: str) -> Peer:
        """Whoever holds this token there. Raises NoSeat."""
        peer = self.peers.get(seat)
        if peer is None or not hmac.compare_digest(peer.token.encode(), token.encode(errors="replace")):
            raise NoSeat
        return peer

    def connect(self, peer: Peer, now: float) -> None:
        """The keys are agreed: let it be heard, and hear."""
        answer = peer.answer
        if answer is None or self.peers.get(peer.seat) is not peer:
            return
        for kind, sends in answer.sends.items():
            track = self._tracks[kind, peer.seat]
            peer.sources[kind] = Source(track, sends, limits=self._config.limits, tally=self.tally, now=now)
            if kind is Kind.VIDEO:
                track.ask_picture = peer.ask_picture
        outlets = {}
        for line, payloads in answer.receives.items():
            track = self._tracks[line]
            outlets[line] = Outlet(track, peer.link, repairs=REPAIRED[VP8] in payloads)
            track.add(outlets[line])
        peer.viewing = Viewing(outlets, self.tally, now)
        peer.connected = True
        self.tally.connected += 1
        for (kind, _), track in self._tracks.items():
            if kind is Kind.VIDEO:
                track.ask_picture(now)
        self._changed()

    def ended(self, peer: Peer) -> None:
        """Free the seat, unless somebody else has it by now."""
        if self.peers.get(peer.seat) is peer:
            self._free(peer)
            self._changed()

    def close(self) -> None:
        """Everybody out."""
        for peer in list(self.peers.values()):
            self._free(peer)
        self._changed()

    def _free(self, peer: Peer) -> None:
        del self.peers[peer.seat]
        peer.close()

    def beat(self, now: float) -> None:
        """Twenty times a second."""
        for peer in list(self.peers.values()):
            if peer.connected:
                self._guarded(peer, peer.beat, now)

    def second(self, now: float) -> None:
        """Once a second: who is overdue, who speaks, who stopped."""
        spoke = {seat: source.spoke_at for seat, peer in self.peers.items() if (source := peer.sources.get(Kind.AUDIO))}
        for track in self._tracks.values():
            track.rate_now(1.0)
        for peer in list(self.peers.values()):
            if peer.overdue(now):
                self.tally.timed_out += 1
                self.ended(peer)
                continue
            if peer.viewing:
                peer.viewing.spoke = spoke
            self._guarded(peer, peer.second, now)

    def _guarded(self, peer: Peer, step: Callable[[float], None], now: float) -> None:
        try:
            step(now)
        except Exception:  # one person's error is not the room's
            log.exception("A seat's clock failed; that seat is freed.")
            peer.failed()

    def note_publishing(self, now: float) -> None:
        """Tell, if somebody's microphone or camera began or stopped."""
        changed = False
        for peer in self.peers.values():
            publishes = peer.publishes(now)
            changed |= publishes != peer.published
            peer.published = publishes
        if changed:
            self._changed()
