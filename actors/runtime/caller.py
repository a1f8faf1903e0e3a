"""Asking an actor from outside: repeats one operation until its outcome is known or the time is up."""

import asyncio

from actors.runtime.delivery import Transport
from actors.runtime.envelope import Envelope, is_final
from actors.runtime.message import Address, Message, OutcomeUnknown, Overloaded, Reply, Unanswered

FIRST_BACKOFF_S = 0.02
BACKOFF_MAX_S = 0.5


class Caller:
    """Sends commands and queries and waits for their replies."""

    def __init__(self, transport: Transport) -> None:
        """Ask through `transport`."""
        self._transport = transport

    async def ask(self, to: Address, message: Message, op: str, timeout_s: float = 10.0) -> Reply:
        """The reply to `message`.

        `op` names the operation: asking again under the same name, here or later, does nothing twice. The reply is
        `Overloaded` if the message was not taken, `OutcomeUnknown` if its outcome is not known in time.
        """
        envelope = Envelope(to, op, message)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        backoff, doubt = FIRST_BACKOFF_S, ""
        while loop.time() < deadline:
            reply = await self._transport.send(envelope)
            if is_final(reply) or (isinstance(reply, Overloaded) and not doubt):
                return reply
            if not isinstance(reply, Unanswered):
                doubt = reply.reason if isinstance(reply, OutcomeUnknown | Overloaded) else doubt
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, BACKOFF_MAX_S)
        return OutcomeUnknown(reason=doubt or f"no answer within {timeout_s:g} s")
