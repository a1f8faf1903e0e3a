"""What Stripe holds: every PaymentIntent that took money, from Stripe itself or from the sandbox alike."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import stripe
from bson import ObjectId

from actors.gateway.client import metadata_in
from cluster.audit.facts import Payment

T = TypeVar("T")

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
        from_here: dict[str, str] = {}
        while True:
            page = self._in_time(partial(self._page, PAGE, from_here))
            yield from (payment_of(intent) for intent in page.data if intent.amount_received)
            if not page.has_more:
                return
            from_here = {"starting_after": page.data[-1].id}

    def demand_account(self) -> None:
        """Look whether there is an account to ask.

        Raises:
            stripe.StripeError: Stripe could not be asked.
        """
        self._in_time(partial(self._page, 1, {}))

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
            intent = self._in_time(partial(self._intent, stripe_id))
        except stripe.InvalidRequestError as error:
            if error.http_status != NOT_FOUND:
                raise
            return None
        return payment_of(intent) if intent and intent.amount_received else None

    def _in_time(self, ask: Callable[[], T]) -> T:
        for pause_s in TOO_MANY_PAUSES_S:
            try:
                return ask()
            except stripe.RateLimitError:
                self._pause(pause_s)
        return ask()

    def _page(self, size: int, from_here: dict[str, str]) -> Any:  # noqa: ANN401  a list of stripe.PaymentIntent
        wanted: Any = {"limit": size, "expand": ["data.latest_charge"], **from_here}
        return self._stripe.payment_intents.list(wanted)

    def _intent(self, stripe_id: str) -> Any:  # noqa: ANN401  a stripe.PaymentIntent, or None
        if stripe_id.startswith("cs_"):
            expanded: Any = {"expand": ["payment_intent.latest_charge"]}
            return self._stripe.checkout.sessions.retrieve(stripe_id, expanded).payment_intent
        return self._stripe.payment_intents.retrieve(stripe_id, {"expand": ["latest_charge"]})


def payment_of(intent: Any) -> Payment:  # noqa: ANN401  a stripe.PaymentIntent with its charge
    """The facts in an intent that took money."""
    order_id = metadata_in(intent).get("order_id", "")
    return Payment(
        id=intent.id,
        order_id=ObjectId(order_id) if ObjectId.is_valid(order_id) else None,
        captured=intent.amount_received,
        refunded=getattr(intent.latest_charge, "amount_refunded", 0),
    )
