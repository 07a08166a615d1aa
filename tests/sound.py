"""Sound whose every second says which one it is: what a microphone hears in a test, and what is heard again later."""

import array
import io
import math
import wave
from collections.abc import Sequence
from itertools import groupby, pairwise
from pathlib import Path

import av

RATE = 48_000
LOWEST_HZ, STEP_HZ = 400, 100
_LOUD = 12_000
_WINDOWS_A_SECOND = 10


def write(path: Path, *, seconds: int) -> None:
    """A WAV file of tones, a second each, each a step higher than the one before."""
    samples = array.array("h")
    for second in range(seconds):
        turn = 2 * math.pi * (LOWEST_HZ + STEP_HZ * second) / RATE
        samples.extend(int(_LOUD * math.sin(turn * n)) for n in range(RATE))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def heard(sound: bytes) -> Sequence[int]:
    """Which seconds of that file sound, one after the other, each for a third of a second at least.

    Decoded by FFmpeg's own libraries. Raises av.FFmpegError for what does not play.
    """
    samples = _samples(sound)
    size = RATE // _WINDOWS_A_SECOND
    windows = [_second(samples[start : start + size]) for start in range(0, len(samples) - size, size)]
    runs = [(second, len(list(run))) for second, run in groupby(windows)]
    return [second for second, length in runs if second is not None and length * 3 > _WINDOWS_A_SECOND]


def _samples(sound: bytes) -> Sequence[float]:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    found = array.array("f")
    with av.open(io.BytesIO(sound), "r") as file:
        for frame in file.decode(audio=0):
            for plain in resampler.resample(frame):
                found.frombytes(bytes(plain.planes[0])[: plain.samples * 4])
    return found


def _second(samples: Sequence[float]) -> int | None:
    """By how often it crosses zero: a clean tone, known steps."""
    if max(samples) < 0.02:
        return None
    crossings = sum(1 for before, after in pairwise(samples) if before < 0 <= after)
    step = (crossings * _WINDOWS_A_SECOND - LOWEST_HZ) / STEP_HZ
    return round(step) if abs(step - round(step)) <= 0.3 else None
