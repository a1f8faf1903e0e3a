"""The steps at Stripe, what can go wrong at each, and how the sandbox is told."""

from dataclasses import dataclass
from typing import Any

import httpx

Where = dict[str, Any]

OPEN: Where = {"method": "POST", "path": "/v1/payment_intents"}
CONFIRM: Where = {"method": "POST", "path": "/v1/payment_intents/*/confirm"}
RETRIEVE: Where = {"method": "GET", "path": "/v1/payment_intents/*"}
CANCEL: Where = {"method": "POST", "path": "/v1/payment_intents/*/cancel"}
REFUND: Where = {"method": "POST", "path": "/v1/refunds"}
REFUNDS: Where = {"method": "GET", "path": "/v1/refunds"}
PAGE: Where = {"method": "POST", "path": "/v1/checkout/sessions"}
SEE_PAGE: Where = {"method": "GET", "path": "/v1/checkout/sessions/*"}
EXPIRE: Where = {"method": "POST", "path": "/v1/checkout/sessions/*/expire"}
WEBHOOK: Where = {"event": "*"}

UNHEARD = ("lost_response", "timeout_after")
"""The request has its effect, and its answer is lost."""

FAILED = ("error_before", "error_after")
"""Stripe fails inside, with or without the effect, and says so again under the same key."""

UNDONE = ("timeout_before", "rate_limit", "key_in_use")
"""The request has no effect, and may be repeated."""

EFFECTS = (*UNHEARD, *FAILED, *UNDONE)
"""Of requests that change something: the official client gives each of them a key, its own if we give none."""

UNLIKE = ("lost_response", "error_before", "error_after", "timeout_before", "key_in_use")
"""One of each kind, for pairs: the others differ from these in how long they take."""

LOOKS = ("lost_response", "error_before", "rate_limit")
"""Of requests that only look: whether that came to pass makes no difference."""

WEBHOOKS = ("webhook_duplicate", "webhook_delay", "webhook_reorder", "webhook_drop", "webhook_never")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong at a step."""

    effect: str
    where: Where
    times: int = 1
    """How often in a row. The official client repeats once by itself, so it takes two to make it give up."""

    nth: int = 1
    """Which of the order's requests there is the first that it strikes."""

    def rule(self, order_id: str) -> dict[str, Any]:
        """The sandbox's rule that lets it happen to one order."""
        often = {"nth": self.nth, "times": self.times}
        return {"effect": self.effect, "seconds": 0.2, "order": order_id, **often, **self.where}


def armed(stripe: httpx.Client) -> list[dict[str, Any]]:
    """The sandbox's rules, with their counts."""
    rules: list[dict[str, Any]] = stripe.get("/v1/sandbox/faults").raise_for_status().json()["rules"]
    return rules


def struck(stripe: httpx.Client) -> int:
    """How many of the armed faults have happened."""
    return sum(rule["happened"] > 0 for rule in armed(stripe))
