"""What can come of a message to an order: the words in which its rules are written."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from actors.contract import ORDER_NOT_FOUND, Decision, Message, OrderCancelled, OrderReply, PaymentRecord, answer_later
from actors.order_refunds import NOT_ARRIVED

from .given import ACKNOWLEDGED, BUYER, NOON, ORDER, WINDOW, Outcome, becomes, changes, stays
from .order_papers import CLAIM, DONE, OVER, SEAT, refund_please
from .order_states import PAID


def shown(state: Any) -> OrderReply:
    """What a caller sees of an order."""
    return OrderReply(
        order_id=ORDER,
        status=state.status,
        user_id=BUYER,
        expires_at=NOON + WINDOW,
        version=state.version,
        ticket=SEAT,
        payment=state.payment,
    )


def is_shown(state: Any) -> Decision[Any]:
    return stays(shown(state))(state)


def is_held_back(state: Any) -> Decision[Any]:
    """No answer yet: Stripe has not spoken."""
    return answer_later(state)


def moves(*events: Message, **fields: Any) -> Outcome:
    """The order changes and is shown as it then is."""

    def outcome(state: Any) -> Decision[Any]:
        new = replace(state, version=state.version + 1, **fields)
        return becomes(new, shown(new), *events)(state)

    return outcome


def hears(*events: Message, **fields: Any) -> Outcome:
    """The order changes by what it was told; nobody waits for a reply."""
    return changes(ACKNOWLEDGED, *events, **fields)


def money_is_asked_back(state: Any) -> Decision[Any]:
    """It buys nothing, be it that it had gone back already and came back from the bank."""
    return hears(refund_please(1), payment=replace(state.payment, status="refunding", reason=NOT_ARRIVED))(state)


def is_over(news: OrderCancelled = OVER, **fields: Any) -> Outcome:
    return moves(news, status="cancelled", stopping=None, **fields)


def hears_of_money(attempt: int, *events: Message, **fields: Any) -> Outcome:
    """Whatever it buys, it is remembered: the next time it is no news."""

    def outcome(state: Any) -> Decision[Any]:
        return hears(*events, paid=(*state.paid, attempt), **fields)(state)

    return outcome


def is_sold(payment: PaymentRecord) -> Outcome:
    return hears_of_money(payment.attempt, DONE, status="complete", stopping=None, payment=payment)


def sends_back_at_once(attempt: int) -> Outcome:
    """Money beside other money buys nothing."""
    return hears_of_money(attempt, refund_please(attempt))


def claims_the_ticket(payment: PaymentRecord) -> Outcome:
    """Money for an order that has ended: perhaps its ticket is still to be had."""
    return hears_of_money(payment.attempt, CLAIM, payment=payment, claiming=True)


def under(hold_number: int, told: Callable[..., Outcome], *events: Message, **fields: Any) -> Outcome:
    """It has had one more hold than before, whatever comes of it."""

    def outcome(state: Any) -> Decision[Any]:
        return told(*events, hold_number=hold_number, further_holds=state.further_holds + 1, **fields)(state)

    return outcome


def is_sold_after_all(hold_number: int) -> Outcome:
    return under(hold_number, hears, status="complete", payment=PAID, claiming=False)


def is_no_sale(hold_number: int, news: OrderCancelled = OVER) -> Outcome:
    """What the order cannot pay for any more goes back on sale."""
    return under(hold_number, hears, replace(news, hold_number=hold_number))


def is_given_straight_back(hold_number: int, news: OrderCancelled = OVER) -> Outcome:
    """Granted to an order that is over already."""
    return under(hold_number, moves, replace(news, hold_number=hold_number))


NO_SUCH_ORDER = stays(ORDER_NOT_FOUND)
