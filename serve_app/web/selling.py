"""Pages of sellers: sell, edit, and what became of it all."""

from bson import ObjectId
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from actors.contract import NOT_THE_SELLER, TICKET_NOT_FOUND
from serve_app.fields import id_from
from serve_app.known import known_ticket
from serve_app.office import Office
from serve_app.page import Page
from serve_app.paging import next_query, tickets_on
from serve_app.refusals import INVALID_AFTER, NOT_SIGNED_IN, ApiError
from serve_app.web.api import Api, Said
from serve_app.web.forms import Form, read_form
from serve_app.web.shelf import ShownTicket, order_of, sales_by_ticket, ticket_of
from serve_app.web.tickets import TICKETS_MAX, watched
from serve_app.web.visit import Visit
from serve_app.web.visits import Visits
from serve_app.web.waiting import in_line


class SellingPages:
    """The pages of sellers."""

    def __init__(self, visits: Visits, office: Office, api: Api) -> None:
        """Show what `office` reads; act through the API."""
        self._visits = visits
        self._office = office
        self._api = api

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/sell", self.new, methods=["GET"]),
            Route("/sell", self.create, methods=["POST"]),
            Route("/tickets/{ticket_id}/edit", self.change, methods=["GET"]),
            Route("/tickets/{ticket_id}/edit", self.edit, methods=["POST"]),
            Route("/listings", self.list, methods=["GET"]),
        ]

    async def new(self, request: Request) -> Response:
        """An empty form."""
        visit = self._visits.of(request)
        return _form(visit) if visit.session else visit.sign_in_first()

    async def create(self, request: Request) -> Response:
        """List a ticket."""
        return await self._send(request, "POST", "/api/tickets")

    async def change(self, request: Request) -> Response:
        """The form with the ticket in it."""
        visit = self._visits.of(request)
        if visit.session is None:
            return visit.sign_in_first()
        ticket = await self._own(request, visit.session.user_id)
        return _form(visit, title=ticket.title, price=visit.texts.amount(ticket.price))

    async def edit(self, request: Request) -> Response:
        """Change a ticket."""
        ticket_id = id_from(request.path_params["ticket_id"], TICKET_NOT_FOUND)
        return await self._send(request, "PUT", f"/api/tickets/{ticket_id}")

    async def list(self, request: Request) -> Response:
        """Everything they listed, newest first, with what happened to each."""
        visit = self._visits.of(request)
        if visit.session is None:
            return visit.sign_in_first()
        reads, seller = self._office.reads, visit.session.user_id
        text = request.query_params.get("after")
        after = id_from(text, INVALID_AFTER) if text else None
        page = Page(limit=TICKETS_MAX, sort="newest", seller=seller, after=after)
        found, last = await tickets_on(page, reads)
        tickets = [ticket_of(each) for each in found]
        more = f"/listings?{next_query(page, last)}" if last else ""
        holding = await reads.orders([ObjectId(each.order_id) for each in tickets if each.order_id])
        sales = await reads.sales(seller, [ObjectId(each.id) for each in tickets])
        return visit.page(
            "listings.html",
            tickets=tickets,
            holders={order.id: order for order in map(order_of, holding)},
            sales=sales_by_ticket([order_of(each) for each in sales]),
            more=more,
            watch=watched(tickets),
        )

    async def _own(self, request: Request, seller: ObjectId) -> ShownTicket:
        """The ticket of this address.

        Raises:
            ApiError: there is none, or somebody else sells it.
        """
        ticket_id = id_from(request.path_params["ticket_id"], TICKET_NOT_FOUND)
        found = await known_ticket(self._office.reads, ticket_id)
        if found["userId"] != seller:
            raise ApiError(NOT_THE_SELLER, status=403)
        return ticket_of(found)

    async def _send(self, request: Request, method: str, path: str) -> Response:
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        said = await self._api.ask(request, method, path, _wish(visit, form), form.key)
        if said.is_done:
            return visit.go(f"/tickets/{said.body['id']}")
        if said.status in (403, 404):
            raise said.refusal
        if said.is_doubtful:
            return in_line(visit, said, form)
        # Whoever only signs in again sends what may have been sent before, with its key.
        key = form.key if said.code == NOT_SIGNED_IN.code else ""
        return _form(visit, title=form.text("title"), price=form.text("price"), key=key, said=said)


def _wish(visit: Visit, form: Form) -> dict[str, object]:
    """What the API is asked for; a price that is no number goes as it is, for the API to refuse."""
    price = visit.texts.number(form.text("price"))
    return {"title": form.text("title"), "price": form.text("price") if price is None else price}


def _form(visit: Visit, *, title: str = "", price: str = "", key: str = "", said: Said | None = None) -> Response:
    """The form of this address; with what is wrong about what it holds, if the API `said` so."""
    status, errors = (said.status, said.errors) if said else (200, [])
    return visit.page("sell.html", status, title=title, price=price, key=key, errors=errors)
