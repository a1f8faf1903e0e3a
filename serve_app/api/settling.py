"""Waiting for Stripe's answer to a payment that is under way."""

from bson import ObjectId

from actors.contract import OrderReply, OrderSettled
from serve_app.desk import SETTLED_S
from serve_app.office import Office
from serve_app.operation import fresh
from serve_app.refusals import OUTCOME_UNKNOWN, OVERLOADED, ApiError


async def ask_settled(office: Office, order_id: ObjectId, payment_id: ObjectId | None) -> OrderReply:
    """The order once the attempt `payment_id` (or whichever is under way) has an answer from Stripe.

    Raises:
        ApiError: not within `SETTLED_S` seconds (`outcome_unknown`): something has begun, so nothing less will do.
    """
    question = OrderSettled(payment_id=payment_id)
    try:
        return await office.desk.ask_order(order_id, question, fresh().op, SETTLED_S)
    except ApiError as error:
        raise ApiError(OUTCOME_UNKNOWN) if error.code == OVERLOADED.code else error from None
