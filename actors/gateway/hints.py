"""Hints: something has happened to an object at Stripe. The object's present state is looked up and applied.

A webhook is a hint, and so is a finding of the reconciliation. What it claims does not matter, nor how often, how late
or in which order it comes: only what Stripe says of the object now. Applying the same state twice changes nothing.
"""

import logging
from typing import Any

import stripe

from actors.contract import PAYMENTS, Address, Reply
from actors.gateway.findings import Finding, has_failed, is_refunded, of_charge, of_intent, of_refund, of_session
from actors.gateway.refunds import is_all_back
from actors.payment_answers import RefundFailed
from actors.runtime.caller import Caller
from actors.runtime.clock import Clock

EXPAND: Any = {"expand": ["latest_charge"]}
"""Whether money went back is written on the charge."""

EXPAND_REFUND: Any = {"expand": ["payment_intent.latest_charge"]}
"""Whose money a refund gives back is written on the intent."""

log = logging.getLogger("boxoffice.payments")


class Hints:
    """Looks objects up and tells the payments they belong to."""

    def __init__(self, client: stripe.StripeClient, caller: Caller, clock: Clock) -> None:
        """Look up through `client`, tell through `caller`."""
        self._stripe = client.v1
        self._caller = caller
        self._clock = clock

    async def follow(self, stripe_id: str) -> Reply | None:
        """Apply the present state of the intent (`pi_…`), Checkout session (`cs_…`) or refund (`re_…`) with this id.

        The reply is final once the effect is committed; None where the object is none of ours or says nothing new.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        finding = await self.find(stripe_id)
        return await self.tell(finding) if finding else None

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
        return is_all_back(refunds.data, intent.amount_received)

    async def tell(self, finding: Finding) -> Reply:
        """Tell the payment. Every look is an operation of its own: what was so before may be so again."""
        if isinstance(finding.answer, RefundFailed):
            log.warning("order %s, refund %s: %s", finding.order_id, finding.about, finding.answer.reason)
        op = f"hint/{type(finding.answer).__name__}/{finding.about}/{self._clock.now().isoformat()}"
        return await self._caller.ask(Address(service=PAYMENTS, key=finding.order_id), finding.answer, op)
