"""Hints: something has happened to an object at Stripe. The object's present state is looked up and applied.

A webhook is a hint, and so is a finding of the reconciliation. What it claims does not matter, nor how often, how late
or in which order it comes: only what Stripe says of the object now. Applying the same state twice changes nothing.
"""

import logging
from typing import Any

import stripe
from msgspec import Struct

from actors.contract import PAYMENTS, Address, Id, RefundFailed, RefundSucceeded, Reply, StripeAnswer
from actors.gateway.checkout import read_session
from actors.gateway.client import NotYet
from actors.gateway.intents import read_intent
from actors.gateway.refunds import why_it_failed
from actors.runtime.caller import Caller
from actors.runtime.clock import Clock
from actors.runtime.message import Acknowledged

EXPAND: Any = {"expand": ["latest_charge"]}
"""Whether money went back is written on the charge."""

EXPAND_REFUND: Any = {"expand": ["payment_intent.latest_charge"]}
"""Whose money a refund gives back is written on the intent."""

NOTHING_TO_SAY = Acknowledged()

log = logging.getLogger("boxoffice.payments")


class Finding(Struct, frozen=True):
    """What an object at Stripe says now, and of which order's attempt."""

    order_id: Id
    answer: StripeAnswer
    about: str
    """The object's id."""


class Hints:
    """Looks objects up and tells the payments they belong to."""

    def __init__(self, client: stripe.StripeClient, caller: Caller, clock: Clock) -> None:
        """Look up through `client`, tell through `caller`."""
        self._stripe = client.v1
        self._caller = caller
        self._clock = clock

    async def follow(self, stripe_id: str) -> Reply:
        """Apply the present state of the intent (`pi_…`), Checkout session (`cs_…`) or refund (`re_…`) with this id.

        The reply is final once the effect is committed; objects that are none of ours are passed over.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        finding = await self.find(stripe_id)
        return await self.tell(finding) if finding else NOTHING_TO_SAY

    async def find(self, stripe_id: str) -> Finding | None:
        """What the object with this id says now; None if it is none of ours or says nothing new.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        if stripe_id.startswith("cs_"):
            return of_session(await self._stripe.checkout.sessions.retrieve_async(stripe_id))
        if not stripe_id.startswith("re_"):
            return await self._of_money(await self._stripe.payment_intents.retrieve_async(stripe_id, EXPAND))
        refund = await self._stripe.refunds.retrieve_async(stripe_id, EXPAND_REFUND)
        if refund.payment_intent is None:
            return None
        if has_failed(refund) and not await self._is_all_back(refund.payment_intent):
            return of_refund(refund)
        return await self._of_money(refund.payment_intent)

    async def _of_money(self, intent: Any) -> Finding | None:  # noqa: ANN401  a stripe.PaymentIntent with its charge
        """What an intent says, its refunds included: a charge counts as refunded before the money is back."""
        is_back = is_refunded(intent) and await self._is_all_back(intent)
        return of_charge(intent) if is_back else of_intent(intent)

    async def _is_all_back(self, intent: Any) -> bool:  # noqa: ANN401  a stripe.PaymentIntent
        """Whether all of its money went back, whoever gave it."""
        refunds = await self._stripe.refunds.list_async({"payment_intent": intent.id, "limit": 100})
        back = sum(each.amount for each in refunds.data if each.status == "succeeded")
        return bool(back >= intent.amount_received)

    async def tell(self, finding: Finding) -> Reply:
        """Tell the payment. Every look is an operation of its own: what was so before may be so again."""
        if isinstance(finding.answer, RefundFailed):
            log.warning("order %s, refund %s: %s", finding.order_id, finding.about, finding.answer.reason)
        op = f"hint/{type(finding.answer).__name__}/{finding.about}/{self._clock.now().isoformat()}"
        return await self._caller.ask(Address(service=PAYMENTS, key=finding.order_id), finding.answer, op)


def of_intent(intent: Any) -> Finding | None:  # noqa: ANN401  a stripe.PaymentIntent
    """What an intent says of taking money; None if it is none of ours or says nothing new."""
    return _finding(intent, lambda attempt: read_intent(attempt, intent))


def of_session(session: Any) -> Finding | None:  # noqa: ANN401  a stripe.checkout.Session
    """What a Checkout session says; None if it is none of ours or says nothing new."""
    return _finding(session, lambda attempt: read_session(attempt, session))


def of_charge(intent: Any) -> Finding | None:  # noqa: ANN401  a stripe.PaymentIntent with its charge
    """What an intent and its charge say of money taken, or given back, be it under way still."""
    if is_refunded(intent):
        return _finding(intent, lambda attempt: RefundSucceeded(attempt=attempt, refund=0))
    return of_intent(intent)


def of_refund(refund: Any) -> Finding | None:  # noqa: ANN401  a stripe.Refund with its intent and charge
    """What a refund says: that it failed, be it days after it succeeded, or else what its charge says."""
    if refund.payment_intent is None:
        return None
    if not has_failed(refund):
        return of_charge(refund.payment_intent)
    number = refund.metadata.to_dict().get("refund", "") if refund.metadata else ""
    return _finding(
        refund.payment_intent,
        lambda attempt: RefundFailed(
            attempt=attempt, refund=int(number) if number.isdecimal() else 0, reason=why_it_failed(refund)
        ),
        about=refund.id,
    )


def is_refunded(intent: Any) -> bool:  # noqa: ANN401  a stripe.PaymentIntent with its charge
    """Whether all of an intent's money went back, or is on its way."""
    charge = getattr(intent, "latest_charge", None)
    back = getattr(charge, "amount_refunded", 0)
    return bool(intent.status == "succeeded" and back >= intent.amount_received)


def has_failed(refund: Any) -> bool:  # noqa: ANN401  a stripe.Refund
    """Whether a refund came to nothing."""
    return refund.status in ("failed", "canceled")


def _finding(thing: Any, read: Any, about: str = "") -> Finding | None:  # noqa: ANN401  whose it is, how to read it
    metadata = thing.metadata.to_dict() if thing.metadata else {}
    order_id, attempt = metadata.get("order_id", ""), metadata.get("attempt", "")
    if not Id.is_valid(order_id) or not attempt.isdecimal():
        return None
    try:
        return Finding(Id(order_id), read(int(attempt)), about or thing.id)
    except NotYet:
        return None
