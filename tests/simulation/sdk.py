"""The ledger behind the face of Stripe's SDK, over a line that fails: what the real payments task talks to."""

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import stripe

from .faults import BANK_FAULTS, STRIPE_FAULTS
from .ledger import Intent, Ledger, Outcome, Refund, broken, capture

if TYPE_CHECKING:
    from .world import World

LATE_S = (0.05, 6.0)
BANK_S = (0.2, 6.0)
"""How long a buyer takes at his bank, and a bank over its books."""


class SimulatedStripe:
    """The six requests that the payments task makes. `v1`, `payment_intents` and `refunds` are all this object."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.ledger = Ledger()
        self.v1 = self
        self.payment_intents = PaymentIntents(self)
        self.refunds = Refunds(self)

    async def request(self, name: str, effect: Outcome, key: str | None = None) -> Any:
        """One request: it may be lost, late, answered with a 500 that sticks to its key, or not answered."""
        world = self._world
        fault = world.faults.draw(STRIPE_FAULTS)
        await asyncio.sleep(world.chance.between(0.002, 0.05))
        if fault == "stripe request lost":
            raise unreachable(fault)
        if fault == "stripe request late":
            world.later(world.chance.between(*LATE_S), self._perform, name, key, effect, fault)
            raise unreachable(fault)
        if fault == "stripe 500 before":
            self._fail_for_good(key)
            raise broken()
        outcome = self._perform(name, key, effect, fault or "")
        if fault == "stripe 500 after":
            self._fail_for_good(key)
            raise broken()
        await asyncio.sleep(world.chance.between(0.002, 0.05))
        if fault == "stripe reply lost":
            raise unreachable(fault)
        return as_the_sdk_has_it(outcome())

    def _perform(self, name: str, key: str | None, effect: Outcome, fault: str) -> Outcome:
        outcome = self.ledger.perform(key, effect)
        self._world.note("stripe", name, key or "", fault, describe(outcome))
        return outcome

    def _fail_for_good(self, key: str | None) -> None:
        """Stripe says the same 500 again for a key that has seen one."""
        self._world.note("stripe", "500", key or "")
        if key is not None:
            self.ledger.keys[key] = capture(_break)

    def ask_bank(self, intent: Intent, token: str) -> Intent:
        """What goes on outside: the buyer proves himself, or does not, or the bank takes its time."""
        world = self._world
        delay_s = world.chance.between(*BANK_S)
        if token == "tok_bank" and world.chance.hit(0.4):
            world.later(delay_s, self._bank, "yes", intent.id)
        elif token == "tok_bank" and world.chance.hit(0.3):
            world.later(delay_s, self._bank, "no", intent.id)
        elif token == "tok_slow":
            world.later(delay_s, self._bank, "yes" if world.chance.hit(0.7) else "no", intent.id)
        return intent

    def _bank(self, answer: str, intent_id: str) -> None:
        self._world.note("bank", answer, intent_id)
        self.ledger.succeed(intent_id) if answer == "yes" else self.ledger.fail(intent_id)

    def refund(self, intent_id: str, metadata: dict[str, str]) -> Refund:
        """A refund as the bank handles it."""
        world = self._world
        fault = world.faults.draw(BANK_FAULTS)
        if fault is None or fault == "refund fails":
            return self.ledger.refund(intent_id, "failed" if fault else "succeeded", metadata)
        refund = self.ledger.refund(intent_id, "pending", metadata)
        end = "failed" if fault == "refund pending, then fails" else "succeeded"
        world.later(world.chance.between(*BANK_S), self._end_refund, refund.id, end)
        return refund

    def _end_refund(self, refund_id: str, status: str) -> None:
        self._world.note("bank", refund_id, status)
        self.ledger.end_refund(refund_id, status)


class PaymentIntents:
    """`client.v1.payment_intents`."""

    def __init__(self, line: SimulatedStripe) -> None:
        self._line = line

    async def create_async(self, params: dict[str, Any], options: dict[str, str]) -> Intent:
        order_id = params["metadata"]["order_id"]
        effect = lambda: self._line.ledger.create(params["amount"], order_id)  # noqa: E731
        return await self._line.request("create", effect, options["idempotency_key"])

    async def confirm_async(self, intent_id: str, params: dict[str, Any], options: dict[str, str]) -> Any:
        token = params["payment_method_data"]["card"]["token"]
        effect = lambda: self._line.ask_bank(self._line.ledger.confirm(intent_id, token), token)  # noqa: E731
        return await self._line.request("confirm", effect, options["idempotency_key"])

    async def retrieve_async(self, intent_id: str) -> Any:
        return await self._line.request("retrieve", lambda: self._line.ledger.intents[intent_id])

    async def cancel_async(self, intent_id: str, *, options: dict[str, str] | None = None) -> Any:
        effect = lambda: self._line.ledger.cancel(intent_id)  # noqa: E731
        return await self._line.request("cancel", effect, (options or {}).get("idempotency_key"))


class Refunds:
    """`client.v1.refunds`."""

    def __init__(self, line: SimulatedStripe) -> None:
        self._line = line

    async def list_async(self, params: dict[str, Any]) -> Any:
        return await self._line.request("list", lambda: self._line.ledger.refunds_of(params["payment_intent"]))

    async def create_async(self, params: dict[str, Any], options: dict[str, str]) -> Any:
        effect = lambda: self._line.refund(params["payment_intent"], params.get("metadata", {}))  # noqa: E731
        return await self._line.request("refund", effect, options["idempotency_key"])


def as_the_sdk_has_it(result: Intent | Refund | list[Refund]) -> Any:
    """A copy, in the SDK's own types."""
    if isinstance(result, list):
        return stripe.ListObject.construct_from({"object": "list", "data": [asdict(each) for each in result]}, None)
    kind = stripe.PaymentIntent if isinstance(result, Intent) else stripe.Refund
    return kind.construct_from(asdict(result), None)


def unreachable(why: str) -> stripe.APIConnectionError:
    """The line failed."""
    return stripe.APIConnectionError(f"simulated: {why}")


def describe(outcome: Outcome) -> str:
    """An outcome for the diary."""
    try:
        result = outcome()
    except stripe.StripeError as error:
        return f"{type(error).__name__}: {error}"
    return f"{getattr(result, 'id', '')} {getattr(result, 'status', '')}"


def _break() -> None:
    raise broken()
