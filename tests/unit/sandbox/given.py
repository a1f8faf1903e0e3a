"""Cards, intents and sessions as a test wants them."""

from typing import Any

from cluster.sandbox import cards, checkout_objects, intent_objects, intents, methods
from cluster.sandbox.shapes import Json

NOW = 1_800_000_000
LINE = {"price_data": {"currency": "USD", "product_data": {"name": "A"}, "unit_amount": 1999}, "quantity": 1}


def method(name: str = "visa") -> Json:
    card = cards.by_id("pm_card_", f"pm_card_{name}")
    assert card is not None
    return methods.new(f"pm_{name}", card, NOW, {})


def intent(**given: Any) -> Json:
    asked = {"amount": 1000, "currency": "usd", "allowed_payment_method_types": ["card"], **given}
    return intent_objects.new("pi_1", "pi_1_secret_1", NOW, asked)


def attempt(**given: Any) -> intents.Attempt:
    return intents.Attempt(**{"now": NOW, "charge_id": "ch_1", "page_url": "http://sandbox/page", **given})


def confirmed(name: str, **given: Any) -> intents.Step:
    return intents.confirm(intents.attach(intent(**given), f"pm_{name}"), method(name), attempt())


def session(**given: Any) -> Json:
    return checkout_objects.new("cs_1", NOW, "http://page", {"line_items": [LINE], **given})
