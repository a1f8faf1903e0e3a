"""Giving money back: once, whatever gets lost on the way."""

import logging
from collections.abc import Iterable
from typing import Any

import stripe

from actors.gateway.client import Keys, NotYet, id_of, is_under_way, metadata_in
from actors.payment_answers import RefundFailed, RefundSucceeded, StripeAnswer
from actors.payment_state import Attempt, Payment

REFUSED = "Stripe refused the refund"
FAILED = "The refund failed at the bank"
REASONS = {
    "lost_or_stolen_card": "The refund failed: the card of the buyer was lost or stolen",
    "expired_or_canceled_card": "The refund failed: the card of the buyer has expired or was cancelled",
    "insufficient_funds": "The refund failed: there was not enough money in our account at Stripe",
}
"""Why money stayed, for the seller: in words, not in Stripe's codes
(https://docs.stripe.com/api/refunds/object#refund_object-failure_reason)."""

log = logging.getLogger("boxoffice.payments")

BACK = frozenset({"succeeded"})
BACK_SOON = BACK | {"pending", "requires_action"}
"""The statuses of refunds whose money is back, and of those whose money is or will be."""


class Refunds:
    """The refunds of attempts that took money."""

    def __init__(self, client: stripe.V1Services, keys: Keys) -> None:
        """Ask through `client`."""
        self._stripe = client
        self._keys = keys

    async def refund(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """Give all of it back: a refund that Stripe already has is the refund.

        Raises:
            NotYet: it is under way.
            stripe.StripeError: Stripe could not be asked.
        """
        return await self._find(attempt) or await self._create(state, attempt)

    async def _find(self, attempt: Attempt) -> StripeAnswer | None:
        """What came of the present refund, or of others that, together, give all of it back; None if none does."""
        found = await self._stripe.refunds.list_async({"payment_intent": id_of(attempt), "limit": 100})
        for refund in found.data:
            if metadata_in(refund).get("refund") == str(attempt.refunds):
                return read_refund(attempt, refund)
        if is_all_back(found.data, attempt.amount):
            return given_back(attempt)
        if is_all_back(found.data, attempt.amount, BACK_SOON):
            raise NotYet("others are giving it back")
        return None

    async def _create(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        step = f"refund:{attempt.refunds}"
        metadata = {"order_id": str(state.id), "refund": str(attempt.refunds)}
        try:
            refund = await self._stripe.refunds.create_async(
                {"payment_intent": id_of(attempt), "metadata": metadata}, self._keys.of(state, attempt, step)
            )
        except stripe.InvalidRequestError as refused:
            # Perhaps somebody else is giving it back just now. Should that fail, this refusal must not be heard again.
            self._keys.spend(state, attempt, step)
            log.warning("order %s, attempt %s: Stripe refuses a refund: %s", state.id, attempt.number, refused)
            return await self._find(attempt) or failed(attempt, REFUSED)
        except stripe.APIError as error:
            if not is_under_way(error) and await self._find(attempt) is None:
                self._keys.spend(state, attempt, step)
            raise
        self._keys.done(state, attempt, step)
        return read_refund(attempt, refund)


def is_all_back(refunds: Iterable[Any], amount: int, statuses: frozenset[str] = BACK) -> bool:
    """Whether refunds with these statuses, whosever they are, make the whole amount: a part is not enough."""
    return bool(sum(each.amount for each in refunds if each.status in statuses) >= amount)


def read_refund(attempt: Attempt, refund: Any) -> StripeAnswer:  # noqa: ANN401  a stripe.Refund
    """What the present refund of an attempt says.

    Raises:
        NotYet: it is under way.
    """
    match refund.status:
        case "succeeded":
            return given_back(attempt)
        case "failed" | "canceled":
            return failed(attempt, why_it_failed(refund))
    raise NotYet(f"the refund is {refund.status}")


def given_back(attempt: Attempt) -> RefundSucceeded:
    """The present refund of an attempt is done."""
    return RefundSucceeded(attempt=attempt.number, refund=attempt.refunds)


def failed(attempt: Attempt, reason: str) -> RefundFailed:
    """Why the present refund of an attempt came to nothing."""
    return RefundFailed(attempt=attempt.number, refund=attempt.refunds, reason=reason)


def why_it_failed(refund: Any) -> str:  # noqa: ANN401  a stripe.Refund
    """A refund's end at the bank, in words."""
    return REASONS.get(getattr(refund, "failure_reason", None) or "", FAILED)
