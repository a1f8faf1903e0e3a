"""The official Stripe client, and the idempotency keys of its requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import stripe

from actors.config import Config
from actors.gateway.pace import PacedClient
from actors.payment_state import Attempt, Payment

CURRENCY = "usd"

TIMEOUT_S = 20.0
"""After which a request is given up."""

API_VERSION = "2026-10-28.endive"
"""What these requests are written for: another version of the SDK would speak another."""

SPENT_MAX = 4_096
"""Steps whose spent keys are remembered, the latest: who is forgotten hears the stored failures once more."""


class NotYet(Exception):
    """Stripe has no answer yet: ask again later."""


def stripe_client(config: Config, per_s: float | None = None) -> stripe.StripeClient:
    """The client, which asks `per_s` times a second at most; time-outs are short because every step can be repeated."""
    return stripe.StripeClient(
        config.stripe_key,
        base_addresses={"api": config.stripe_api_base} if config.stripe_api_base else {},
        http_client=PacedClient(per_s, TIMEOUT_S) if per_s else stripe.HTTPXClient(timeout=TIMEOUT_S),
        max_network_retries=1,
        stripe_version=API_VERSION,
    )


class Keys:
    """Idempotency keys: order id + attempt + step.

    Stripe replays a stored failure for as long as it keeps its key. So the key of a failure that moved no money, and
    never will, is spent and the next one is numbered. Source: https://docs.stripe.com/api/idempotent_requests
    """

    def __init__(self) -> None:
        """No key is spent."""
        self._spent: dict[str, int] = {}

    @contextmanager
    def held(self, state: Payment, attempt: Attempt, step: str) -> Iterator[stripe.RequestOptions]:
        """The key to try a step under, spent where Stripe itself fails: only for steps that then leave nothing."""
        try:
            yield self.of(state, attempt, step)
        except stripe.APIError as error:
            if not is_under_way(error):
                self.spend(state, attempt, step)
            raise
        self.done(state, attempt, step)

    def of(self, state: Payment, attempt: Attempt, step: str) -> stripe.RequestOptions:
        """The key under which a step is to be tried now."""
        name = _name(state, attempt, step)
        spent = self._spent.get(name)
        return {"idempotency_key": f"{name}:{spent + 1}" if spent else name}

    def spend(self, state: Payment, attempt: Attempt, step: str) -> None:
        """Stripe has answered with a failure that moved no money: it is not to be replayed."""
        name = _name(state, attempt, step)
        self._spent[name] = self._spent.pop(name, 0) + 1
        if len(self._spent) > SPENT_MAX:
            del self._spent[next(iter(self._spent))]

    def done(self, state: Payment, attempt: Attempt, step: str) -> None:
        """The step is done: nothing needs to be remembered."""
        self._spent.pop(_name(state, attempt, step), None)


def _name(state: Payment, attempt: Attempt, step: str) -> str:
    return f"{state.id}:{attempt.number}:{step}"


def metadata_of(state: Payment, attempt: Attempt) -> dict[str, str]:
    """What tells from an object at Stripe whose money it is."""
    return {"order_id": str(state.id), "attempt": str(attempt.number)}


def metadata_in(thing: Any) -> dict[str, str]:  # noqa: ANN401  any object of Stripe's that has metadata
    """What an object at Stripe tells of itself in its metadata."""
    return thing.metadata.to_dict() if thing.metadata else {}


def id_of(attempt: Attempt) -> str:
    """The id of the attempt's intent or session."""
    assert attempt.stripe_id is not None, "what was opened has an id"
    return attempt.stripe_id


def is_under_way(error: stripe.StripeError) -> bool:
    """Whether Stripe refused because the same key is in use: that request goes on, so nothing is known yet."""
    return error.http_status == 409
