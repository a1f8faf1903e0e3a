"""/api/tickets: what is on sale."""

import asyncio
from collections.abc import Sequence

from bson import ObjectId
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from actors.contract import (
    NOT_THE_SELLER,
    TICKET_EXISTS,
    TICKET_NOT_FOUND,
    TICKET_RESERVED,
    TICKETS,
    Command,
    CreateTicket,
    EditTicket,
    TicketReply,
)
from actors.runtime.coalescer import Coalescer
from serve_app import views
from serve_app.answers import Answer, answer, public, respond
from serve_app.body import read_body
from serve_app.fields import both, id_from, price_in, title_in
from serve_app.known import known_ticket
from serve_app.office import Office
from serve_app.openapi.describe import describe
from serve_app.operation import operation_for
from serve_app.page import Page
from serve_app.paging import next_link, page_in, tickets_on
from serve_app.refusals import (
    HIDDEN_TITLE,
    INVALID_AFTER,
    INVALID_AVAILABLE,
    INVALID_LIMIT,
    INVALID_PRICE,
    INVALID_SEARCH,
    INVALID_TITLE,
    OVERLOADED,
    SLOW_SEARCH,
)


class Tickets:
    """The handlers of tickets."""

    def __init__(self, office: Office) -> None:
        """Work in `office`."""
        self._office = office
        self._pages: Coalescer[Page, Answer] = Coalescer(self._plain_pages)

    def router(self) -> APIRouter:
        """Their routes."""
        router = APIRouter(prefix="/api/tickets", tags=["tickets"])
        bad_query = (INVALID_LIMIT, INVALID_AFTER, INVALID_AVAILABLE, INVALID_SEARCH)
        bad_fields = (INVALID_TITLE, HIDDEN_TITLE, INVALID_PRICE)
        router.add_api_route(
            "",
            self.list,
            **describe(
                "GET",
                "List tickets",
                (200, "Tickets"),
                refusals=(*bad_query, OVERLOADED, SLOW_SEARCH),
                reads=True,
                paged=True,
            ),
        )
        router.add_api_route(
            "",
            self.create,
            **describe(
                "POST",
                "Sell a ticket",
                (201, "Ticket"),
                body="TicketBody",
                refusals=(*bad_fields, TICKET_EXISTS),
                keyed=True,
            ),
        )
        router.add_api_route(
            "/{ticket_id}",
            self.show,
            **describe(
                "GET", "Show a ticket", (200, "Ticket"), refusals=(TICKET_NOT_FOUND,), reads=True, path=("ticket_id",)
            ),
        )
        router.add_api_route(
            "/{ticket_id}",
            self.edit,
            **describe(
                "PUT",
                "Edit a ticket",
                (200, "Ticket"),
                body="TicketBody",
                refusals=(*bad_fields, TICKET_RESERVED, NOT_THE_SELLER, TICKET_NOT_FOUND),
                keyed=True,
                path=("ticket_id",),
            ),
        )
        return router

    async def list(self, request: Request) -> Response:
        """List tickets, oldest first, held and sold ones too; the Link header leads to the next page.

        A search (`q`, `available`) that takes longer than two seconds is given up, and answered 503.
        """
        page = page_in(request.query_params)
        return respond(await (self._page(page) if page.is_search else self._pages.submit(page)))

    async def _plain_pages(self, pages: Sequence[Page]) -> Sequence[Answer | BaseException]:
        """Each page once, for all who asked for it before this began; a search may take long, and is nobody else's."""
        different = list(set(pages))
        answers = await asyncio.gather(*map(self._page, different), return_exceptions=True)
        answer_to = dict(zip(different, answers, strict=True))
        return [answer_to[page] for page in pages]

    async def _page(self, page: Page) -> Answer:
        shown, last = await tickets_on(page, self._office.reads)
        links = {"Link": next_link("/api/tickets", page, last)} if last else {}
        return public([views.ticket(document) for document in shown], **links)

    async def show(self, request: Request) -> Response:
        """Show one ticket."""
        document = await known_ticket(self._office.reads, _ticket_id(request))
        return respond(public(views.ticket(document)))

    async def create(self, request: Request) -> Response:
        """Put a ticket on sale."""
        session = self._office.sessions.required(request)
        body = await read_body(request)
        operation = operation_for(request, session, body)
        title, price = both(lambda: title_in(body), lambda: price_in(body))
        wish = CreateTicket(user_id=session.user_id, title=title, price=price)

        async def act() -> Answer:
            return await self._ask(201, operation.new_id, wish, operation.op)

        return respond(await self._office.idempotency.claimed(operation, act))

    async def edit(self, request: Request) -> Response:
        """Change a ticket that nobody holds; only its seller may."""
        session = self._office.sessions.required(request)
        ticket_id = _ticket_id(request)
        body = await read_body(request)
        operation = operation_for(request, session, body)
        title, price = both(lambda: title_in(body), lambda: price_in(body))
        wish = EditTicket(user_id=session.user_id, title=title, price=price)

        async def act() -> Answer:
            return await self._ask(200, ticket_id, wish, operation.op)

        return respond(await self._office.idempotency.claimed(operation, act))

    async def _ask(self, status: int, ticket_id: ObjectId, wish: Command, op: str) -> Answer:
        reply = await self._office.desk.ask(TICKETS, ticket_id, wish, op)
        assert isinstance(reply, TicketReply), f"{reply!r} is not about a ticket"
        return answer(status, views.ticket_of_reply(reply))


def _ticket_id(request: Request) -> ObjectId:
    return id_from(request.path_params["ticket_id"], TICKET_NOT_FOUND)
