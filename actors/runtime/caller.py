"""Asking an actor from outside: repeats one operation until its outcome is known or the time is up."""

import asyncio
from typing import Protocol

from actors.runtime.delivery import Transport
from actors.runtime.envelope import Envelope, is_final
from actors.runtime.message import Address, Message, OutcomeUnknown, Overloaded, Refused, Reply, Unanswered

FIRST_BACKOFF_S = 0.02
BACKOFF_MAX_S = 0.5


class LeasingTransport(Transport, Protocol):
    """Carries envelopes, and keeps the leases that come back."""

    def leased(self, to: Address, kind: type[Message]) -> Refused | None:
        """What `to` would answer to a message of this kind, where that need not be asked."""
        ...


class Caller:
    """Sends commands and queries and waits for their replies."""

    def __init__(self, transport: LeasingTransport) -> None:
        """Ask through `transport`."""
        self._transport = transport

    def leased(self, to: Address, kind: type[Message]) -> Refused | None:
        """What `to` refuses every message of this kind with at present; None where that has to be asked.

        Only for what was never asked before: a repetition may be about something that was granted.
        """
        return self._transport.leased(to, kind)

    async def ask(self, to: Address, message: Message, op: str, timeout_s: float = 10.0) -> Reply:
        """The reply to `message`.

        `op` names the operation: asking again under the same name, here or later, does nothing twice. The reply is
        `Overloaded` if the message was not taken, `OutcomeUnknown` if its outcome is not known in time.
        """
        envelope = Envelope(to, op, message)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        backoff, doubt, may_be_taken = FIRST_BACKOFF_S, "", False
        while loop.time() < deadline:
            try:
                async with asyncio.timeout_at(deadline):
                    reply = await self._transport.send(envelope)
            except TimeoutError:
                break
            if is_final(reply) or (isinstance(reply, Overloaded) and not may_be_taken):
                return reply
            may_be_taken = True
            if not isinstance(reply, Unanswered):
                doubt = reply.reason if isinstance(reply, OutcomeUnknown | Overloaded) else doubt
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, BACKOFF_MAX_S)
        return OutcomeUnknown(reason=doubt or f"no answer within {timeout_s:g} s")
