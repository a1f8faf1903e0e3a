"""What Stripe holds: every PaymentIntent that took money, from Stripe itself or from the sandbox alike."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import stripe
from bson import ObjectId

from cluster.audit.facts import Payment

PAGE = 100
TIMEOUT_S = 30
NOT_FOUND = 404
LOOKUPS_MAX = 4
"""Lookups under way at once: one after the other, what was sold while an audit goes on would take it hours."""

TOO_MANY_PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""How long to wait each time Stripe says that it is asked too much: the office itself is to be heard, too."""


class StripeBooks:
    """Reads payments; changes nothing."""

    def __init__(self, key: str, api_base: str | None, pause: Callable[[float], None] = time.sleep) -> None:
        """Ask the account of `key`, at Stripe or at `api_base`; `pause` so many seconds where it is asked too much."""
        self._pause = pause
        http = stripe.HTTPXClient(timeout=TIMEOUT_S, allow_sync_methods=True)
        addresses: Any = {"api": api_base} if api_base else {}
        self._stripe = stripe.StripeClient(key, base_addresses=addresses, http_client=http, max_network_retries=3).v1

    def payments(self) -> Iterator[Payment]:
        """All payments that took money, newest first, a page at a time.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        page = self._stripe.payment_intents.list({"limit": PAGE, "expand": ["data.latest_charge"]})
        for intent in page.auto_paging_iter():
            if intent.amount_received:
                yield payment_of(intent)

    def find(self, stripe_ids: Sequence[str]) -> dict[str, Payment]:
        """What each intent (`pi_…`) or Checkout session (`cs_…`) took, as ordered here; what took nothing is left out.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        with ThreadPoolExecutor(LOOKUPS_MAX) as pool:
            found = zip(stripe_ids, pool.map(self._payment, stripe_ids), strict=True)
            return {stripe_id: payment for stripe_id, payment in found if payment}

    def _payment(self, stripe_id: str) -> Payment | None:
        try:
            intent = self._intent_in_time(stripe_id)
        except stripe.InvalidRequestError as error:
            if error.http_status != NOT_FOUND:
                raise
            return None
        return payment_of(intent) if intent and intent.amount_received else None

    def _intent_in_time(self, stripe_id: str) -> Any:  # noqa: ANN401  see `_intent`
        for pause_s in TOO_MANY_PAUSES_S:
            try:
                return self._intent(stripe_id)
            except stripe.RateLimitError:
                self._pause(pause_s)
        return self._intent(stripe_id)

    def _intent(self, stripe_id: str) -> Any:  # noqa: ANN401  a stripe.PaymentIntent, or None
        if stripe_id.startswith("cs_"):
            expanded: Any = {"expand": ["payment_intent.latest_charge"]}
            return self._stripe.checkout.sessions.retrieve(stripe_id, expanded).payment_intent
        return self._stripe.payment_intents.retrieve(stripe_id, {"expand": ["latest_charge"]})


def payment_of(intent: Any) -> Payment:  # noqa: ANN401  a stripe.PaymentIntent with its charge
    """The facts in an intent that took money."""
    order_id = (intent.metadata.to_dict() if intent.metadata else {}).get("order_id", "")
    return Payment(
        id=intent.id,
        order_id=ObjectId(order_id) if ObjectId.is_valid(order_id) else None,
        captured=intent.amount_received,
        refunded=getattr(intent.latest_charge, "amount_refunded", 0),
    )
