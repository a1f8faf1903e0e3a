"""What must hold at every moment of the money: one live instrument an order, one capture, no false word about it."""

from typing import TYPE_CHECKING, Any

from .ledger import Intent

if TYPE_CHECKING:
    from .world import World

Document = dict[str, Any]
OVER = ("failed", "succeeded", "refunding", "refunded")
"""Phases of an attempt in which nothing of it can take money."""


class MoneyGuard:
    """Compares every stored payment with Stripe's books."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._known: dict[str, dict[str, None]] = {}
        """The intents and pages whose ids were ever stored, by order: a buyer may have seen them."""

    def stored(self, before: Document | None, after: Document) -> None:
        """A payment was written."""
        order_id, attempts, earlier = str(after["_id"]), attempts_of(after), attempts_of(before or {})
        known = self._known.setdefault(order_id, {})
        known.update({each["stripeId"]: None for each in attempts.values() if each.get("stripeId")})
        live = [each for each in known if self._world.stripe.pages.can_take_money(each)]
        if len(live) > 1:
            self._world.violated(f"order {order_id} can be paid with {live}")
        if live and after["attempt"]["phase"] in OVER:
            self._world.violated(f"order {order_id} is {after['attempt']['phase']}, and {live} can take money")
        for number, attempt in attempts.items():
            was = earlier.get(number, {}).get("phase")
            if attempt["phase"] != was:
                self._matches(order_id, attempt, was)

    def _matches(self, order_id: str, attempt: Document, was: str | None) -> None:
        """What a payment says of money is what Stripe's books say, to the cent."""
        ledger = self._world.stripe.ledger
        intent = ledger.intents.get(attempt.get("stripeId") or "")
        if attempt["phase"] == "succeeded" and (intent is None or intent.amount_received != attempt["amount"]):
            self._world.violated(f"order {order_id} is paid {attempt['amount']}, and at Stripe it is {intent}")
        if attempt["phase"] == "refunded" and intent and ledger.kept(intent) and not self.has_come_back(order_id):
            self._world.violated(f"order {order_id} is refunded, and Stripe keeps {ledger.kept(intent)}")
        failed = intent and any(each.status == "failed" for each in ledger.refunds_of(intent.id))
        if was == "refunding" and attempt["phase"] == "succeeded" and intent and not (ledger.kept(intent) or failed):
            self._world.violated(f"order {order_id}: the refund is said to have failed, and the money is back")

    def has_come_back(self, order_id: Any) -> bool:
        """Whether a refund of an order had succeeded, and failed after all."""
        ledger = self._world.stripe.ledger
        intents = [each.id for each in ledger.intents.values() if each.order_id == str(order_id)]
        return any(each.came_back for each in ledger.refunds.values() if each.payment_intent in intents)

    def captured(self, intent: Intent) -> None:
        """Money was taken: it is the order's only money, unless a bank paid what was dead."""
        ledger = self._world.stripe.ledger
        others = [
            each.id
            for each in ledger.intents.values()
            if each.order_id == intent.order_id and each.id != intent.id and ledger.kept(each) and not each.late
        ]
        if others and not intent.late:
            self._world.violated(f"order {intent.order_id} was paid with {intent.id} and with {others}")


def attempts_of(payment: Document) -> dict[int, Document]:
    """The attempts of a payment by their numbers."""
    newest = [payment["attempt"]] if payment.get("attempt") else []
    return {each["number"]: each for each in (*newest, *payment.get("past", ()))}
