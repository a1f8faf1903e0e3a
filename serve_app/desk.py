"""Putting commands and questions to actors: what is not a success is raised as the refusal it is."""

import logging

from bson import ObjectId

from actors.contract import (
    ORDERS,
    Address,
    Key,
    Message,
    OrderReply,
    OutcomeUnknown,
    Overloaded,
    Refused,
    Reply,
)
from actors.runtime.caller import Caller
from serve_app import refusals
from serve_app.refusals import ApiError

log = logging.getLogger("boxoffice.api")

COMMAND_S = 10.0
"""Seconds until the outcome of a command counts as unknown."""

SETTLED_S = 20.0
"""Seconds that a buyer waits for Stripe's answer to a payment."""


class Desk:
    """Where handlers ask actors."""

    def __init__(self, caller: Caller) -> None:
        """Ask through `caller`."""
        self._caller = caller

    def leased(self, service: str, key: Key, kind: type[Message]) -> Refused | None:
        """What one actor refuses every message of this kind with at present; None where it has to be asked."""
        return self._caller.leased(Address(service=service, key=key), kind)

    async def ask(self, service: str, key: Key, message: Message, op: str, timeout_s: float = COMMAND_S) -> Reply:
        """The reply of one actor; `op` names the operation, so that repeating it does nothing twice.

        Raises:
            ApiError: it refused, took no message, or did not answer within `timeout_s` seconds.
        """
        reply = await self._caller.ask(Address(service=service, key=key), message, op, timeout_s)
        match reply:
            case Refused():
                raise ApiError(reply)
            case Overloaded():
                raise ApiError(refusals.OVERLOADED, retry_after_s=reply.retry_after_s)
            case OutcomeUnknown():
                log.warning("%s to %s/%s: %s", type(message).__name__, service, key, reply.reason)
                raise ApiError(refusals.OUTCOME_UNKNOWN)
        return reply

    async def ask_order(
        self, order_id: ObjectId, message: Message, op: str, timeout_s: float = COMMAND_S
    ) -> OrderReply:
        """What one order says about itself.

        Raises:
            ApiError: as from `ask`.
        """
        reply = await self.ask(ORDERS, order_id, message, op, timeout_s)
        assert isinstance(reply, OrderReply), f"{reply!r} is not about an order"
        return reply
