"""Questions to the database from an event loop, on threads whose connections do not outlive a server that went away."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import close_old_connections

Answer = TypeVar("Answer")


async def in_thread(threads: ThreadPoolExecutor, question: Callable[[], Answer]) -> Answer:
    """The answer, from one of these threads."""

    def asked() -> Answer:
        close_old_connections()
        try:
            return question()
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(threads, asked)
