"""Handing messages to a supervisor as a link does, and waiting for all replies."""

import asyncio
from collections.abc import Sequence

from actors.runtime.envelope import Envelope
from actors.runtime.message import Reply
from actors.runtime.supervisor import Supervisor


async def delivered(supervisor: Supervisor, map_version: int, envelopes: Sequence[Envelope]) -> list[Reply]:
    """The replies in the order of the messages, `Unanswered` where patience ended first."""
    told: dict[int, Reply] = {}
    all_told = asyncio.Event()

    def say(n: int, reply: Reply) -> None:
        told[n] = reply
        if len(told) == len(envelopes):
            all_told.set()

    supervisor.take(map_version, envelopes, say)
    if envelopes:
        await all_told.wait()
    return [told[n] for n in range(len(envelopes))]
