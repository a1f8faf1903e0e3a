"""Webhooks: letters about changes. They get lost, come late, twice, out of order, or before the API's own answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import stripe

from actors.gateway.hints import Hints
from actors.runtime.caller import Caller
from actors.runtime.envelope import is_final
from actors.runtime.message import OutcomeUnknown, Reply
from actors.runtime.tasks import own

from .faults import WEBHOOK_FAULTS
from .network import Wire
from .sdk import as_the_sdk_has_it, of_intent, of_refund, of_session

if TYPE_CHECKING:
    from .world import World

USUAL_S = (0.02, 0.8)
LATE_S = (2.0, 30.0)
TRIES_MAX = 4
"""How often a letter is sent that nobody confirms."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a webhook brings: which object, and what it was like then."""

    stripe_id: str
    body: Any


class Postman:
    """Brings the letters to whoever serves the webhook's address."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.hints = Hints(world.stripe, Caller(Wire(world, None)), world.clock)  # type: ignore[arg-type]

    def post(self, stripe_id: str) -> None:
        """Something has happened to this object."""
        world, letter = self._world, Letter(stripe_id, self._body(stripe_id))
        fault = world.faults.draw(WEBHOOK_FAULTS, "webhook")
        if fault:
            world.note(fault, stripe_id)
        if fault == "webhook twice":
            world.later(world.chance.between(*LATE_S), self._deliver, letter, 1)
        if fault != "webhook dropped":
            delay_s = {"webhook late": LATE_S, "webhook at once": (0.0, 0.0)}.get(fault or "", USUAL_S)
            world.later(world.chance.between(*delay_s), self._deliver, letter, 1)

    def _body(self, stripe_id: str) -> Any:
        stripe_ = self._world.stripe
        if stripe_id in stripe_.pages.sessions:
            return as_the_sdk_has_it(of_session(stripe_.pages.sessions[stripe_id]))
        if stripe_id in stripe_.ledger.refunds:
            return as_the_sdk_has_it(of_refund(stripe_.ledger, stripe_.ledger.refunds[stripe_id]))
        expanded = {"expand": ["latest_charge"]}
        return as_the_sdk_has_it(of_intent(stripe_.ledger, stripe_.ledger.intents[stripe_id], expanded))

    def _deliver(self, letter: Letter, tries: int) -> None:
        self._world.pending += 1
        own(self._try(letter, tries)).add_done_callback(self._done)

    def _done(self, task: Any) -> None:
        self._world.pending -= 1
        if not task.cancelled() and (error := task.exception()) is not None:
            self._world.violated(f"a webhook: {error!r}")

    async def _try(self, letter: Letter, tries: int) -> None:
        """Bring a letter; Stripe brings it again later unless it is answered by 200."""
        try:
            reply = await self.read(letter)
        except stripe.StripeError as error:
            reply = OutcomeUnknown(reason=str(error))
        self._world.note("webhook", letter.stripe_id, tries, type(reply).__name__)
        if not is_final(reply) and tries < TRIES_MAX:
            self._world.later(self._world.chance.between(0.5, 8), self._deliver, letter, tries + 1)

    async def read(self, letter: Letter) -> Reply:
        """The webhook's handler: a letter is a hint."""
        return await self.hints.follow(letter.stripe_id)
