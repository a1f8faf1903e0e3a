"""/api/payments: paying for an order."""

from bson import ObjectId
from fastapi import APIRouter
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from actors.contract import (
    ALREADY_PAID,
    NOT_THE_BUYER,
    ORDER_CANCELLED,
    ORDER_NOT_FOUND,
    ORDERS,
    PAYMENT_IN_PROGRESS,
    TOO_MANY_PAYMENTS,
    OrderReply,
    PaymentMethod,
    PaymentRecord,
    PayOrder,
)
from serve_app import views
from serve_app.answers import Answer, answer, respond
from serve_app.api.settling import ask_settled
from serve_app.body import read_body
from serve_app.fields import both, id_in, payment_method_in
from serve_app.office import Office
from serve_app.openapi.describe import describe
from serve_app.operation import operation_for
from serve_app.refusals import (
    INVALID_METHOD,
    INVALID_ORDER_ID,
    INVALID_TOKEN,
    OUTCOME_UNKNOWN,
    PAYMENT_FAILED,
    ApiError,
)

NOT_PAYABLE = (ORDER_CANCELLED, ALREADY_PAID, PAYMENT_IN_PROGRESS, TOO_MANY_PAYMENTS, PAYMENT_FAILED)
"""Why an order cannot be paid for."""

UNKNOWN_METHOD = "resource_missing"
"""Stripe's code where it knows no such token, or no such payment method."""


class Payments:
    """The handlers of payments."""

    def __init__(self, office: Office) -> None:
        """Work in `office`."""
        self._office = office

    def router(self) -> APIRouter:
        """Their routes."""
        router = APIRouter(prefix="/api/payments", tags=["payments"])
        bad_fields = (INVALID_ORDER_ID, INVALID_TOKEN, INVALID_METHOD)
        router.add_api_route(
            "",
            self.pay,
            **describe(
                "POST",
                "Pay for an order",
                (201, "Payment"),
                body="PaymentBody",
                refusals=(*bad_fields, *NOT_PAYABLE, NOT_THE_BUYER, ORDER_NOT_FOUND),
                keyed=True,
                also={202: "PaymentAction"},
            ),
        )
        return router

    async def pay(self, request: Request) -> Response:
        """Pay for an order with a Stripe token or payment method; answers when Stripe has."""
        session = self._office.sessions.required(request)
        body = await read_body(request)
        operation = operation_for(request, session, body)
        order_id, method = both(lambda: id_in(body, "orderId", INVALID_ORDER_ID), lambda: payment_method_in(body))
        wish = PayOrder(user_id=session.user_id, payment_id=operation.new_id, method=method)

        async def act() -> Answer:
            return await self._pay(order_id, wish, operation.op)

        return respond(await self._office.idempotency.claimed(operation, act))

    async def _pay(self, order_id: ObjectId, wish: PayOrder, op: str) -> Answer:
        """Start the attempt, then wait for Stripe's answer to it."""
        await self._office.desk.ask(ORDERS, order_id, wish, op)
        return outcome(await ask_settled(self._office, order_id, wish.payment_id), wish)


def outcome(order: OrderReply, wish: PayOrder) -> Answer:
    """What the one who had this `wish` hears, given its settled order.

    Raises:
        ApiError: it took no money, or that is not known yet.
    """
    attempt = order.payment
    if attempt is None or attempt.payment_id != wish.payment_id:
        # A later attempt is there, so this one is known to have failed; perhaps that one was paid.
        raise ApiError(ALREADY_PAID) if order.status == "complete" else failure(order, None)
    match attempt.status:
        case "refunding" | "refunded" if order.status == "cancelled":
            raise failure(order, attempt)  # it bought nothing, or not for long
        case "paid" if order.status == "cancelled":
            raise ApiError(OUTCOME_UNKNOWN)  # it came late: the ticket is being asked whether it is still there
        case "paid" | "refunding" | "refunded":
            return answer(201, views.payment(order.order_id, wish.payment_id, attempt.stripe_id))
        case "requires_action":
            return answer(202, _action(order.order_id, attempt))
        case "failed" if attempt.code == UNKNOWN_METHOD and order.status != "cancelled":
            raise unknown(wish.method, attempt)
        case "failed":
            raise failure(order, attempt)
    raise ApiError(OUTCOME_UNKNOWN)


def failure(order: OrderReply, attempt: PaymentRecord | None) -> ApiError:
    """Why an attempt took no money: the order ended, another one was faster, or Stripe said no (402)."""
    if order.status == "cancelled" or (attempt and attempt.code == "stopped"):
        return ApiError(ORDER_CANCELLED)
    if attempt and attempt.code == PAYMENT_IN_PROGRESS.code:
        return ApiError(PAYMENT_IN_PROGRESS)
    if attempt is None:
        return ApiError(PAYMENT_FAILED)
    declined = replace(
        PAYMENT_FAILED,
        code=attempt.code or PAYMENT_FAILED.code,
        message=attempt.reason or PAYMENT_FAILED.message,
    )
    return ApiError(declined, status=402)


def unknown(method: PaymentMethod, attempt: PaymentRecord) -> ApiError:
    """That Stripe knows no such `method`, in its own words: what was sent is wrong, and no bank was asked."""
    refusal = INVALID_METHOD if method.token is None else INVALID_TOKEN
    return ApiError(replace(refusal, message=attempt.reason or refusal.message))


def _action(order_id: ObjectId, attempt: PaymentRecord) -> dict[str, object]:
    action = views.next_action(attempt.next_action) if attempt.next_action else None
    return views.payment(order_id, attempt.payment_id, attempt.stripe_id, status="requires_action", nextAction=action)
