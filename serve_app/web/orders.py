"""Pages of buyers: reserve, pay, give back, and the receipt."""

from bson import ObjectId
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from actors.contract import NOT_THE_BUYER, ORDER_NOT_FOUND, TICKET_NOT_FOUND, Refused
from serve_app.fields import id_from
from serve_app.office import Office
from serve_app.refusals import ApiError
from serve_app.web.api import Api, Said
from serve_app.web.forms import read_form
from serve_app.web.shelf import ShownOrder, order_of, ticket_of
from serve_app.web.tickets import offers_of, watched
from serve_app.web.visit import Visit
from serve_app.web.visits import Visits
from serve_app.web.waiting import in_line

SHOWN_MAX = 50
"""Orders on a page, the newest ones."""


class OrderPages:
    """The pages of orders."""

    def __init__(self, visits: Visits, office: Office, api: Api) -> None:
        """Show what `office` reads; act through the API."""
        self._visits = visits
        self._office = office
        self._api = api

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/orders", self.list, methods=["GET"]),
            Route("/orders", self.reserve, methods=["POST"]),
            Route("/orders/{order_id}", self.show, methods=["GET"]),
            Route("/orders/{order_id}/cancel", self.cancel, methods=["POST"]),
            Route("/orders/{order_id}/pay", self.pay, methods=["POST"]),
            Route("/orders/{order_id}/refund", self.refund, methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """Their orders, newest first."""
        visit = self._visits.of(request)
        if visit.session is None:
            return visit.sign_in_first()
        found = await self._office.reads.orders_of(visit.session.user_id)
        orders = [order_of(each) for each in reversed(found[-SHOWN_MAX:])]
        return visit.page("orders.html", orders=orders, left_out=len(found) - len(orders), watch="")

    async def show(self, request: Request) -> Response:
        """One order: a countdown while it can be paid, a receipt once it was."""
        visit = self._visits.of(request)
        if visit.session is None:
            return visit.sign_in_first()
        order = await self._own(request, visit.session.user_id)
        return visit.page("order.html", order=order, errors=[], watch="")

    async def reserve(self, request: Request) -> Response:
        """Reserve a ticket; whoever holds it already sees the order they have."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        ticket_id = form.text("ticketId")
        if visit.session is None:
            return visit.sign_in_first()
        said = await self._api.ask(request, "POST", "/api/orders", {"ticketId": ticket_id}, form.key)
        if said.is_done:
            return visit.go(f"/orders/{said.body['id']}")
        if said.is_doubtful:
            return in_line(visit, said, form)
        if said.code != "ticket_reserved":
            raise refusal_of(said)
        if order_id := said.errors[0].get("orderId"):
            return visit.go(f"/orders/{order_id}")
        return await self._too_late(visit, id_from(ticket_id, TICKET_NOT_FOUND))

    async def cancel(self, request: Request) -> Response:
        """Give the ticket back."""
        return await self._act(request, "DELETE", f"/api/orders/{_order_id(request)}")

    async def pay(self, request: Request) -> Response:
        """Go to Stripe's page."""
        return await self._act(request, "POST", "/api/payments/checkout", {"orderId": str(_order_id(request))})

    async def refund(self, request: Request) -> Response:
        """Give a buyer the money back, as the seller."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        said = await self._api.ask(request, "POST", f"/api/orders/{_order_id(request)}/refund", key=form.key)
        if said.is_done:
            return visit.go("/listings")
        if said.code == "not_signed_in":
            return visit.sign_in_first()
        if said.is_doubtful:
            return in_line(visit, said, form)
        raise refusal_of(said)

    async def _act(self, request: Request, method: str, path: str, body: object = None) -> Response:
        """Do something about one's own order, and show what it has become, or go where the answer says."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        if visit.session is None:
            return visit.sign_in_first()
        said = await self._api.ask(request, method, path, body, form.key)
        if said.is_done:
            return visit.go(said.body["url"] if said.body else f"/orders/{_order_id(request)}")
        if said.is_doubtful:
            return in_line(visit, said, form)
        order = await self._own(request, visit.session.user_id)
        return visit.page("order.html", said.status, order=order, errors=said.errors, watch="")

    async def _own(self, request: Request, buyer: ObjectId) -> ShownOrder:
        """The order of this address.

        Raises:
            ApiError: there is none, or somebody else has it.
        """
        found = await self._office.reads.order(_order_id(request))
        if found is None:
            raise ApiError(ORDER_NOT_FOUND)
        if found["userId"] != buyer:
            raise ApiError(NOT_THE_BUYER, status=403)
        return order_of(found)

    async def _too_late(self, visit: Visit, ticket_id: ObjectId) -> Response:
        """Somebody was quicker: say so, and offer what is left."""
        found = await self._office.reads.ticket(ticket_id)
        if found is None:
            raise ApiError(TICKET_NOT_FOUND)
        ticket, offers = ticket_of(found), await offers_of(self._office, ticket_id)
        return visit.page("too_late.html", 409, ticket=ticket, offers=offers, watch=watched([ticket, *offers]))


def _order_id(request: Request) -> ObjectId:
    """The order of this address.

    Raises:
        ApiError: it names none.
    """
    return id_from(request.path_params["order_id"], ORDER_NOT_FOUND)


def refusal_of(said: Said) -> ApiError:
    """What the API refused, to be shown as an error page."""
    return ApiError(*(Refused(code=each["code"], message=each["message"]) for each in said.errors), status=said.status)
