"""Pages of tickets: what is on sale, and one of them."""

from bson import ObjectId
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from actors.contract import TICKET_NOT_FOUND
from serve_app.fields import id_from
from serve_app.known import known_ticket
from serve_app.office import Office
from serve_app.page import Page, Sort
from serve_app.paging import next_query, page_in, tickets_on
from serve_app.refusals import INVALID_AFTER, ApiError
from serve_app.web.seen import seen_in
from serve_app.web.shelf import ShownTicket, ticket_of
from serve_app.web.visits import Visits

TICKETS_MAX = 30
"""Tickets on a page: with the longest titles it still weighs less than 60 KB."""

OFFERS_MAX = 6
SORTS: tuple[Sort, ...] = ("newest", "oldest", "cheapest", "dearest")
BY_PRICE: tuple[Sort, ...] = ("cheapest", "dearest")


class TicketPages:
    """The pages of tickets."""

    def __init__(self, visits: Visits, office: Office) -> None:
        """Show what `office` reads."""
        self._visits = visits
        self._office = office

    def routes(self) -> list[Route]:
        """Their addresses."""
        return [
            Route("/", self.list, methods=["GET"]),
            Route("/tickets/{ticket_id}", self.show, methods=["GET"]),
        ]

    async def list(self, request: Request) -> Response:
        """Tickets, held and sold ones too, as the query string wants them."""
        visit, page = self._visits.of(request), page_of(request)
        found, last = await tickets_on(page, self._office.reads)
        tickets = [ticket_of(each) for each in found]
        more = f"/?{next_query(page, last, **sorting(page.sort, tickets[-1]))}" if last else ""
        return visit.page("tickets.html", tickets=tickets, page=page, more=more, sorts=SORTS, watch=watched(tickets))

    async def show(self, request: Request) -> Response:
        """One ticket; while it is held by somebody else, also what is left."""
        visit = self._visits.of(request)
        ticket_id = id_from(request.path_params["ticket_id"], TICKET_NOT_FOUND)
        ticket = ticket_of(await known_ticket(self._office.reads, ticket_id))
        offers = [] if ticket.status == "available" else await offers_of(self._office)
        watch = watched([ticket, *offers])
        return visit.page("ticket.html", ticket=ticket, offers=offers, watch=watch)


def page_of(request: Request) -> Page:
    """The page that a query string asks for; a form sends its empty fields too.

    Raises:
        ApiError: a parameter is wrong.
    """
    query = request.query_params
    asked = {name: value for name, value in query.items() if value and name in ("after", "available", "q")}
    page = page_in(type(query)(asked))
    sort = next((each for each in SORTS if each == query.get("sort")), SORTS[0])
    at = _at(query.get("at")) if sort in BY_PRICE else None
    return Page(limit=TICKETS_MAX, after=page.after, at=at, available=page.available, q=page.q, sort=sort)


def sorting(sort: Sort, last: ShownTicket) -> dict[str, str]:
    """How the page behind `last` is sorted; by price also from where on, for that of `last` may change meanwhile."""
    return {"sort": sort, "at": str(last.price)} if sort in BY_PRICE else {"sort": sort}


def _at(text: str | None) -> int | None:
    """The price in cents behind which a page begins.

    Raises:
        ApiError: it is none.
    """
    if not text:
        return None
    if not (cents := seen_in(text)):
        raise ApiError(INVALID_AFTER)
    return cents


async def offers_of(office: Office, but: ObjectId | None = None) -> list[ShownTicket]:
    """A few tickets that are to be had."""
    found = await office.reads.offers(OFFERS_MAX)
    return [ticket_of(each) for each in found if each["_id"] != but][:OFFERS_MAX]


def watched(tickets: list[ShownTicket]) -> str:
    """What the live stream of a page is about."""
    return ",".join(ticket.id for ticket in tickets)
