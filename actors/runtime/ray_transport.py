"""Envelopes to the supervisors of all services: Ray says where each of them is, and a link carries the messages."""

import asyncio
from collections.abc import Callable
from typing import Any

import ray

from actors.runtime.clock import steady_s
from actors.runtime.envelope import Envelope
from actors.runtime.lease import Lessor
from actors.runtime.link import Link
from actors.runtime.listener import Listener, Reach, Take
from actors.runtime.message import Address, Message, Refused, Reply
from actors.runtime.partition import PartitionMap
from actors.runtime.tasks import own

Find = Callable[[str, int], Any]
"""The handle of a supervisor by service and partition; starts it where there is none. May block: runs in a thread."""

LOOK_EVERY_S = 0.2
"""How often a supervisor that cannot be reached is looked for: each time takes a thread and a call through Ray."""

CALL_MAX_S = 30.0
"""A call through Ray that is not answered by then counts as lost: its actor may be stopped or cut off."""


class RayTransport:
    """One link to each supervisor that is needed. Nothing it does belongs to a request."""

    def __init__(self, partition_map: PartitionMap, find: Find) -> None:
        """Route by `partition_map`; `find` the supervisors when they are first needed and after they were lost."""
        self._map = partition_map
        self._find = find
        self._links: dict[tuple[str, int], Link] = {}
        self._next_s: dict[tuple[str, int], float] = {}
        """When each supervisor may be looked for again."""

    async def send(self, envelope: Envelope) -> Reply:
        """What the addressee answered; `OutcomeUnknown` where the way there or back failed."""
        place = (envelope.to.service, self._map.partition_of(envelope.to.key))
        link = self._links.get(place)
        if link is None or link.is_lost:
            link = self._links[place] = Link(lambda: self._reach(*place), self._map.version)
        return await link.ask(envelope)

    def leased(self, to: Address, kind: type[Message]) -> Refused | None:
        """What `to` would answer to a message of this kind, where that need not be asked."""
        link = self._links.get((to.service, self._map.partition_of(to.key)))
        return link.leased(to.key, kind) if link is not None else None

    async def _reach(self, service: str, partition: int) -> Reach:
        """Where a supervisor takes messages.

        Raises:
            TimeoutError: no answer in time.
            ray.exceptions.RayError: it cannot be reached just now.
        """
        await self._take_turn((service, partition))
        handle = await asyncio.to_thread(self._find, service, partition)
        reach: Reach = await answer_of(handle.reach.remote())
        return reach

    async def _take_turn(self, place: tuple[str, int]) -> None:
        """Wait until a supervisor that is being started again may be looked for again: many ask for it meanwhile."""
        now_s = steady_s()
        begins_s = max(now_s, self._next_s.get(place, now_s))
        self._next_s[place] = begins_s + LOOK_EVERY_S
        await asyncio.sleep(begins_s - now_s)


async def listen(take: Take, lessor: Lessor | None = None) -> Reach:
    """Take messages at this node's address, on any free port; see `Listener`."""
    host: str = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
    return await own(Listener(take, lessor).open(host))


async def answer_of(reference: Any, within_s: float = CALL_MAX_S) -> Any:  # noqa: ANN401  Ray's references are untyped
    """The result of a Ray call.

    Raises:
        TimeoutError: none in so many seconds; the call is left alone, for others may be served by it.
    """
    future = asyncio.wrap_future(reference.future())
    done, _ = await asyncio.wait({future}, timeout=within_s)
    if not done:
        future.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise TimeoutError(f"no answer through Ray within {within_s:g} s")
    return future.result()
