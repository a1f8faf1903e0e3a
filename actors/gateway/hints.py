"""Hints: something has happened to an object at Stripe. The object's present state is looked up and applied.

A webhook is a hint, and so is a finding of the reconciliation. What it claims does not matter, nor how often, how late
or in which order it comes: only what Stripe says of the object now. Applying the same state twice changes nothing.
"""

from typing import Any

import stripe
from msgspec import Struct

from actors.contract import PAYMENTS, Address, Id, RefundSucceeded, Reply, StripeAnswer
from actors.gateway.checkout import read_session
from actors.gateway.client import NotYet
from actors.gateway.intents import read_intent
from actors.runtime.caller import Caller
from actors.runtime.message import Acknowledged

EXPAND: Any = {"expand": ["latest_charge"]}
"""Whether money went back is written on the charge."""

NOTHING_TO_SAY = Acknowledged()


class Finding(Struct, frozen=True):
    """What an object at Stripe says now, and of which order's attempt."""

    order_id: Id
    answer: StripeAnswer


class Hints:
    """Looks objects up and tells the payments they belong to."""

    def __init__(self, client: stripe.StripeClient, caller: Caller) -> None:
        """Look up through `client`, tell through `caller`."""
        self._stripe = client.v1
        self._caller = caller

    async def follow(self, stripe_id: str) -> Reply:
        """Apply the present state of the intent (`pi_…`) or Checkout session (`cs_…`) with this id.

        The reply is final once the effect is committed; objects that are none of ours are passed over.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        if stripe_id.startswith("cs_"):
            finding = of_session(await self._stripe.checkout.sessions.retrieve_async(stripe_id))
        else:
            finding = await self.look(await self._stripe.payment_intents.retrieve_async(stripe_id, EXPAND))
        return await self.tell(finding) if finding else NOTHING_TO_SAY

    async def look(self, intent: Any) -> Finding | None:  # noqa: ANN401  a stripe.PaymentIntent with its charge
        """What an intent says, its refunds included: a charge counts as refunded before the money is back.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        charge = getattr(intent, "latest_charge", None)
        if intent.status == "succeeded" and getattr(charge, "amount_refunded", 0) >= intent.amount_received:
            refunds = await self._stripe.refunds.list_async({"payment_intent": intent.id, "limit": 100})
            back = sum(each.amount for each in refunds.data if each.status == "succeeded")
            if back >= intent.amount_received:  # all of it, whoever gave it back
                return _finding(intent, lambda attempt: RefundSucceeded(attempt=attempt, refund=0))
        return of_intent(intent)

    async def tell(self, finding: Finding) -> Reply:
        """Tell the payment; the operation id is the finding itself, so that a repetition is recognised."""
        op = f"hint/{type(finding.answer).__name__}/{finding.answer.attempt}"
        return await self._caller.ask(Address(service=PAYMENTS, key=finding.order_id), finding.answer, op)


def of_intent(intent: Any) -> Finding | None:  # noqa: ANN401  a stripe.PaymentIntent with its charge
    """What an intent says; None if it is none of ours or says nothing new."""
    return _finding(intent, lambda attempt: read_intent(attempt, intent))


def of_session(session: Any) -> Finding | None:  # noqa: ANN401  a stripe.checkout.Session
    """What a Checkout session says; None if it is none of ours or says nothing new."""
    return _finding(session, lambda attempt: read_session(attempt, session))


def _finding(thing: Any, read: Any) -> Finding | None:  # noqa: ANN401  either of them, and how to read it
    metadata = thing.metadata.to_dict() if thing.metadata else {}
    order_id, attempt = metadata.get("order_id", ""), metadata.get("attempt", "")
    if not Id.is_valid(order_id) or not attempt.isdecimal():
        return None
    try:
        return Finding(Id(order_id), read(int(attempt)))
    except NotYet:
        return None
