"""A second of real sound in the form in which browsers record it: WebM with Opus, made here."""

import io
from fractions import Fraction

import av
import numpy as np

_RATE = 48_000  # samples a second


def webm(seconds: float = 1.0, *, pitch: float = 440.0) -> bytes:
    """A tone of this pitch (hertz)."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm", options={"live": "1"}) as container:
        stream = container.add_stream("libopus", rate=_RATE)
        for at in range(0, int(_RATE * seconds), 960):
            wave = 0.3 * np.sin(2 * np.pi * pitch * np.arange(at, at + 960) / _RATE)
            frame = av.AudioFrame.from_ndarray((wave * 32767).astype("int16")[None, :], format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = _RATE, at, Fraction(1, _RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def in_pieces(content: bytes, count: int) -> list[bytes]:
    """Cut as a browser that sends while it records."""
    size = -(-len(content) // count)
    return [content[at : at + size] for at in range(0, len(content), size)]
