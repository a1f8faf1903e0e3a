"""Stripe's Checkout sessions: hosted pages, each with the intent that is made when its buyer first pays.

Facts: https://docs.stripe.com/api/checkout/sessions and https://docs.stripe.com/payments/checkout/how-checkout-works
"""

from dataclasses import dataclass
from typing import Any

from .answers import AT_THE_BANK, refusal
from .ledger import DEAD, Intent, Ledger


@dataclass
class Session:
    """One hosted page, with the fields that Stripe calls so."""

    id: str
    amount_total: int
    metadata: dict[str, str]
    intent_metadata: dict[str, str]
    created: int
    allowed_payment_method_types: list[str] | None = None
    status: str = "open"
    payment_status: str = "unpaid"
    payment_intent: str | None = None
    object: str = "checkout.session"

    @property
    def url(self) -> str:
        """Where the buyer pays."""
        return f"https://checkout.stripe.test/pay/{self.id}"


class Pages:
    """The sessions, beside the ledger that holds their money."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.sessions: dict[str, Session] = {}

    def open(self, params: dict[str, Any]) -> Session:
        """A page for one item."""
        amount = sum(item["quantity"] * item["price_data"]["unit_amount"] for item in params["line_items"])
        if amount < 50:
            raise refusal("amount_too_small")
        session = Session(
            id=f"cs_{len(self.sessions) + 1}",
            amount_total=amount,
            metadata=params["metadata"],
            intent_metadata=params["payment_intent_data"]["metadata"],
            created=self._ledger.now(),
            allowed_payment_method_types=params.get("allowed_payment_method_types"),
        )
        self.sessions[session.id] = session
        return session

    def submit(self, session_id: str, card: str) -> Intent:
        """The buyer pays, or tries to. Whoever clicks twice is told that he has clicked already."""
        session = self.sessions[session_id]
        if session.status != "open":
            raise refusal("checkout_session_not_open")
        intent = self.intent_of(session)
        if intent is None:
            intent = self._ledger.create(session.amount_total, session.intent_metadata, session.id)
            session.payment_intent = intent.id
        if intent.status != "requires_payment_method":
            raise refusal("payment_in_progress")
        intent.submitted = True
        match card.split("_")[1]:
            case "declined":
                self._ledger.fail(intent)
            case "bank":
                intent.status, intent.next_action = "requires_action", AT_THE_BANK
            case "slow" if session.allowed_payment_method_types != [
                "card"
            ]:  # a debit: the buyer is done, the bank is not
                intent.status, session.status = "processing", "complete"
                self._ledger.changed(session_id)
            case _:
                intent.status = "processing"
        return intent

    def paid(self, intent: Intent) -> None:
        """The money of a page has come."""
        session = self.sessions.get(intent.session_id or "")
        if session is not None and session.status != "expired":
            session.status, session.payment_status = "complete", "paid"
            self._ledger.changed(session.id)

    def expire(self, session_id: str) -> Session:
        """Close a page, and its intent with it, unless the buyer is just paying or has paid."""
        session = self.sessions[session_id]
        intent = self.intent_of(session)
        if session.status != "open" or (intent and intent.status in ("processing", "succeeded")):
            raise refusal("checkout_session_not_open")
        session.status = "expired"
        if intent:
            self._ledger.cancel(intent.id)
        self._ledger.changed(session_id)
        return session

    def intent_of(self, session: Session) -> Intent | None:
        """The intent of a page that somebody has tried to pay on."""
        return self._ledger.intents.get(session.payment_intent or "")

    def guards(self, intent_id: str) -> bool:
        """Whether the intent belongs to an open page, and so cannot be cancelled."""
        session = self.sessions.get(self._ledger.intents[intent_id].session_id or "")
        return session is not None and session.status == "open"

    def can_take_money(self, stripe_id: str) -> bool:
        """Whether a buyer, or his bank, may still pay with this page or intent."""
        if stripe_id not in self.sessions:
            return self._ledger.intents[stripe_id].status not in DEAD
        session = self.sessions[stripe_id]
        intent = self.intent_of(session)
        return session.status == "open" or (intent is not None and intent.status == "processing")
