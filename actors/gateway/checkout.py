"""Stripe's hosted page, as Checkout sessions (https://docs.stripe.com/api/checkout/sessions)."""

from typing import Any

import stripe

from actors.gateway.client import CURRENCY, Keys, NotYet, id_of, metadata_of
from actors.payment_answers import CheckoutOpened, IntentCancelled, IntentSucceeded, StripeAnswer
from actors.payment_state import Attempt, Payment


class Checkouts:
    """Checkout sessions of attempts that the buyer pays on Stripe's page."""

    def __init__(self, client: stripe.V1Services, keys: Keys) -> None:
        """Ask through `client`."""
        self._sessions = client.checkout.sessions
        self._intents = client.payment_intents
        self._keys = keys

    async def open(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """Open a session. It lives for a day unless it is expired: the order's window ends it with `close`."""
        page = attempt.method.checkout
        assert page is not None, "only a checkout opens a page"
        metadata = metadata_of(state, attempt)
        # Where Stripe itself fails, the key is spent: a session whose address nobody knows takes no money.
        with self._keys.held(state, attempt, "open") as key:
            session = await self._sessions.create_async(
                {
                    "mode": "payment",
                    "allowed_payment_method_types": ["card"],  # others may take days to say whether they paid
                    "automatic_tax": {"enabled": False},  # some accounts add it by default; a ticket costs its price
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": CURRENCY,
                                "unit_amount": attempt.amount,
                                "product_data": {"name": attempt.title},
                            },
                        }
                    ],
                    "success_url": page.success_url,
                    "cancel_url": page.cancel_url,
                    "client_reference_id": str(state.id),
                    "metadata": metadata,
                    "payment_intent_data": {"metadata": metadata},
                },
                key,
            )
        assert session.url is not None, "an open page of Stripe's has an address"
        return CheckoutOpened(attempt=attempt.number, stripe_id=session.id, url=session.url)

    async def look(self, attempt: Attempt) -> StripeAnswer:
        """What has become of it.

        Raises:
            NotYet: the buyer is still at it.
        """
        return await self._read(attempt, await self._sessions.retrieve_async(id_of(attempt)))

    async def close(self, attempt: Attempt) -> StripeAnswer:
        """End it, unless the buyer was faster: its intent cannot be cancelled, the session must be expired.

        Raises:
            NotYet: it is complete, and its payment under way.
            stripe.StripeError: Stripe could not be asked, or will not end it.
        """
        session = await self._sessions.retrieve_async(id_of(attempt))
        if session.status == "open":
            try:
                session = await self._sessions.expire_async(id_of(attempt))
            except stripe.StripeError:
                session = await self._sessions.retrieve_async(id_of(attempt))
                if session.status == "open":
                    raise
        return await self._read(attempt, session)

    async def _read(self, attempt: Attempt, session: Any) -> StripeAnswer:  # noqa: ANN401  a stripe.checkout.Session
        """What the session says; one that is complete and unpaid has an intent that knows whether it ever will be."""
        if session.status == "complete" and session.payment_status == "unpaid":
            intent = await self._intents.retrieve_async(intent_of(session))
            if intent.status in ("canceled", "requires_payment_method"):
                return IntentCancelled(attempt=attempt.number)
        return read_session(attempt.number, session)


def read_session(attempt: int, session: Any) -> StripeAnswer:  # noqa: ANN401  a stripe.checkout.Session
    """What a session's present state says of the attempt.

    Raises:
        NotYet: nothing that moves it on.
    """
    if session.status == "complete" and session.payment_status == "paid":
        return IntentSucceeded(attempt=attempt, stripe_id=intent_of(session), amount=session.amount_total)
    if session.status == "expired":
        return IntentCancelled(attempt=attempt, stripe_id=session.id)
    raise NotYet(f"the session is {session.status} and {session.payment_status}")


def intent_of(session: Any) -> str:  # noqa: ANN401  a stripe.checkout.Session
    """The id of the intent that a session made when the buyer paid."""
    intent = session.payment_intent
    return str(intent if isinstance(intent, str) else intent.id)
