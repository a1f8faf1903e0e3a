"""Changing a ticket: only what nobody holds, and not what has changed since its seller looked at it."""

from bson import ObjectId
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from actors.contract import NOT_THE_SELLER, TICKET_NOT_FOUND
from serve_app.fields import id_from, trimmed
from serve_app.known import known_ticket
from serve_app.money import cents_of
from serve_app.office import Office
from serve_app.refusals import ApiError
from serve_app.web.api import Api
from serve_app.web.forms import Form, read_form
from serve_app.web.shelf import ShownTicket, ticket_of
from serve_app.web.ticket_form import WAS, answered, content_of, form_page, overtaken, wish_of
from serve_app.web.tickets import watched
from serve_app.web.visits import Visits


class EditingPages:
    """The page of a ticket that its seller changes."""

    def __init__(self, visits: Visits, office: Office, api: Api) -> None:
        """Show what `office` reads; act through the API."""
        self._visits = visits
        self._office = office
        self._api = api

    def routes(self) -> list[Route]:
        """Its address."""
        return [
            Route("/tickets/{ticket_id}/edit", self.change, methods=["GET"]),
            Route("/tickets/{ticket_id}/edit", self.edit, methods=["POST"]),
        ]

    async def change(self, request: Request) -> Response:
        """The form with the ticket in it; of one that is held or sold, why it cannot be changed.

        Raises:
            ApiError: there is no such ticket, or somebody else sells it.
        """
        visit = self._visits.of(request)
        if visit.session is None:
            return visit.sign_in_first()
        ticket = await self._ticket(request)
        if ticket.seller_id != visit.session.user_id:
            raise ApiError(NOT_THE_SELLER, status=403)
        if ticket.status != "available":
            return visit.page("held.html", ticket=ticket, watch=watched([ticket]))
        was = content_of(ticket.title, ticket.price)
        return form_page(visit, title=ticket.title, price=visit.texts.amount(ticket.price), was=was)

    async def edit(self, request: Request) -> Response:
        """Change a ticket; where it is no longer what the form began with, its seller is to see that first."""
        visit, form = self._visits.of(request), await read_form(self._visits, request)
        ticket, wish = await self._ticket(request), wish_of(visit, form)
        seller = visit.session.user_id if visit.session else None
        if ticket.seller_id == seller and form.text(WAS) and not _is_timely(form, wish, ticket):
            return overtaken(visit, form, ticket)
        return answered(visit, form, await self._api.ask(request, "PUT", f"/api/tickets/{ticket.id}", wish, form.key))

    async def _ticket(self, request: Request) -> ShownTicket:
        """The ticket of this address.

        Raises:
            ApiError: there is none.
        """
        ticket_id: ObjectId = id_from(request.path_params["ticket_id"], TICKET_NOT_FOUND)
        return ticket_of(await known_ticket(self._office.reads, ticket_id))


def _is_timely(form: Form, wish: dict[str, object], now: ShownTicket) -> bool:
    """Whether the ticket still is what the form began with, or already what it asks for: then it is sent again."""
    try:
        wanted = content_of(trimmed(str(wish["title"])), cents_of(wish["price"]))
    except ValueError:
        wanted = ""
    return content_of(now.title, now.price) in (form.text(WAS), wanted)
