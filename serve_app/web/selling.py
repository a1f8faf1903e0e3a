"""Pages of sellers: sell, and what became of it all."""

from bson import ObjectId
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serve_app.fields import id_from
from serve_app.office import Office
from serve_app.page import Page
from serve_app.paging import next_query, tickets_on
from serve_app.refusals import INVALID_AFTER
from serve_app.web.api import Api
from serve_app.web.forms import read_form
from serve_app.web.shelf import order_of, sales_by_ticket, ticket_of
from serve_app.web.ticket_form import answered, form_page, wish_of
from serve_app.web.tickets import TICKETS_MAX, watched
from serve_app.web.visits import Visits


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
            Route("/listings", self.list, methods=["GET"]),
        ]

    async def new(self, request: Request) -> Response:
        """An empty form."""
        visit = self._visits.of(request)
        return form_page(visit) if visit.session else visit.sign_in_first()

    async def create(self, request: Request) -> Response:
        """List a ticket."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        said = await self._api.ask(request, "POST", "/api/tickets", wish_of(visit, form), form.key)
        return answered(visit, form, said)

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
