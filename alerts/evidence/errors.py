"""What can go wrong with evidence. Nothing of it concerns an alert: a recording that fails harms nobody's messages."""


class EvidenceError(Exception):
    """Ancestor of the others."""


class BrokenError(EvidenceError):
    """What is on the disk is not what was written: nothing is added to it, and nothing is taken away."""


class StorageError(EvidenceError):
    """The disk is full or refuses: nothing was acknowledged, what was before stands. Try again later."""


class OtherChunkError(EvidenceError):
    """Another chunk already has this number."""


class TooLateError(EvidenceError):
    """The recording was closed longer ago than missing chunks are waited for."""


class KeyHolderError(EvidenceError):
    """The holder of the keys refuses or does not answer."""


class StampError(EvidenceError):
    """An authority's answer is refused, or there is none."""
