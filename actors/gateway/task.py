"""The payments service's task: does the next step of an attempt at Stripe and says what came of it.

Every step can be repeated; an outcome that is not known is settled by retrieving the object, never by guessing.
"""

import asyncio

import stripe

from actors.contract import StripeAnswer
from actors.gateway.checkout import Checkouts
from actors.gateway.client import Keys, NotYet
from actors.gateway.intents import Intents, refusal
from actors.gateway.refunds import Refunds
from actors.payment_state import Payment, step_of

WATCHED_AT_ONCE_MAX = 32
"""How many pages and intents are looked at together: half of the work that a supervisor does at once. Each of thousands
of open pages has its turn again before long, and news comes by other ways too; who pays now must not wait for them."""


class StripeTask:
    """Works on payments that are due."""

    def __init__(self, client: stripe.StripeClient) -> None:
        """Talk to Stripe through `client`."""
        keys = Keys()
        self._intents = Intents(client.v1, keys)
        self._checkouts = Checkouts(client.v1, keys)
        self._refunds = Refunds(client.v1, keys)
        self._watching = asyncio.Semaphore(WATCHED_AT_ONCE_MAX)

    async def __call__(self, state: Payment) -> StripeAnswer | None:
        """Do the next step; None where Stripe has no answer yet.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        try:
            return await self._do(state)
        except NotYet:
            return None

    async def _do(self, state: Payment) -> StripeAnswer:
        attempt = state.working()
        assert attempt is not None, "only attempts have steps"
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
                if self._watching.locked():
                    raise NotYet("Stripe is being asked about many others just now")
                async with self._watching:
                    return await till.look(attempt)
            case "cancel":
                return await till.close(attempt)
            case "refund":
                return await self._refunds.refund(state, attempt)
        raise NotYet("there is nothing to do at Stripe")
