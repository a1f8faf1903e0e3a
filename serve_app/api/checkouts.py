"""/api/payments/checkout: paying on Stripe's hosted page."""

from bson import ObjectId
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from actors.contract import (
    ALREADY_PAID,
    NOT_THE_BUYER,
    ORDER_NOT_FOUND,
    Checkout,
    OrderReply,
    PaymentMethod,
    PayOrder,
)
from serve_app.answers import Answer, answer, respond
from serve_app.api.payments import NOT_PAYABLE, failure
from serve_app.api.settling import ask_settled
from serve_app.body import read_body
from serve_app.fields import id_in
from serve_app.office import Office
from serve_app.openapi.describe import describe
from serve_app.operation import operation_for
from serve_app.refusals import INVALID_ORDER_ID, OUTCOME_UNKNOWN, ApiError


class Checkouts:
    """The handler that opens Stripe's page for an order."""

    def __init__(self, office: Office) -> None:
        """Work in `office`."""
        self._office = office

    def router(self) -> APIRouter:
        """Its route."""
        router = APIRouter(prefix="/api/payments", tags=["payments"])
        router.add_api_route(
            "/checkout",
            self.open,
            **describe(
                "POST",
                "Open Stripe's payment page",
                (201, "CheckoutPage"),
                body="CheckoutBody",
                refusals=(INVALID_ORDER_ID, *NOT_PAYABLE, NOT_THE_BUYER, ORDER_NOT_FOUND),
                keyed=True,
            ),
        )
        return router

    async def open(self, request: Request) -> Response:
        """Open Stripe's page for your order; asking again while it is open answers the same page."""
        session = self._office.sessions.required(request)
        body = await read_body(request)
        operation = operation_for(request, session, body)
        order_id = id_in(body, "orderId", INVALID_ORDER_ID)
        method = PaymentMethod(checkout=self._return_addresses(request, order_id))
        wish = PayOrder(user_id=session.user_id, payment_id=operation.new_id, method=method)

        async def act() -> Answer:
            return await self._open(order_id, wish, operation.op)

        return respond(await self._office.idempotency.claimed(operation, act))

    async def _open(self, order_id: ObjectId, wish: PayOrder, op: str) -> Answer:
        order = await self._office.desk.ask_order(order_id, wish, op)
        if (url := page_of(order)) is None:
            order = await ask_settled(self._office, order_id, wish.payment_id)
            url = page_of(order)
        if url is not None:
            return answer(201, {"url": url})
        raise why_no_page(order, wish.payment_id)

    def _return_addresses(self, request: Request, order_id: ObjectId) -> Checkout:
        """Where Stripe sends the buyer afterwards: to this very site, as the buyer's browser addressed it."""
        scheme = "https" if self._office.behind_tls else request.url.scheme
        back = f"{scheme}://{request.url.netloc}/api/payments/checkout/return?orderId={order_id}"
        return Checkout(success_url=f"{back}&session={{CHECKOUT_SESSION_ID}}", cancel_url=back)


def page_of(order: OrderReply) -> str | None:
    """The address of the page that is open for this order."""
    action = order.payment.next_action if order.payment else None
    return action.url if action and action.kind == "checkout" and order.status == "awaiting:payment" else None


def why_no_page(order: OrderReply, payment_id: ObjectId) -> ApiError:
    """Why there is no page to send the buyer to."""
    if order.status == "complete":
        return ApiError(ALREADY_PAID)
    has_money = order.payment is not None and order.payment.status == "paid"
    if order.status == "awaiting:payment" or has_money:
        return ApiError(OUTCOME_UNKNOWN)
    attempt = order.payment if order.payment and order.payment.payment_id == payment_id else None
    return failure(order, attempt)
