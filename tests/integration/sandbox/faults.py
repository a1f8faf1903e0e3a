"""Arming faults, and what came of them."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.integration.sandbox.process import Sandbox
from tests.integration.sandbox.steps import PAY

FAULTS = "/v1/sandbox/faults"
VISA = {**PAY, "payment_method": "pm_card_visa"}


def arm(sandbox: Sandbox, **rule: Any) -> None:
    answer = sandbox.raw("POST", FAULTS, json=rule)
    assert answer.status_code == 200, answer.text


def happened(sandbox: Sandbox) -> dict[str, int]:
    counts: dict[str, int] = sandbox.raw("GET", FAULTS).json()["happened"]
    return {effect: count for effect, count in counts.items() if count}


def fails(kind: type[stripe.StripeError], act: Callable[[], Any]) -> Any:
    with pytest.raises(kind) as error:
        act()
    return error.value
