"""The payments service's task: does the next step of an attempt at Stripe and says what came of it.

Every step can be repeated; an outcome that is not known is settled by retrieving the object, never by guessing.
"""

import logging

import stripe

from actors.gateway.checkout import Checkouts
from actors.gateway.client import Keys, NotYet
from actors.gateway.intents import Intents, refusal
from actors.gateway.refunds import Refunds
from actors.payment_answers import RefundFailed, StripeAnswer
from actors.payment_state import Attempt, Payment, step_of
from actors.runtime.clock import Clock

log = logging.getLogger("boxoffice.payments")


class StripeTask:
    """Works on payments that are due."""

    def __init__(self, client: stripe.StripeClient, clock: Clock) -> None:
        """Talk to Stripe through `client`."""
        keys = Keys()
        self._intents = Intents(client.v1, keys)
        self._checkouts = Checkouts(client.v1, keys)
        self._refunds = Refunds(client.v1, keys)
        self._clock = clock

    async def __call__(self, state: Payment) -> StripeAnswer | None:
        """Do what can be done next; None where Stripe has no answer yet.

        Raises:
            stripe.StripeError: Stripe could not be asked about an attempt, and says nothing new of the others.
        """
        trouble: stripe.StripeError | None = None
        for attempt in state.working(self._clock.now()):
            try:
                return noted(state, await self._do(state, attempt))
            except NotYet:  # this may take days: the next attempt is not to wait for it
                continue
            except stripe.StripeError as error:
                trouble = trouble or error
        if trouble:
            raise trouble
        return None

    async def _do(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """The next step of one attempt."""
        till = self._checkouts if attempt.method.checkout else self._intents
        match step_of(attempt):
            case "open":
                try:
                    return await till.open(state, attempt)
                except stripe.InvalidRequestError as refused:  # less than Stripe's smallest amount, for one
                    return refusal(attempt, refused)
            case "confirm":
                return await self._intents.confirm(state, attempt)
            case "watch":
                return await till.look(attempt)
            case "cancel":
                return await till.close(attempt)
            case "refund":
                return await self._refunds.refund(state, attempt)
        raise NotYet("there is nothing to do at Stripe")


def noted(state: Payment, answer: StripeAnswer) -> StripeAnswer:
    """The answer; that money could not be given back stands in the log."""
    if isinstance(answer, RefundFailed):
        log.warning("order %s, attempt %s, refund %s: %s", state.id, answer.attempt, answer.refund, answer.reason)
    return answer
