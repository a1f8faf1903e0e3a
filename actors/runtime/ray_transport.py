"""Envelopes over Ray: coalesced calls to named supervisors, several in flight."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from actors.runtime.coalescer import Coalescer, QueueFull
from actors.runtime.envelope import Envelope
from actors.runtime.message import OutcomeUnknown, Overloaded, Reply
from actors.runtime.partition import PartitionMap
from actors.runtime.wire import pack, unpack_replies

Find = Callable[[str, int], Any]
"""The handle of a supervisor by service and partition; starts it where there is none. May block: runs in a thread."""

CALLS_EVERY_S = 0.01
"""How far calls to one supervisor are apart under load: a call costs some 2 ms, with one envelope in it or thirty."""

CALL_MAX_S = 30.0
"""A call that is not answered by then counts as lost: its supervisor may be stopped or cut off."""


class RayTransport:
    """Carries envelopes to the supervisors of all services. Nothing it does belongs to a request."""

    def __init__(self, partition_map: PartitionMap, find: Find) -> None:
        """Route by `partition_map`; `find` the supervisors when they are first needed and after they were lost."""
        self._map = partition_map
        self._find = find
        self._handles: dict[tuple[str, int], Any] = {}
        self._coalescers: dict[tuple[str, int], Coalescer[Envelope, Reply]] = {}

    async def send(self, envelope: Envelope) -> Reply:
        """What the addressee answered; `OutcomeUnknown` where the way there or back failed."""
        try:
            return await self._coalescer(envelope).submit(envelope)
        except QueueFull as full:
            return Overloaded(reason=str(full))
        except Exception as error:  # noqa: BLE001  Ray raises a class of error for each way a call can be lost
            return OutcomeUnknown(reason=f"{type(error).__name__}: {str(error).splitlines()[0][:200]}")

    @property
    def queued(self) -> int:
        """How many envelopes wait for a call."""
        return sum(len(each) for each in self._coalescers.values())

    def _coalescer(self, envelope: Envelope) -> Coalescer[Envelope, Reply]:
        place = (envelope.to.service, self._map.partition_of(envelope.to.key))
        found = self._coalescers.get(place)
        if found is None:

            async def call(batch: Sequence[Envelope]) -> Sequence[Reply]:
                return await self._call(place, batch)

            found = self._coalescers[place] = Coalescer(call, batch_max=256, in_flight_max=2, spacing_s=CALLS_EVERY_S)
        return found

    async def _call(self, place: tuple[str, int], batch: Sequence[Envelope]) -> Sequence[Reply]:
        """One Ray call for the whole batch.

        Raises:
            TimeoutError: no answer in time.
            ray.exceptions.RayError: the supervisor is gone, or failed.
        """
        try:
            handle = self._handles.get(place)
            if handle is None:
                handle = self._handles[place] = await asyncio.to_thread(self._find, *place)
            return unpack_replies(await answer_of(handle.deliver.remote(self._map.version, pack(batch))))
        except BaseException:
            self._handles.pop(place, None)
            raise


async def answer_of(reference: Any) -> Any:  # noqa: ANN401  Ray's references are untyped
    """The result of a Ray call.

    Raises:
        TimeoutError: none within `CALL_MAX_S`; the call is left alone, for others may be served by it.
    """
    future = asyncio.wrap_future(reference.future())
    done, _ = await asyncio.wait({future}, timeout=CALL_MAX_S)
    if not done:
        future.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise TimeoutError(f"no answer from the supervisor within {CALL_MAX_S:g} s")
    return future.result()
