"""What a client of Stripe does again and again, and how it is refused."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

CARD_ONLY = {"enabled": True, "allow_redirects": "never"}
PAY = {"amount": 1000, "currency": "usd", "confirm": True, "automatic_payment_methods": CARD_ONLY}


def pay(api: Any, method: str = "pm_card_visa", **given: Any) -> Any:
    return api.payment_intents.create({**PAY, "payment_method": method, **given})


def declined(act: Callable[[], Any]) -> Any:
    with pytest.raises(stripe.CardError) as error:
        act()
    assert error.value.http_status == 402
    return error.value


def refused(act: Callable[[], Any], status: int = 400) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as error:
        act()
    assert error.value.http_status == status
    return error.value


def challenged(api: Any, method: str = "pm_card_threeDSecure2Required", **given: Any) -> tuple[Any, str]:
    intent = pay(api, method, return_url="https://shop.test/back?order=7", **given)
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert intent.next_action.redirect_to_url.return_url == "https://shop.test/back?order=7"
    return intent, intent.next_action.redirect_to_url.url


def keyed(key: str) -> Any:
    return {"idempotency_key": key}
