"""Pages of buyers: their orders, paying, giving back, and the receipt."""

from bson import ObjectId
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from actors.contract import ORDER_NOT_FOUND
from actors.runtime.codec import Document
from serve_app.fields import id_from
from serve_app.known import own_order
from serve_app.office import Office
from serve_app.web import seen
from serve_app.web.api import Api, Said
from serve_app.web.forms import read_form
from serve_app.web.shelf import ShownOrder, order_of
from serve_app.web.visit import Visit, local_path
from serve_app.web.visits import Visits
from serve_app.web.waiting import in_line

SHOWN_MAX = 30
"""Orders on a page."""


class OrderPages:
    """The pages of orders."""

    def __init__(self, visits: Visits, office: Office, api: Api) -> None:
        """Show what `office` reads; act through the API."""
        self._visits = visits
        self._office = office
        self._api = api

    def routes(self) -> list[Route]:
        """Their addresses; who loads the answer to a form again is where the form was about."""
        return [
            Route("/orders", self.list, methods=["GET"]),
            Route("/orders/{order_id}", self.show, methods=["GET"]),
            Route("/orders/{order_id}/cancel", self.cancel, methods=["POST"]),
            Route("/orders/{order_id}/cancel", self.to_order, methods=["GET"]),
            Route("/orders/{order_id}/pay", self.pay, methods=["POST"]),
            Route("/orders/{order_id}/pay", self.to_order, methods=["GET"]),
            Route("/orders/{order_id}/refund", self.refund, methods=["POST"]),
            Route("/orders/{order_id}/refund", self.to_listings, methods=["GET"]),
        ]

    async def list(self, request: Request) -> Response:
        """Their orders, newest first."""
        visit = self._visits.of(request)
        if visit.session is None:
            return visit.sign_in_first()
        buyer, text = visit.session.user_id, request.query_params.get("after")
        after = await self._known(text, buyer) if text else None
        found = await self._office.reads.latest_orders_of(buyer, after, SHOWN_MAX)
        orders = [order_of(each) for each in found[:SHOWN_MAX]]
        more = f"/orders?after={orders[-1].id}" if len(found) > SHOWN_MAX else ""
        return visit.page("orders.html", orders=orders, more=more, watch="")

    async def show(self, request: Request) -> Response:
        """One order: a countdown while it can be paid, a receipt once it was."""
        visit = self._visits.of(request)
        if visit.session is None:
            return visit.sign_in_first()
        order = await self._known(request.path_params["order_id"], visit.session.user_id)
        return _page(visit, order_of(order), visit.address)

    async def to_order(self, request: Request) -> Response:
        """Go to the order."""
        return self._visits.of(request).go(_address(request))

    async def to_listings(self, request: Request) -> Response:
        """Go to the listings, among which money is given back."""
        return self._visits.of(request).go("/listings")

    async def cancel(self, request: Request) -> Response:
        """Give the ticket back."""
        return await self._act(request, "DELETE", f"/api{_address(request)}")

    async def pay(self, request: Request) -> Response:
        """Go to Stripe's page."""
        return await self._act(request, "POST", "/api/payments/checkout", {"orderId": str(_order_id(request))})

    async def refund(self, request: Request) -> Response:
        """Give a buyer the money back, as the seller."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        said = await self._api.ask(request, "POST", f"/api{_address(request)}/refund", key=form.key)
        if said.is_done:
            return visit.go(local_path(form.text("next")))
        if said.code == "not_signed_in":
            return visit.sign_in_first()
        if said.is_doubtful:
            return in_line(visit, said, form)
        return visit.page("error.html", said.status, here="/listings", errors=said.errors, is_sale=True)

    async def _act(self, request: Request, method: str, path: str, body: object = None) -> Response:
        """Do something about one's own order, and show what it has become, or go where the answer says."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        if visit.session is None:
            return visit.sign_in_first()
        said = await self._api.ask(request, method, path, body, form.key)
        if said.is_done:
            return visit.go(said.body["url"] if said.body else _address(request))
        if said.is_doubtful:
            return in_line(visit, said, form)
        order = await self._known(request.path_params["order_id"], visit.session.user_id)
        return _page(visit, order_of(order), _address(request), said)

    async def _known(self, text: str, buyer: ObjectId) -> Document:
        """The order that an address names.

        Raises:
            ApiError: there is none, or somebody else has it.
        """
        return await own_order(self._office.reads, id_from(text, ORDER_NOT_FOUND), buyer, status=403)


def _order_id(request: Request) -> ObjectId:
    """The order of this address.

    Raises:
        ApiError: it names none.
    """
    return id_from(request.path_params["order_id"], ORDER_NOT_FOUND)


def _address(request: Request) -> str:
    return f"/orders/{_order_id(request)}"


def _page(visit: Visit, order: ShownOrder, here: str, said: Said | None = None) -> Response:
    """The page of an order; with what is wrong, if the API `said` so.

    Why a payment took no money (402) the order says itself, and what can be done.
    """
    status, errors = (said.status, said.errors) if said else (200, [])
    errors = [] if status == 402 and order.payment_status == "failed" else errors
    price = seen.seen_in(visit.request.query_params.get(seen.FIELD, ""))
    return visit.page("order.html", status, here=here, order=order, errors=errors, seen=price, watch="")
