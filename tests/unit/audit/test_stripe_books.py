"""Asking Stripe, for all payments or for some: an office that is paid at the same time is to be heard, too."""

from types import SimpleNamespace
from typing import Any

import pytest
import stripe

from cluster.audit.stripe_books import TOO_MANY_PAUSES_S, StripeBooks


class Busy:
    """Stripe, which is asked too much so many times."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.kept = [intent(f"pi_{n}") for n in range(5)]

    def retrieve(self, stripe_id: str, _expand: object) -> Any:
        self._refuse()
        return intent(stripe_id)

    def list(self, wanted: dict[str, Any]) -> Any:
        """Two at a time, whatever is wanted, and refused once before every page."""
        self._refuse()
        self.refusals = 1
        begin = next((n + 1 for n, each in enumerate(self.kept) if each.id == wanted.get("starting_after")), 0)
        return SimpleNamespace(data=self.kept[begin : begin + 2], has_more=begin + 2 < len(self.kept))

    def _refuse(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise stripe.RateLimitError("too many requests", http_status=429)


def intent(stripe_id: str) -> Any:
    return SimpleNamespace(id=stripe_id, metadata=None, amount_received=1999, latest_charge=None)


def books(refusals: int) -> tuple[StripeBooks, list[float]]:
    pauses: list[float] = []
    made = StripeBooks("sk_test_none", None, pauses.append)
    made._stripe = SimpleNamespace(payment_intents=Busy(refusals))  # type: ignore[assignment]
    return made, pauses


def test_what_stripe_is_asked_too_much_for_is_asked_again_later() -> None:
    asking, pauses = books(refusals=2)
    assert asking.find(["pi_1"])["pi_1"].captured == 1999
    assert tuple(pauses) == TOO_MANY_PAUSES_S[:2]


def test_who_is_refused_for_long_gives_up() -> None:
    asking, pauses = books(refusals=99)
    with pytest.raises(stripe.RateLimitError):
        asking.find(["pi_1"])
    assert tuple(pauses) == TOO_MANY_PAUSES_S


def test_a_list_of_many_pages_survives_a_refusal_before_each() -> None:
    asking, pauses = books(refusals=1)
    assert [each.id for each in asking.payments()] == ["pi_0", "pi_1", "pi_2", "pi_3", "pi_4"]
    assert pauses == [TOO_MANY_PAUSES_S[0]] * 3
