"""Cancelling an order, also one whose payment is under way."""

from bson import ObjectId

from actors.contract import ORDER_COMPLETE, CancelOrder
from serve_app.answers import Answer, answer
from serve_app.api.settling import ask_settled
from serve_app.office import Office
from serve_app.refusals import OUTCOME_UNKNOWN, ApiError


class Cancelling:
    """Asks orders to end."""

    def __init__(self, office: Office) -> None:
        """Ask at the desk of `office`."""
        self._office = office

    async def cancel(self, order_id: ObjectId, user_id: ObjectId, op: str) -> Answer:
        """204 once the order is cancelled; a payment under way is stopped first, and may have been faster.

        Raises:
            ApiError: it is complete, not this user's, unknown, or its end is not known yet.
        """
        wish = CancelOrder(user_id=user_id)
        order = await self._office.desk.ask_order(order_id, wish, op)
        if order.status == "awaiting:payment":
            order = await ask_settled(self._office, order_id, None)
        match order.status:
            case "cancelled":
                return answer(204)
            case "complete":
                raise ApiError(ORDER_COMPLETE)
        raise ApiError(OUTCOME_UNKNOWN)
