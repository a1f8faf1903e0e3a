"""Hashing passwords with argon2id, off the event loop and never many at once: each takes 19 MiB and a core."""

import asyncio
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager

from serve_app.places import Places

with warnings.catch_warnings():  # passlib looks at its own deprecated friends while it is imported
    warnings.simplefilter("ignore", DeprecationWarning)
    from passlib.hash import argon2

    argon2.get_backend()  # type: ignore[no-untyped-call]

THREADS = 2
WAITING_MAX = 100
"""Requests that may wait for a thread; at about 25 hashes a second and core more would only time out."""

_HASHER = argon2.using(type="ID", memory_cost=19_456, time_cost=2, parallelism=1)  # type: ignore[no-untyped-call]
"""OWASP's smallest recommended parameters: 19 MiB, two passes."""

_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Nobwfk/JeQ9BqDUm5FzLmQ$Ropf0JWfZMcks913kA65FhM4V/tRPGOS0FkoYxyPJgQ"
"""Verified where there is no account, so that the time taken does not tell."""


class Passwords:
    """A bounded pool of threads that hash."""

    def __init__(self) -> None:
        """Threads start with the first password."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._places = Places(THREADS, WAITING_MAX)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """A place at one of the threads.

        Raises:
            ApiError: too many wait already.
        """
        return self._places.one()

    async def hash(self, password: str) -> str:
        """The hash under which `password` is kept. Within a turn."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _HASHER.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether `stored` is the hash of `password`; None is nobody's, and takes as long. Within a turn."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _verify, password, stored)


def _verify(password: str, stored: str | None) -> bool:
    try:
        is_it = argon2.verify(password, stored or _NOBODY)  # type: ignore[no-untyped-call]
        return bool(is_it) and stored is not None
    except ValueError:  # a password of thousands of letters, or a hash that is none
        return False
