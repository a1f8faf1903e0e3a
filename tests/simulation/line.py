"""Stripe as its clients see it: the books behind a line that fails."""

import asyncio
from typing import TYPE_CHECKING, Any

from .answers import Outcome, broken, busy_key, capture, describe, too_many, unreachable
from .bank import Bank
from .faults import STRIPE_FAULTS
from .ledger import Ledger
from .loop import DAWN
from .pages import Pages
from .sdk import CheckoutSessions, Namespace, PaymentIntents, Refunds, as_the_sdk_has_it

if TYPE_CHECKING:
    from .world import World

LATE_S = (0.05, 6.0)


class SimulatedStripe:
    """The requests that the payments task, hints and the reconciliation make. `v1` is this object, too."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._executing: set[str] = set()
        """Keys of requests that are on their way still."""

        self.changed_s = 0.0
        """When the books last changed so that a webhook was sent."""

        self.ledger = Ledger(lambda: int(DAWN.timestamp() + world.loop.time()), self._changed)
        self.pages = Pages(self.ledger)
        self.bank = Bank(world, self.ledger, self.pages)
        self.v1 = self
        self.payment_intents = PaymentIntents(self)
        self.refunds = Refunds(self)
        self.checkout = Namespace(CheckoutSessions(self))

    def _changed(self, stripe_id: str) -> None:
        self.changed_s = self._world.loop.time()
        self._world.postman.post(stripe_id)

    async def request(self, name: str, effect: Outcome, key: str | None = None) -> Any:
        """One request: lost, late, refused for now, answered with a 500 that sticks to its key, or not answered."""
        world = self._world
        fault = world.faults.draw(STRIPE_FAULTS, f"{name} at stripe")
        await asyncio.sleep(world.chance.between(0.002, 0.05))
        if key in self._executing:
            raise busy_key()
        match fault:
            case "stripe request lost":
                raise unreachable(fault)
            case "stripe request late":
                self._perform_later(name, key, effect, fault)
                raise unreachable(fault)
            case "stripe 409":  # our own client repeated it: the first one is still being served
                self._perform_later(name, key, effect, fault)
                raise busy_key()
            case "stripe 429":
                raise too_many()
            case "stripe 500 before":
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

    def _perform_later(self, name: str, key: str | None, effect: Outcome, fault: str) -> None:
        if key is not None:
            self._executing.add(key)
        self._world.later(self._world.chance.between(*LATE_S), self._perform, name, key, effect, fault)

    def _perform(self, name: str, key: str | None, effect: Outcome, fault: str) -> Outcome:
        self._executing.discard(key or "")
        outcome = self.ledger.perform(key, effect)
        self._world.note("stripe", name, key or "", fault, describe(outcome))
        return outcome

    def _fail_for_good(self, key: str | None) -> None:
        """Stripe says the same 500 again for a key that has seen one."""
        self._world.note("stripe", "500", key or "")
        if key is not None:
            self.ledger.keys[key] = capture(_break)


def _break() -> None:
    raise broken()
