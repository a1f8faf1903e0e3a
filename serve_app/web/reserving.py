"""The button under a ticket: an order, or kind words for whoever came too late."""

from bson import ObjectId
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from actors.contract import TICKET_NOT_FOUND
from serve_app.fields import id_from
from serve_app.known import known_ticket
from serve_app.office import Office
from serve_app.web import seen
from serve_app.web.api import Api
from serve_app.web.forms import read_form
from serve_app.web.shelf import ticket_of
from serve_app.web.tickets import offers_of, watched
from serve_app.web.visit import Visit
from serve_app.web.visits import Visits
from serve_app.web.waiting import in_line


class ReservingPages:
    """What pressing the button leads to."""

    def __init__(self, visits: Visits, office: Office, api: Api) -> None:
        """Show what `office` reads; act through the API."""
        self._visits = visits
        self._office = office
        self._api = api

    def routes(self) -> list[Route]:
        """Their address."""
        return [Route("/orders", self.reserve, methods=["POST"])]

    async def reserve(self, request: Request) -> Response:
        """Reserve a ticket; whoever holds it already sees the order they have."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        ticket_id = form.text("ticketId")
        if visit.session is None:
            return visit.sign_in_first()
        said = await self._api.ask(request, "POST", "/api/orders", {"ticketId": ticket_id}, form.key)
        if said.is_done:
            return visit.go(seen.address_of(said.body, seen.seen_in(form.text(seen.FIELD))))
        if said.is_doubtful:
            return in_line(visit, said, form)
        if said.code != "ticket_reserved":
            raise said.refusal
        if order_id := said.errors[0].get("orderId"):
            return visit.go(f"/orders/{order_id}")
        return await self._too_late(visit, id_from(ticket_id, TICKET_NOT_FOUND))

    async def _too_late(self, visit: Visit, ticket_id: ObjectId) -> Response:
        """Somebody was quicker: say what has become of the ticket by now, and offer what is left."""
        found = await known_ticket(self._office.reads, ticket_id)
        ticket, offers = ticket_of(found), await offers_of(self._office, ticket_id)
        watch, here = watched([ticket, *offers]), f"/tickets/{ticket.id}"
        return visit.page("too_late.html", 409, here=here, ticket=ticket, offers=offers, watch=watch)
