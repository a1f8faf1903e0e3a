"""Giving money back: once, whatever gets lost on the way."""

from types import SimpleNamespace
from typing import Any

import stripe

from actors.contract import RefundFailed, RefundSucceeded, StripeAnswer
from actors.gateway.client import Keys, NotYet, id_of, is_under_way, metadata_in
from actors.payment_state import Attempt, Payment


class Refunds:
    """The refunds of attempts that took money."""

    def __init__(self, client: Any, keys: Keys) -> None:  # noqa: ANN401  `stripe.StripeClient.v1`
        """Ask through `client`."""
        self._stripe = client
        self._keys = keys

    async def refund(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """Give all of it back: a refund that Stripe already has is the refund.

        Raises:
            NotYet: it is under way.
            stripe.StripeError: Stripe could not be asked.
        """
        refund = await self._find(attempt) or await self._create(state, attempt)
        match refund.status:
            case "succeeded":
                return RefundSucceeded(attempt=attempt.number, refund=attempt.refunds)
            case "failed" | "canceled":
                return failed(attempt, why_it_failed(refund))
            case "refused":
                return failed(attempt, f"Stripe refused the refund: {refund.failure_reason}")
        raise NotYet(f"the refund is {refund.status}")

    async def _find(self, attempt: Attempt) -> Any:  # noqa: ANN401  a Refund or None
        """The present refund; or whatever others, together, give all of it back. Part of it is not enough."""
        found = await self._stripe.refunds.list_async({"payment_intent": id_of(attempt), "limit": 100})
        for refund in found.data:
            if metadata_in(refund).get("refund") == str(attempt.refunds):
                return refund
        for states in (("succeeded",), ("succeeded", "pending", "requires_action")):
            if sum(each.amount for each in found.data if each.status in states) >= attempt.amount:
                return SimpleNamespace(status=states[-1])
        return None

    async def _create(self, state: Payment, attempt: Attempt) -> Any:  # noqa: ANN401  a Refund, or a refusal
        step = f"refund:{attempt.refunds}"
        metadata = {"order_id": str(state.id), "refund": str(attempt.refunds)}
        try:
            refund = await self._stripe.refunds.create_async(
                {"payment_intent": id_of(attempt), "metadata": metadata}, self._keys.of(state, attempt, step)
            )
        except stripe.InvalidRequestError as refused:
            found = await self._find(attempt)  # somebody else may have given it back in the same moment
            return found or SimpleNamespace(status="refused", failure_reason=refused.user_message)
        except stripe.APIError as error:
            if not is_under_way(error) and await self._find(attempt) is None:
                self._keys.spend(state, attempt, step)
            raise
        self._keys.done(state, attempt, step)
        return refund


def failed(attempt: Attempt, reason: str) -> RefundFailed:
    """Why the present refund of an attempt came to nothing."""
    return RefundFailed(attempt=attempt.number, refund=attempt.refunds, reason=reason)


def why_it_failed(refund: Any) -> str:  # noqa: ANN401  a stripe.Refund
    """A refund's end at the bank, in words."""
    return f"The refund failed at the bank: {getattr(refund, 'failure_reason', None) or 'no reason given'}"
