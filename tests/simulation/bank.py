"""What goes on outside of our requests: buyers on Stripe's page, banks, and people in Stripe's dashboard."""

from typing import TYPE_CHECKING

import stripe

from .faults import BY_HAND, LAPSES, LATE_MONEY, REFUND_FAULTS
from .ledger import DEAD, Intent, Ledger, Refund
from .pages import Pages, Session

if TYPE_CHECKING:
    from .world import World

BANK_S = (0.2, 6.0)
"""How long a buyer takes at his bank, and a bank over its books."""

CARD_S = (0.005, 0.4)
"""How long a card payment on the page takes."""

LAPSES_S = (0.6, 5)
"""How soon Stripe ends a page that it ends early: while somebody may still want to pay."""

BY_HAND_S, LATE_NOTICED_S = 8.0, 0.6
"""How long after the money somebody gives it back in the dashboard; money that came late is noticed."""


class Bank:
    """Moves the money, sooner or later."""

    def __init__(self, world: "World", ledger: Ledger, pages: Pages) -> None:
        self._world = world
        self._ledger = ledger
        self._pages = pages

    def opened(self, session: Session) -> Session:
        """Pages do not live for ever, whoever waits for them."""
        if self._world.faults.draw(LAPSES, "page"):
            self._world.later(self._world.chance.between(*LAPSES_S), self._lapse, session.id)
        return session

    def _lapse(self, session_id: str) -> None:
        try:
            self._pages.expire(session_id)
        except stripe.InvalidRequestError:
            return
        self._world.note("page lapses", session_id)

    def submit(self, session_id: str, card: str) -> bool:
        """A buyer clicks on Pay; whether the page took it."""
        try:
            intent = self._pages.submit(session_id, card)
        except stripe.InvalidRequestError as error:
            self._world.note("page", session_id, card, error.code)
            return False
        self._world.note("page", session_id, card, intent.id)
        if intent.status == "processing" and not card.startswith("tok_slow"):
            self._world.later(self._world.chance.between(*CARD_S), self.decide, "yes", intent)
        else:
            self.ask(intent, card)
        return True

    def ask(self, intent: Intent, token: str) -> None:
        """What the buyer or his bank will say: the end of the token tells."""
        answer = token.rsplit("_", 1)[-1]
        if intent.status in ("requires_action", "processing") and answer in ("yes", "no"):
            self._world.later(self._world.chance.between(*BANK_S), self.decide, answer, intent)
        elif intent.status == "succeeded":
            self._taken(intent)

    def decide(self, answer: str, intent: Intent) -> None:
        """The bank has spoken."""
        self._world.note("bank", answer, intent.id, f"it was {intent.status}")
        if answer == "no":
            self._ledger.fail(intent)
        elif intent.status not in DEAD:
            self._ledger.succeed(intent)
            self._pages.paid(intent)
            self._taken(intent)

    def ended(self, intent: Intent | None) -> None:
        """An intent is dead: by rule no money comes of it any more, and once in a while it does."""
        if intent and intent.submitted and self._world.faults.draw(LATE_MONEY, "cancelled"):
            self._world.later(self._world.chance.between(0.05, 9), self._pay_late, intent)

    def _pay_late(self, intent: Intent) -> None:
        self._world.note("late money", intent.id)
        self._ledger.succeed(intent, late=True)
        self._taken(intent)

    def _taken(self, intent: Intent) -> None:
        """Money is there that somebody may give back by hand."""
        self._world.guard.money.captured(intent)
        fault = self._world.faults.draw(BY_HAND, "taken")
        if fault:
            part = intent.amount // 4 or None if fault == "part refunded by hand" else None
            soon_s = LATE_NOTICED_S if intent.late else BY_HAND_S
            self._world.later(self._world.chance.between(0, soon_s), self._give_back, intent.id, part)

    def _give_back(self, intent_id: str, part: int | None) -> None:
        self._world.note("by hand", intent_id, part or "all")
        try:
            self._ledger.refund(intent_id, "succeeded", {}, part)
        except stripe.InvalidRequestError:
            return

    def refund(self, intent_id: str, metadata: dict[str, str]) -> Refund:
        """A refund as the bank handles it."""
        world = self._world
        fault = world.faults.draw(REFUND_FAULTS, "refund")
        if fault is None or fault == "refund fails":
            return self._ledger.refund(intent_id, "failed" if fault else "succeeded", metadata)
        comes_back = fault == "refund comes back"
        refund = self._ledger.refund(intent_id, "succeeded" if comes_back else "pending", metadata)
        end = "failed" if comes_back or fault == "refund pending, then fails" else "succeeded"
        world.later(world.chance.between(*BANK_S), self._end_refund, refund.id, end)
        return refund

    def _end_refund(self, refund_id: str, status: str) -> None:
        self._world.note("bank", refund_id, status)
        self._ledger.end_refund(refund_id, status)
