"""/api/orders: reserving tickets, and giving them back."""

from bson import ObjectId
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from actors.contract import (
    NOT_THE_BUYER,
    NOT_THE_SELLER,
    ORDER_COMPLETE,
    ORDER_NOT_FOUND,
    ORDER_NOT_PAID,
    TICKET_NOT_FOUND,
    TICKET_RESERVED,
    RefundOrder,
    Reserve,
)
from serve_app import views
from serve_app.answers import Answer, answer, private, respond
from serve_app.api.cancelling import Cancelling
from serve_app.api.reserving import Reserving
from serve_app.body import discard_body, read_body
from serve_app.fields import id_from, id_in
from serve_app.known import own_order
from serve_app.office import Office
from serve_app.openapi.describe import describe
from serve_app.operation import is_keyed, operation_for
from serve_app.refusals import INVALID_TICKET_ID, OVERLOADED


class Orders:
    """The handlers of orders."""

    def __init__(self, office: Office) -> None:
        """Work in `office`."""
        self._office = office
        self._reserving = Reserving(office)
        self._cancelling = Cancelling(office)

    def router(self) -> APIRouter:
        """Their routes."""
        router = APIRouter(prefix="/api/orders", tags=["orders"])
        mine = (NOT_THE_BUYER, ORDER_NOT_FOUND)
        router.add_api_route(
            "",
            self.list,
            **describe("GET", "List your orders", (200, "Orders"), refusals=(OVERLOADED,), signed_in=True, reads=True),
        )
        router.add_api_route(
            "",
            self.create,
            **describe(
                "POST",
                "Reserve a ticket",
                (201, "Order"),
                body="OrderBody",
                refusals=(TICKET_RESERVED, INVALID_TICKET_ID, TICKET_NOT_FOUND),
                keyed=True,
            ),
        )
        router.add_api_route(
            "/{order_id}",
            self.show,
            **describe(
                "GET", "Show an order", (200, "Order"), refusals=mine, signed_in=True, reads=True, path=("order_id",)
            ),
        )
        router.add_api_route(
            "/{order_id}",
            self.cancel,
            **describe(
                "DELETE",
                "Cancel an order",
                (204, None),
                refusals=(ORDER_COMPLETE, *mine),
                keyed=True,
                path=("order_id",),
            ),
        )
        router.add_api_route(
            "/{order_id}/refund",
            self.refund,
            **describe(
                "POST",
                "Refund a sale",
                (202, "Order"),
                refusals=(ORDER_NOT_PAID, NOT_THE_SELLER, ORDER_NOT_FOUND),
                keyed=True,
                path=("order_id",),
            ),
        )
        return router

    async def list(self, request: Request) -> Response:
        """List your orders, oldest first, with their tickets inside; of more than 2,000 the newest."""
        session = self._office.sessions.required(request)
        found = await self._office.reads.orders_of(session.user_id)
        return respond(private([views.order(document) for document in found]))

    async def show(self, request: Request) -> Response:
        """Show one of your orders."""
        session = self._office.sessions.required(request)
        document = await own_order(self._office.reads, _order_id(request), session.user_id)
        return respond(private(views.order(document)))

    async def create(self, request: Request) -> Response:
        """Reserve a ticket: the first who asks gets it, for as long as the order says."""
        session = self._office.sessions.required(request)
        body = await read_body(request)
        ticket_id = id_in(body, "ticketId", INVALID_TICKET_ID)
        if not is_keyed(request):
            self._reserving.refuse_at_once(ticket_id, session.user_id)
        operation = operation_for(request, session, body)
        wish = Reserve(order_id=operation.new_id, user_id=session.user_id)

        async def act() -> Answer:
            return await self._reserving.reserve(ticket_id, wish, operation.op)

        async def undo() -> None:
            await self._reserving.undo(wish, operation.op)

        return respond(await self._office.idempotency.undoable(operation, act, undo))

    async def cancel(self, request: Request) -> Response:
        """Give the ticket back. While a payment is under way, Stripe's answer decides whether that is possible."""
        session = self._office.sessions.required(request)
        order_id = _order_id(request)
        operation = operation_for(request, session)

        async def act() -> Answer:
            return await self._cancelling.cancel(order_id, session.user_id, operation.op)

        return respond(await self._office.idempotency.claimed(operation, act))

    async def refund(self, request: Request) -> Response:
        """Give the money of a sale back; only the ticket's seller may."""
        session = self._office.sessions.required(request)
        order_id = _order_id(request)
        await discard_body(request)
        operation = operation_for(request, session)

        async def act() -> Answer:
            wish = RefundOrder(user_id=session.user_id)
            reply = await self._office.desk.ask_order(order_id, wish, operation.op)
            return answer(202, views.order_of_reply(reply))

        return respond(await self._office.idempotency.claimed(operation, act))


def _order_id(request: Request) -> ObjectId:
    return id_from(request.path_params["order_id"], ORDER_NOT_FOUND)
