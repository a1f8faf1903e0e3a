"""What a buyer does, from his request for a ticket to his end: the one place that says so. Pure.

Drivers walk it: they send each request, and put the answer into the move before they ask for the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cluster.sale.buyer import Buyer
from cluster.sale.figures import Outcome
from cluster.sale.plan import Wish
from cluster.sale.steps import BAD_CARD, GOOD_CARD, Answer, Step, cancel, outcome, pay, reserve


@dataclass(slots=True, kw_only=True)
class Move:
    """One request of a buyer, and its answer."""

    step: Step
    key: str
    """Its idempotency key: repeated until its answer tells something, and always under this key."""

    order_id: str = ""
    """The order he holds by now; nothing while he still wants one."""

    after_s: float = 0.0
    """He thinks that long before he sends it."""

    answer: Answer = field(default_factory=lambda: Answer(0))
    """Put here by the driver."""

    @property
    def is_repetition(self) -> bool:
        """He asks once more for what he has got: nothing new may come of it."""
        return self.step.name == "reserve" and bool(self.order_id)

    @property
    def became(self) -> Outcome:
        """What the answer means."""
        return outcome(self.step, self.answer)

    @property
    def is_good(self) -> bool:
        """The answer is one that an honest marketplace may give; whoever repeats must get the same order again."""
        if self.is_repetition:
            return self.answer.status == 201 and self.answer.body.get("id") == self.order_id
        return self.became != "failed"


def visit(buyer: Buyer, ticket_id: str) -> Iterator[Move]:
    """Everything `buyer` does about this ticket."""
    first = Move(step=reserve(ticket_id), key=f"{buyer.key}-reserve")
    yield first
    if first.became != "reserved":
        return
    order_id = str(first.answer.body["id"])
    if buyer.repeats:
        yield Move(step=first.step, key=first.key, order_id=order_id)
    if last := _last_step(buyer.wish, order_id):
        yield Move(step=last, key=f"{buyer.key}-{last.name}", order_id=order_id, after_s=buyer.think_s)


def _last_step(wish: Wish, order_id: str) -> Step | None:
    match wish:
        case "pay":
            return pay(order_id, GOOD_CARD)
        case "decline":
            return pay(order_id, BAD_CARD)
        case "cancel":
            return cancel(order_id)
        case "abandon":
            return None
