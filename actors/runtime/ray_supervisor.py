"""Supervisors as named, detached, restartable Ray actors."""

import os
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

import ray
from ray.actor import ActorHandle

from actors.runtime.garbage import spare_what_stays
from actors.runtime.listener import Reach
from actors.runtime.ray_transport import listen
from actors.runtime.supervisor import Supervisor

CONCURRENT_CALLS_MAX = 100
"""Calls of operators and callers who want to know where it is; messages do not come through Ray."""

Build = Callable[[], Coroutine[Any, Any, Supervisor]]
"""Makes the supervisor in the process that will run it; runs again after every restart of that process."""


class RaySupervisor:
    """The process of one supervisor. Its class gets the supervisor's name, so `ps` and `ray list actors` show it."""

    async def __init__(self, build: Build) -> None:  # type: ignore[misc]  # Ray awaits it
        """Build the supervisor and let it recover what its predecessor left."""
        self._supervisor = await build()
        await self._supervisor.start()
        self._reach = await listen(self._supervisor.take, self._supervisor.lessor)
        spare_what_stays()

    async def reach(self) -> Reach:
        """Where messages for its actors are taken."""
        return self._reach

    async def do_chore(self) -> Any:  # noqa: ANN401  see `Supervisor.do_chore`
        """One round of the service's chore, now."""
        return await self._supervisor.do_chore()

    async def has_recovered(self) -> bool:
        """Whether it serves; asked every few seconds, so it looks at no actor."""
        return self._supervisor.has_recovered

    async def status(self) -> dict[str, Any]:
        """What an operator wants to know of this partition, with the process that runs it and its machine."""
        machine = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
        return await self._supervisor.status() | {"pid": os.getpid(), "machine": machine}


def find_supervisor(namespace: str, service: str, partition: int, build: Build) -> ActorHandle[Any]:
    """The handle of the supervisor `service/partition`; starts it where there is none."""
    name = f"{service}/{partition}"
    named = _class_of(name)
    made: ActorHandle[Any] = named.options(
        name=name,
        namespace=namespace,
        lifetime="detached",
        get_if_exists=True,
        max_restarts=-1,
        max_concurrency=CONCURRENT_CALLS_MAX,
        num_cpus=0,
        scheduling_strategy="SPREAD",  # over the machines: what needs no CPU is packed otherwise
    ).remote(build)
    return made


@cache
def _class_of(name: str) -> Any:  # noqa: ANN401  what Ray makes of a class has no type
    """The class of the supervisor `name`, once: Ray keeps every class that it was given."""
    return ray.remote(type(name, (RaySupervisor,), {}))
