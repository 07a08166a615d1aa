"""What the media core refuses. None of these texts holds an address, a name or a word of the other side's."""


class MediaError(Exception):
    """Whatever the media core refuses."""


class RoomFull(MediaError):  # noqa: N818 - the surface other parts are built on
    """All eight seats are taken, or this process holds as many rooms as it may."""


class NoSeat(MediaError):  # noqa: N818 - the surface other parts are built on
    """No such room, no such seat, or not with this token: it was freed, replaced, or never given."""


class BadAnswer(MediaError):  # noqa: N818 - the surface other parts are built on
    """The browser's answer is not one to our offer. That seat is freed; nobody else notices."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
