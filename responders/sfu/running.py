"""The loop that carries the media: uvloop where it is installed, asyncio's own otherwise."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import TypeVar

try:
    from uvloop import new_event_loop as _fast_loop
except ImportError:  # not made for every system
    _fast_loop = None  # type: ignore[assignment]

_T = TypeVar("_T")

loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = _fast_loop
"""What makes the loop; None stands for asyncio's own."""


def run(main: Coroutine[object, object, _T]) -> _T:
    """Run this to its end on the fastest loop there is; as `asyncio.run` otherwise.

    What was loaded until now stays for good: the collector need not look at it again, which it would do in the middle
    of somebody's sentence.
    """
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main)
